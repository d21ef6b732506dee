"""What is old goes: exchanges by age and by bytes, and with them the bodies and plans that no exchange needs any more.

Law of this file: in small transactions with a pause after each, so that no writer waits for long; whoever is stopped
half-way leaves a whole store. What stays: all counters (so reports say what they said), findings, the latest pair of
each field, tallies and the audit log.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from comparators import Verdict
from proxy.store import tables
from proxy.store.engine import Store, reading
from proxy.store.faults import FAULTS, unusable
from proxy.store.keep import Keep
from proxy.store.periods import DAY, MINUTE
from proxy.store.queries import total
from proxy.store.statements import AT_ONCE, delete_rows
from proxy.store.url import Database

PAUSE: Final = 0.12
"""Seconds after each transaction in which whoever waits to write gets its turn: SQLite looks every 100 ms."""

CHUNKS: Final = 4
"""How often AT_ONCE exchanges are removed in one transaction."""

PAGES: Final = 1000
"""Pages of an SQLite file that are given back to the disk in one transaction."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went, or would go: the exchanges that began before this moment (Unix seconds; None: nothing), and what they
    take up, about. `remaining`: bytes, about.
    """

    before: float | None
    exchanges: int
    bytes: int
    remaining: int


async def plan(url: str, keep: Keep, now: float) -> Pruned:
    """What `prune` would remove. Raises StoreError, and changes nothing."""
    async with reading(url) as connection:
        return await _plan(connection, keep, now)


async def prune(url: str, keep: Keep, now: float) -> Pruned:
    """Remove what is not to be kept. Raises StoreError; what was removed by then stays so."""
    found = await plan(url, keep, now)
    if found.before is None:
        return found
    store = Store(url)
    try:
        await _prune(store, found.before)
    except FAULTS as error:
        raise unusable(store.place, error) from error
    finally:
        await store.close()
    return found


async def _prune(store: Store, before: float) -> None:
    for verdict in Verdict:
        while await store.run(_delete_exchanges, verdict.value, before):
            await asyncio.sleep(PAUSE)
    while await store.run(_delete_bodies):
        await asyncio.sleep(PAUSE)
    await store.run(_delete_rest, before)
    if store.place.database is Database.SQLITE:
        while await store.run(_give_back):
            await asyncio.sleep(PAUSE)


async def _plan(connection: AsyncConnection, keep: Keep, now: float) -> Pruned:
    sizes = tables.volumes.c
    whole = int(await connection.scalar(select(total(sizes.bytes))) or 0)
    before = await _cut(connection, keep, now, whole)
    oldest = await connection.run_sync(_oldest)
    if before is None or oldest is None or oldest >= before:
        return Pruned(None, 0, 0, whole)
    gone = select(total(sizes.exchanges), total(sizes.bytes)).where(sizes.start < before - MINUTE)
    number, size = (await connection.execute(gone)).one()
    last = select(sizes.start, sizes.exchanges, sizes.bytes).where(sizes.start >= before - MINUTE, sizes.start < before)
    for start, more, bytes_ in await connection.execute(last):
        share = min(1.0, (before - start) / MINUTE)
        number, size = number + round(share * more), size + round(share * bytes_)
    return Pruned(before, number, size, whole - size)


async def _cut(connection: AsyncConnection, keep: Keep, now: float, whole: int) -> float | None:
    """The moment before which nothing is kept."""
    cuts = [] if keep.seconds is None else [now - keep.seconds]
    if keep.bytes is not None and whole > keep.bytes:
        excess, sizes = whole - keep.bytes, tables.volumes.c
        for start, size in await connection.execute(select(sizes.start, sizes.bytes).order_by(sizes.start)):
            excess -= size
            if excess <= 0:
                cuts.append(float(start + MINUTE))
                break
    return max(cuts, default=None)


def _oldest(connection: Connection) -> float | None:
    """When the oldest exchange began: one look into the index for each verdict."""
    columns = tables.exchanges.c
    moments = [
        connection.scalar(select(func.min(columns.started_at)).where(columns.verdict == verdict.value))
        for verdict in Verdict
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def _delete_exchanges(connection: Connection, verdict: str, before: float) -> bool:
    """Whether there may be more."""
    return all(_delete_some(connection, verdict, before) == AT_ONCE for _ in range(CHUNKS))


def _delete_some(connection: Connection, verdict: str, before: float) -> int:
    columns = tables.exchanges.c
    old = select(columns.id).where(columns.verdict == verdict, columns.started_at < before)
    ids = list(connection.execute(old.order_by(columns.started_at).limit(AT_ONCE)).scalars())
    if ids:
        delete_rows(connection, tables.observations.c.exchange_id, ids)
        delete_rows(connection, tables.differences.c.exchange_id, ids)
        delete_rows(connection, columns.id, ids)
    return len(ids)


def _delete_bodies(connection: Connection) -> int:
    """Those that no exchange needs: each is kept until a moment that no exchange of its is younger than."""
    columns, oldest = tables.bodies.c, _oldest(connection)
    orphans = select(columns.digest)
    if oldest is not None:
        orphans = orphans.where(columns.until < oldest)
    digests: list[Any] = list(connection.execute(orphans.order_by(columns.until).limit(AT_ONCE)).scalars())
    if digests:
        delete_rows(connection, columns.digest, digests)
    return len(digests)


def _delete_rest(connection: Connection, before: float) -> None:
    oldest = _oldest(connection)
    plans, volumes = tables.plans, tables.volumes
    needed = before if oldest is None else min(before, oldest)
    connection.execute(plans.delete().where(plans.c.until < needed - DAY))  # a writer relies on those of late
    connection.execute(volumes.delete().where(volumes.c.start <= before - MINUTE))


def _give_back(connection: Connection) -> bool:
    """Whether there is more to be given back."""
    before = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA incremental_vacuum({PAGES})")
    cursor.fetchall()  # each step gives back one page
    cursor.close()
    return 0 < int(connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()) < int(before)
