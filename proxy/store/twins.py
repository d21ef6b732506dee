"""Twins and sandboxes at rest: what all runners know of entities, and who must not be written to.

Law of this file: what is known of an entity is only ever added to: the first twin, the first gap and the first finding
stay, whoever writes. No id of the primary is here (twin.py).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Final, TypeVar

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.evidence.entry import Entry
from proxy.store.audit import append_in
from proxy.store.engine import Store
from proxy.store.faults import FAULTS, unusable
from proxy.store.tables import sandboxes, twins
from proxy.store.twin import Sandbox, Twin

MOST: Final = 1_000_000
"""Entities that are kept; the oldest go first."""
KEPT: Final = 90 * 86_400.0
"""Seconds that an entity is kept after its last change."""
_BATCH: Final = 500

T = TypeVar("T")


class Twins:
    """The twins of one store. Each call raises StoreError or DatabaseError where it cannot be reached."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def close(self) -> None:
        await self._store.close()

    async def load(self, backend: str, tokens: Collection[str]) -> Sequence[Twin]:
        """What is kept of these entities."""
        async with self._store.looking() as connection:
            return list((await _rows(connection, [(backend, token) for token in tokens])).values())

    async def taken(self, backend: str, twin_tokens: Collection[str]) -> frozenset[str]:
        """Those of these tokens of a sandbox's ids that are some entity's twin already."""
        found: set[str] = set()
        async with self._store.looking() as connection:
            for some in _batches(list(twin_tokens)):
                wanted = select(twins.c.twin_token).where(twins.c.backend == backend, twins.c.twin_token.in_(some))
                found.update((await connection.execute(wanted)).scalars())
        return frozenset(found)

    async def save(self, rows: Sequence[Twin], gaps: Mapping[str, float]) -> None:
        """Keep these; what is kept already of one entity stays. `gaps`: since when all of a backend have one."""
        async with self._store.writing() as connection:
            await _merge(connection, rows)
            for backend, at in gaps.items():
                known = await _sandbox(connection, backend)
                await _keep(connection, replace(known, gap_at=max(at, known.gap_at or 0.0)))

    async def sandboxes(self) -> list[Sandbox]:
        """All of which anything is known."""
        async with self._store.looking() as connection:
            return [Sandbox(*row) for row in await connection.execute(select(sandboxes))]

    async def stop(self, backend: str, at: float, reason: str) -> None:
        """It must not be written to until it is armed again."""
        async with self._store.writing() as connection:
            known = await _sandbox(connection, backend)
            if known.stopped is None:
                await _keep(connection, replace(known, stopped=at, reason=reason))

    async def prune(self, now: float) -> int:
        """Forget what is old or too much; how many that were."""
        async with self._store.writing() as connection:
            gone = (await connection.execute(delete(twins).where(twins.c.at < now - KEPT))).rowcount
            number = await connection.scalar(select(func.count()).select_from(twins)) or 0
            if number > MOST:
                edge = await connection.scalar(select(twins.c.at).order_by(twins.c.at).offset(number - MOST).limit(1))
                gone += (await connection.execute(delete(twins).where(twins.c.at < edge))).rowcount
            return gone


async def rearm(url: str, backend: str, entry: Entry | None) -> Sandbox | None:
    """Arm a backend again, with an entry in the audit log; how it stood, None if nothing is known of it. Without an
    entry nothing is changed. Raises StoreError.
    """
    store = Store(url)
    try:
        async with store.writing() as connection:
            known = await _sandbox(connection, backend)
            if known.stopped is not None and entry is not None:
                await rearm_in(connection, backend)
                await append_in(connection, entry)
            return known if known.stopped is not None else None
    except FAULTS as error:
        raise unusable(store.place, error) from error
    finally:
        await store.close()


async def rearm_in(connection: AsyncConnection, backend: str) -> Sandbox | None:
    """Arm a backend again, in a transaction that the caller began and commits; how it stood, None if it was armed."""
    known = await _sandbox(connection, backend)
    if known.stopped is None:
        return None
    await _keep(connection, replace(known, stopped=None, reason=None))
    return known


async def _merge(connection: AsyncConnection, rows: Sequence[Twin]) -> None:
    known = await _rows(connection, [(row.backend, row.token) for row in rows])
    fresh = [row for row in rows if (row.backend, row.token) not in known]
    for some in _batches(fresh):
        await connection.execute(insert(twins), [asdict(row) for row in some])
    for row in rows:
        before = known.get((row.backend, row.token))
        if before is not None and (after := joined(before, row)) != before:
            place = (twins.c.backend == row.backend, twins.c.token == row.token)
            await connection.execute(update(twins).where(*place).values(asdict(after)))


def joined(before: Twin, row: Twin) -> Twin:
    """What is known of an entity, and this besides: what came first stays."""
    has_twin = before.twin is not None
    return replace(
        before,
        twin=before.twin if has_twin else row.twin,
        twin_token=before.twin_token if has_twin else row.twin_token,
        gap=before.gap or row.gap,
        finding=before.finding or row.finding,
        at=before.at if has_twin or row.twin is None else row.at,
    )


async def _rows(connection: AsyncConnection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Twin]:
    found: dict[tuple[str, str], Twin] = {}
    by_backend: dict[str, list[str]] = {}
    for backend, token in keys:
        by_backend.setdefault(backend, []).append(token)
    for backend, tokens in by_backend.items():
        for some in _batches(tokens):
            wanted = select(twins).where(twins.c.backend == backend, twins.c.token.in_(some))
            for row in await connection.execute(wanted):
                found[row.backend, row.token] = Twin(*row)
    return found


async def _sandbox(connection: AsyncConnection, backend: str) -> Sandbox:
    row = (await connection.execute(select(sandboxes).where(sandboxes.c.backend == backend))).first()
    return Sandbox(*row) if row is not None else Sandbox(backend, None, None, None)


async def _keep(connection: AsyncConnection, sandbox: Sandbox) -> None:
    values = asdict(sandbox)
    known = await connection.execute(update(sandboxes).where(sandboxes.c.backend == sandbox.backend).values(values))
    if not known.rowcount:
        await connection.execute(insert(sandboxes).values(values))


def _batches(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
