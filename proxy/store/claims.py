"""Claims at rest: one transaction at a time, on disk before it returns.

Law of this file: what is decided is decided elsewhere, within a transaction that sees and changes the rows alone. A
claim waits for nothing but its own commit: no evidence is written to this file (url.claims_url).
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
from sqlalchemy import (
    BindParameter,
    Connection,
    Delete,
    Row,
    Select,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from proxy.messages import System
from proxy.store.claimed import OwnerRow, PinRow, PinState, Recording, UnknownRow
from proxy.store.engine import Store
from proxy.store.faults import FAULTS, unusable
from proxy.store.tables import owners, pins, recordings, unknown_outcomes
from proxy.store.upgrade import CLAIMS

AT_ONCE: Final = 500
"""Rows that one statement names."""

Transaction: TypeAlias = Connection
"""One in which rows are read and changed."""

T = TypeVar("T")

_VALUES: Final[BindParameter[Any]] = bindparam("values", expanding=True)
_PINS: Final = select(pins).where(pins.c.key.in_(_VALUES))
_OWNERS: Final = select(owners).where(owners.c.id.in_(_VALUES))
_UNKNOWNS: Final = select(unknown_outcomes).where(unknown_outcomes.c.holder.in_(_VALUES))
_ADD_PIN: Final = insert(pins)
_CHANGE_PIN: Final = (
    update(pins)
    .where(pins.c.key == bindparam("its_key"))
    .values({column: bindparam(f"its_{column.name}") for column in pins.c if column.name != "key"})
)
_FORGET_PINS: Final = delete(pins).where(pins.c.key.in_(_VALUES))
_FORGET_OWNERS: Final = delete(owners).where(owners.c.id.in_(_VALUES))
_FORGET_RECORDINGS: Final = delete(recordings).where(recordings.c.route.in_(_VALUES))
"""Made once: what a claim waits for is not to make a statement."""


class ClaimStore:
    """The claims of one URL. On a server they have a lock of their own."""

    def __init__(self, url: str) -> None:
        self._store = Store(url, CLAIMS)

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """What `work` gives, once all that it changed is on disk. Raises StoreError: then nothing is changed."""
        try:
            return await self._store.run(work)
        except FAULTS as error:
            raise unusable(self._store.place, error) from error

    async def close(self) -> None:
        await self._store.close()


def once(url: str, work: Callable[[Transaction], T]) -> T:
    """As `transact`, where no loop runs."""

    async def worked() -> T:
        store = ClaimStore(url)
        try:
            return await store.transact(work)
        finally:
            await store.close()

    return asyncio.run(worked())


def load_pins(connection: Connection, keys: Collection[str]) -> dict[str, PinRow]:
    """The pins of these keys, also those whose time is over."""
    return {row.key: _pin(row) for row in _named(connection, _PINS, keys)}


def load_owners(connection: Connection, ids: Collection[str]) -> dict[str, OwnerRow]:
    return {row.id: _owner(row) for row in _named(connection, _OWNERS, ids)}


def held_pins(connection: Connection) -> list[PinRow]:
    """The pins that requests are on their way with."""
    return [_pin(row) for row in connection.execute(select(pins).where(pins.c.held > 0))]


def find_pins(connection: Connection, limit: int, token: str | None = None, route: str | None = None) -> list[PinRow]:
    """The youngest first, at most `limit`."""
    wanted = select(pins).order_by(pins.c.created.desc()).limit(limit)
    if token is not None:
        wanted = wanted.where(pins.c.token == token)
    if route is not None:
        wanted = wanted.where(pins.c.route == route)
    return [_pin(row) for row in connection.execute(wanted)]


def count_pins(connection: Connection) -> int:
    return int(connection.scalar(select(func.count()).select_from(pins)) or 0)


def prune_pins(connection: Connection, before: float, limit: int = AT_ONCE) -> int:
    """Forgets pins whose time was over then, and that no request is on its way with; how many that was."""
    ended = select(pins.c.key).where(pins.c.expires < before, pins.c.held == 0).limit(limit)
    keys = [row.key for row in connection.execute(ended)]
    _forget(connection, _FORGET_PINS, keys)
    return len(keys)


def save_pins(connection: Connection, changed: Mapping[str, PinRow | None], known: Collection[str]) -> None:
    """Puts these in place of what is kept of their keys; None: nothing any more. `known`: the keys that are there."""
    rows = [_pin_values(row) for row in changed.values() if row is not None]
    added, kept = [row for row in rows if row["key"] not in known], [row for row in rows if row["key"] in known]
    if added:
        connection.execute(_ADD_PIN, added)
    if kept:
        connection.execute(_CHANGE_PIN, [{f"its_{name}": value for name, value in row.items()} for row in kept])
    _forget(connection, _FORGET_PINS, [key for key, row in changed.items() if row is None])


def save_owners(connection: Connection, changed: Mapping[str, OwnerRow | None]) -> None:
    _forget(connection, _FORGET_OWNERS, changed)
    rows = [msgspec.structs.asdict(row) for row in changed.values() if row is not None]
    if rows:
        connection.execute(insert(owners), rows)


def owner_counts(connection: Connection) -> list[tuple[str, System, str, int, int]]:
    """(entity, system, backend, ids, those disputed)."""
    disputed = func.sum(case((owners.c.is_disputed, 1), else_=0))
    keys = (owners.c.entity, owners.c.system, owners.c.backend)
    wanted = select(*keys, func.count(), disputed).group_by(*keys).order_by(*keys)
    return [(row[0], System(row[1]), row[2], row[3], int(row[4] or 0)) for row in connection.execute(wanted)]


def owned_before(connection: Connection, entity: str, system: System, before: float, limit: int) -> list[OwnerRow]:
    """Ids that a system owns since a moment before this one; a part of them, the oldest first."""
    wanted = select(owners).where(owners.c.entity == entity, owners.c.system == system, owners.c.at < before)
    return [_owner(row) for row in connection.execute(wanted.order_by(owners.c.at).limit(limit))]


def move_owners(connection: Connection, ids: Collection[str], system: System, backend: str) -> None:
    """These ids are another system's from now on; a dispute about them is over."""
    values = {"system": system, "backend": backend, "is_disputed": False}
    for part in _parts(ids):
        connection.execute(update(owners).where(owners.c.id.in_(part)).values(**values))


