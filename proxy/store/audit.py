"""The audit log: what was done to where payments go, each entry with the hash of the one before.

Law of this file: rows are only ever added, each in one transaction together with the record of the chain's end, which
`meta` keeps so that rows cut off at the end are missed. Nothing here mends a log: after a cut, or a last row that was
replaced, the next entry follows what was recorded as the end, so that the fault stays visible.

Whoever may write to the file can rewrite all of it, and the record of the end: see proxy/evidence/chain.py for what
helps against that.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, LargeBinary, Row, Select, case, cast, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.evidence.chain import FIRST, Chain, Fault, Head, Link, linked
from proxy.evidence.entry import DETAILS, Action, Entry
from proxy.store.engine import Store, reading
from proxy.store.faults import FAULTS, is_conflict, unusable
from proxy.store.tables import audit, meta

__all__ = ["Action", "AuditLog", "Entry", "append", "append_in", "open_audit"]

TRIES: Final = 5
"""How often an entry is tried to be added; each waits for other writers as long as the store does."""

BATCH: Final = 500
"""Rows that are held at once."""

_END: Final = "audit_end"
_MOST_BYTES: Final = 4 * DETAILS + 1
_TEXTS: Final = tuple(str(column.name) for column in audit.columns if column.name not in ("number", "at"))


async def append(
    store_url: str, entry: Entry, besides: Callable[[AsyncConnection], Awaitable[None]] | None = None
) -> int:
    """Add an entry, and give its number, when it is on disk. `besides`: what is written with it or not at all. Raises
    StoreError: then it is not in the log.
    """
    store = Store(store_url)
    try:
        for remaining in range(TRIES - 1, -1, -1):
            try:
                async with store.writing() as connection:
                    if besides is not None:
                        await besides(connection)
                    return await append_in(connection, entry)
            except FAULTS as error:
                if not remaining or not is_conflict(error):
                    raise unusable(store.place, error) from error
        raise AssertionError("the last try returns or raises")
    finally:
        await store.close()


async def append_in(connection: AsyncConnection, entry: Entry) -> int:
    """Add an entry in a transaction of `Store.writing`, which the caller commits; gives its number."""
    end = await _end(connection) or Head(0, FIRST)
    last = await connection.scalar(select(func.max(audit.c.number)))
    link = linked(entry, max(end.number or 0, last or 0) + 1, end.hash)
    await connection.execute(insert(audit).values(msgspec.structs.asdict(link)))
    value = msgspec.json.encode([link.number, link.hash])
    await _keep_end(connection, value)
    return link.number


class AuditLog:
    """The log, as it stood at one moment."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def latest(
        self, limit: int, action: str | None = None, subject: str | None = None, since: float | None = None
    ) -> list[tuple[int, Link | None]]:
        """The youngest rows first, at most `limit`. Unverified; None: what stands there is no entry."""
        wanted = _rows(self._connection).order_by(audit.c.number.desc()).limit(limit)
        if action is not None:
            wanted = wanted.where(audit.c.action == action)
        if subject is not None:
            wanted = wanted.where(audit.c.subject == subject)
        if since is not None:
            wanted = wanted.where(audit.c.at >= since)
        return [_read(row) for row in await self._connection.execute(wanted)]

    async def rows(self) -> AsyncIterator[tuple[int, Link | None]]:
        """All rows by their numbers."""
        wanted = _rows(self._connection).order_by(audit.c.number).limit(BATCH)
        batch = list(await self._connection.execute(wanted))
        while batch:
            for row in batch:
                yield _read(row)
            batch = list(await self._connection.execute(wanted.where(audit.c.number > batch[-1].number)))

    async def verify(
        self, chain: Chain, seen: Callable[[int, Link | None], object] = lambda _, __: None
    ) -> AsyncIterator[Fault]:
        """What is wrong with the log, in the order of its rows, each of which is `seen`. `chain` is new; it knows the
        head afterwards.
        """
        async for number, link in self.rows():
            seen(number, link)
            for fault in chain.take(number, link):
                yield fault
        for fault in [*chain.ends(await _end(self._connection)), *chain.lacks()]:
            yield fault


@asynccontextmanager
async def open_audit(url: str) -> AsyncIterator[AuditLog]:
    """The log in the store at this URL. Raises StoreError, for which a command exits 3."""
    async with reading(url) as connection:
        yield AuditLog(connection)


async def _end(connection: AsyncConnection) -> Head | None:
    """The record of the chain's end; None if there is none that can be read."""
    value = await connection.scalar(select(cast(meta.c.value, LargeBinary)).where(meta.c.name == _END))
    try:
        return Head(*msgspec.json.decode(value, type=tuple[int, str])) if value is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


async def _keep_end(connection: AsyncConnection, value: bytes) -> None:
    known = await connection.execute(meta.update().where(meta.c.name == _END).values(value=value))
    if not known.rowcount:
        await connection.execute(insert(meta).values(name=_END, value=value))


def _rows(connection: AsyncConnection) -> Select[Any]:
    """Each column, texts with their type and no longer than entries are: a row that was tampered with may hold
    anything in SQLite, of any size, and what its column takes elsewhere.
    """
    if connection.dialect.name == "sqlite":
        at = case((func.typeof(audit.c.at) == "real", audit.c.at))
        texts = [
            each
            for column in map(audit.columns.__getitem__, _TEXTS)
            for each in (func.typeof(column), func.substr(cast(column, LargeBinary), 1, _MOST_BYTES))
        ]
        return select(audit.c.number, at, *texts)
    known: list[ColumnElement[Any]] = [
        each
        for column in map(audit.columns.__getitem__, _TEXTS)
        for each in (case((column.is_(None), "null"), else_="text"), func.substr(column, 1, _MOST_BYTES))
    ]
    return select(audit.c.number, audit.c.at, *known)


def _read(row: Row[Any]) -> tuple[int, Link | None]:
    number, at, *rest = list(row)
    held: dict[str, object] = {"number": number, "at": at}
    try:
        for name, kind, value in zip(_TEXTS, rest[::2], rest[1::2], strict=True):
            held[name] = _held(kind, value)
        return number, msgspec.convert(held, Link)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return number, None


def _held(kind: str, value: str | bytes | None) -> str | bytes | None:
    """What a column holds, by its type in SQLite, which gives no bytes for a part of none."""
    if kind == "text":
        return (value or b"").decode() if isinstance(value, bytes | None) else value
    return None if kind == "null" else value or b""
