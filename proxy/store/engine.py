"""The store's file, open: its settings, and finding out that it is no longer there.

Law of this file: a commit is on disk before it returns (WAL, synchronous=FULL), and a file that was removed or replaced
is never written to through an old descriptor, where nobody would find it.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, event, select
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from proxy.store.errors import StoreError
from proxy.store.tables import SCHEMA, meta
from proxy.store.upgrade import newer, schema_of, unusable, upgrade
from proxy.store.url import sqlite_path

_BUSY_MS = 2_000


class Store:
    """A file that may come and go. Opened on first use; opened again when it was removed or replaced."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = sqlite_path(url)
        self.salt = b""
        self._engine: AsyncEngine | None = None
        self._file: tuple[int, int] | None = None

    async def open(self) -> AsyncEngine:
        """Make or upgrade the file as needed. Raises StoreError."""
        await self.close()
        await asyncio.to_thread(upgrade, self.url)
        self._file = self._identity()
        self._engine = _engine(self.path, f"PRAGMA busy_timeout = {_BUSY_MS}", "PRAGMA synchronous = FULL")
        async with self._engine.connect() as connection:
            found = await connection.execute(select(meta.c.value).where(meta.c.name == "salt"))
            self.salt = found.scalar_one()
        return self._engine

    async def close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    @property
    def is_current(self) -> bool:
        """Whether it is open, and on the file that has its name now."""
        return self._engine is not None and self._file is not None and self._identity() == self._file

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that excludes other writers; committed at the end. Raises StoreError and DatabaseError."""
        engine = self._engine if self.is_current else None
        async with (engine or await self.open()).connect() as connection:
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            await connection.commit()

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_dev, found.st_ino


async def open_store(url: str) -> Store:
    """An open store, made or upgraded if need be. Raises StoreError, for which a command exits 3."""
    store = Store(url)
    await store.open()
    return store


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection that only reads, and sees one moment of the store. Raises StoreError."""
    path = sqlite_path(url)
    if not path.exists():
        raise StoreError(f"there is no store at {path}", "--store", "start `strangler serve` first, or name its file")
    engine = _engine(path, f"PRAGMA busy_timeout = {_BUSY_MS}", "PRAGMA query_only = ON")
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql("BEGIN")
            await connection.run_sync(_require_schema, path)
            yield connection
    except DatabaseError as error:
        raise unusable(path, error) from error
    finally:
        await engine.dispose()


def _require_schema(connection: Connection, path: Path) -> None:
    found = schema_of(connection)
    if found is None:
        raise StoreError(f"{path} is no store of strangler", "--store", "name the file that `strangler serve` writes")
    if found > SCHEMA:
        raise newer(path, found)
    if found < SCHEMA:
        raise StoreError(f"the store {path} has the older schema {found}", "an upgrade", "run `strangler db upgrade`")


def _engine(path: Path, *pragmas: str) -> AsyncEngine:
    engine = create_async_engine(URL.create("sqlite+aiosqlite", database=str(path)), pool_size=1, max_overflow=0)

    def prepare(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    return engine
