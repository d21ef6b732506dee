"""The store, open: its settings, one writer at a time, and finding out that it is no longer there.

Law of this file: a commit is on disk before it returns. Whoever writes holds the store for itself from the beginning to
the end of its transaction, on each database: what was read in it stays true until it is written. And a file that was
removed or replaced is never written to through an old descriptor, where nobody would find it.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from proxy.store.connecting import engine_of, threaded_engine_of
from proxy.store.errors import StoreError
from proxy.store.faults import FAULTS, concerns_record, unusable
from proxy.store.tables import SCHEMA, meta
from proxy.store.upgrade import SALT, WRITER, newer, schema_of, upgrade
from proxy.store.url import Database, Place, parse_url

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE: Final = 30.0
"""Seconds for a transaction on a server; one that takes longer is given up, with its connection."""


class Store:
    """A place that may come and go. Opened on first use; opened again when its file was removed or replaced, or the
    server failed. `lock`: the row that its writers exclude each other by, on a server.
    """

    def __init__(self, url: str, lock: str = WRITER) -> None:
        self.url, self._lock = url, lock
        self.place = parse_url(url)
        self.salt = b""
        self._engine: AsyncEngine | None = None
        self._thread: WriterThread | None = None
        self._file: tuple[int, int] | None = None

    async def open(self) -> AsyncEngine:
        """Make or upgrade it as needed. Raises StoreError."""
        await self.close()
        await upgrade(self.url)
        self._file = self._identity()
        engine = engine_of(self.place, is_writer=True)
        try:
            async with engine.connect() as connection:
                found = await connection.execute(select(meta.c.value).where(meta.c.name == SALT))
                self.salt = bytes(found.scalar_one())
        except FAULTS as error:
            await engine.dispose()
            raise unusable(self.place, error) from error
        self._engine = engine
        if self.place.path is not None:
            self._thread = WriterThread(self.place)
        return engine

    async def close(self) -> None:
        engine, self._engine = self._engine, None
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.close()
        if engine is not None:
            await engine.dispose()

    @property
    def is_current(self) -> bool:
        """Whether it is open, and on the file that has its name now."""
        if self.place.path is None:
            return self._engine is not None
        return self._engine is not None and self._file is not None and self._identity() == self._file

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that excludes other writers; committed at the end. Raises StoreError, and one of FAULTS."""
        engine = self._engine if self.is_current else None
        try:
            async with (
                asyncio.timeout(None if self.place.path else PATIENCE),
                (engine or await self.open()).connect() as connection,
            ):
                await _exclude_others(connection, self.place, self._lock)
                yield connection
                await connection.commit()
        except FAULTS as error:
            if self.place.path is None and not concerns_record(error):
                await self.close()
            raise

    async def run(self, work: Callable[Concatenate[Connection, P], T], *arguments: P.args, **named: P.kwargs) -> T:
        """The same for work that is no coroutine, and made of many statements: on a file it runs in a thread of its
        own, which costs a tenth of a hop to a thread for each statement.
        """
        if self.place.path is None:
            async with self.writing() as connection:
                return await connection.run_sync(work, *arguments, **named)
        if not self.is_current:
            await self.open()
        assert self._thread is not None
        return await self._thread.run(lambda connection: work(connection, *arguments, **named))

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with; writers are not in its way. Raises StoreError and DatabaseError."""
        engine = self._engine if self.is_current else None
        async with (engine or await self.open()).connect() as connection:
            yield connection

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.place.path or "")
        except OSError:
            return None
        return found.st_dev, found.st_ino


class WriterThread:
    """One thread with one connection to an SQLite file."""

    def __init__(self, place: Place) -> None:
        self._engine = threaded_engine_of(place)
        self._executor = ThreadPoolExecutor(1, "store")

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._transaction, work)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, self._engine.dispose)
        self._executor.shutdown()

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            result = work(connection)
            connection.commit()
            return result


async def open_store(url: str) -> Store:
    """An open store, made or upgraded if need be. Raises StoreError, for which a command exits 3."""
    store = Store(url)
    await store.open()
    return store


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection that only reads, and sees one moment of the store. Raises StoreError."""
    place = parse_url(url)
    if place.path is not None and not place.path.exists():
        raise StoreError(
            f"there is no store at {place.shown}", "--store", "start `strangler serve` first, or name its file"
        )
    engine = engine_of(place, is_writer=False)
    try:
        async with engine.connect() as connection:
            await _begin_reading(connection, place)
            await connection.run_sync(_require_schema, place)
            yield connection
    except FAULTS as error:
        raise unusable(place, error) from error
    finally:
        await engine.dispose()


async def _exclude_others(connection: AsyncConnection, place: Place, lock: str) -> None:
    if place.database is Database.SQLITE:
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        await connection.execute(select(meta.c.name).where(meta.c.name == lock).with_for_update())


async def _begin_reading(connection: AsyncConnection, place: Place) -> None:
    if place.database is Database.SQLITE:
        await connection.exec_driver_sql("BEGIN")
    elif place.database is Database.MYSQL:
        await connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def _require_schema(connection: Connection, place: Place) -> None:
    found = schema_of(connection)
    if found is None:
        raise StoreError(
            f"{place.shown} is no store of strangler", "--store", "name the one that `strangler serve` writes"
        )
    if found > SCHEMA:
        raise newer(place, found)
    if found < SCHEMA:
        what = f"the store {place.shown} has the older schema {found}"
        raise StoreError(what, "an upgrade", "run `strangler db upgrade`")