def holds(connection: Connection, *, route: str | None, backend: str | None) -> tuple[int, int, int]:
    """How many pins, owned ids (of a backend alone) and unknown outcomes need a route or a backend."""
    found = [
        _count(connection, table, {"route": route, "backend": backend}, resolved)
        for table, resolved in ((pins, False), (owners, False), (unknown_outcomes, True))
    ]
    return found[0], 0 if backend is None else found[1], found[2]


def _count(connection: Connection, table: Table, wanted: Mapping[str, str | None], resolved: bool) -> int:
    statement = select(func.count()).select_from(table)
    for column, value in wanted.items():
        if value is not None and column in table.c:
            statement = statement.where(table.c[column] == value)
    if resolved:
        statement = statement.where(table.c.resolved_at.is_(None))
    return int(connection.scalar(statement) or 0)


def save_unknowns(connection: Connection, rows: Iterable[UnknownRow]) -> None:
    """Adds these; one that is there already stays as it is."""
    found = {row.holder: row for row in rows}
    known = {row.holder for row in _named(connection, _UNKNOWNS, found)}
    added = [msgspec.structs.asdict(row) for holder, row in found.items() if holder not in known]
    if added:
        connection.execute(insert(unknown_outcomes), added)


def find_unknowns(connection: Connection, limit: int, *, resolved: bool = False) -> list[UnknownRow]:
    """Outcomes that nobody knows, the oldest first; with `resolved` also those that were."""
    wanted = select(unknown_outcomes).order_by(unknown_outcomes.c.at).limit(limit)
    if not resolved:
        wanted = wanted.where(unknown_outcomes.c.resolved_at.is_(None))
    return [_unknown(row) for row in connection.execute(wanted)]


def count_unknowns(connection: Connection) -> dict[str, int]:
    """Those not resolved, by route."""
    wanted = select(unknown_outcomes.c.route, func.count()).where(unknown_outcomes.c.resolved_at.is_(None))
    return {row[0]: row[1] for row in connection.execute(wanted.group_by(unknown_outcomes.c.route))}


def resolve_unknown(connection: Connection, holder: str, resolution: str, by: str, at: float) -> bool:
    """Whether there was one of this request that was not resolved yet."""
    column = unknown_outcomes.c
    changed = unknown_outcomes.update().where(column.holder == holder, column.resolved_at.is_(None))
    values = {"resolution": resolution, "resolved_by": by, "resolved_at": at}
    return bool(connection.execute(changed.values(**values)).rowcount)


def recorded(connection: Connection) -> dict[str, Recording]:
    """By route."""
    return {row.route: Recording(row.route, row.rule, row.since) for row in connection.execute(select(recordings))}


def record(connection: Connection, rules: Mapping[str, str], now: float) -> None:
    """These routes' writes are pinned by these rules, and no others. What is recorded already goes on."""
    known = recorded(connection)
    gone = [route for route, each in known.items() if rules.get(route) != each.rule]
    _forget(connection, _FORGET_RECORDINGS, gone)
    begun = [
        {"route": route, "rule": rule, "since": now}
        for route, rule in rules.items()
        if route in gone or route not in known
    ]
    if begun:
        connection.execute(insert(recordings), begun)


def _named(connection: Connection, statement: Select[Any], values: Iterable[str]) -> Iterator[Row[Any]]:
    for part in _parts(values):
        yield from connection.execute(statement, {"values": part})


def _forget(connection: Connection, statement: Delete, values: Iterable[str]) -> None:
    for part in _parts(values):
        connection.execute(statement, {"values": part})


def _parts(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while part := list(islice(rest, AT_ONCE)):
        yield part


def _pin(row: Row[Any]) -> PinRow:
    holders = tuple(row.holders.split()) if row.holders else ()
    return PinRow(
        row.key,
        row.token,
        System(row.system),
        row.backend,
        row.route,
        PinState(row.state),
        row.body,
        holders,
        row.created,
        row.expires,
    )


def _pin_values(row: PinRow) -> dict[str, object]:
    return {**msgspec.structs.asdict(row), "holders": " ".join(row.holders), "held": len(row.holders)}


def _owner(row: Row[Any]) -> OwnerRow:
    return OwnerRow(row.id, row.entity, System(row.system), row.backend, bool(row.is_disputed), row.at)


def _unknown(row: Row[Any]) -> UnknownRow:
    holder, token, system, backend, route, detail, at, *resolved = list(row)
    return UnknownRow(holder, token, System(system), backend, route, detail, at, *resolved)
