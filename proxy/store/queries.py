"""The read side of the store.

Law of this file: a report is made from counts and examples; exchanges are read one by one, by their id.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Row, Select, Table, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from comparators import Difference, Verdict
from proxy.messages import System
from proxy.store import tables
from proxy.store.answers import Finding, ReasonCount, Report, StoredExchange
from proxy.store.engine import reading
from proxy.store.periods import DAY, MINUTE, covering, start_of
from proxy.store.reporting import FieldSum, RouteSums, reason_counts, route_reports, unaccounted
from proxy.store.stored import load_differences, load_exchange


class Queries:
    """Answers from one moment of a store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def report(self, since: float | None = None, route: str | None = None) -> Report:
        """What was compared since then (rounded down to a minute), on one route or all."""
        since = None if since is None else float(start_of(MINUTE, since))
        routes: defaultdict[str, RouteSums] = defaultdict(RouteSums)
        for row in await self._sums(tables.verdict_counts, since, route):
            routes[row.route].add_verdict(Verdict(row.verdict), row.reason, row.count_)
        for row in await self._sums(tables.failure_counts, since, route):
            routes[row.route].failures[System(row.system), row.kind] = row.count_
        for row in await self._sums(tables.latency_counts, since, route):
            routes[row.route].latencies[System(row.system)][row.bucket] = row.count_
        for row in await self._fields(since, route):
            routes[row.route].fields.append(_field_sum(row))
        first, last = await self._span(route)
        dropped, lost = await self._dropped(since), await self._unaccounted()
        return Report(since, first, last, route_reports(routes), dropped, route, lost)

    async def routes(self) -> tuple[str, ...]:
        """The routes on which there are exchanges, by name."""
        counts = tables.verdict_counts.c
        wanted = select(counts.route).where(counts.width == DAY).distinct().order_by(counts.route)
        return tuple((await self._connection.execute(wanted)).scalars())

    async def findings(self, route: str | None = None, limit: int = 20) -> tuple[Finding, ...]:
        """Groups of mismatches, the most frequent first."""
        columns = tables.findings.c
        wanted = select(tables.findings).order_by(columns.count.desc(), columns.last_seen.desc()).limit(limit)
        if route is not None:
            wanted = wanted.where(columns.route == route)
        return tuple([await self._finding(row) for row in await self._connection.execute(wanted)])

    async def exchange(self, exchange_id: str) -> StoredExchange | None:
        """One exchange with everything that was kept of it, or None."""
        return await load_exchange(self._connection, exchange_id)

    async def _sums(self, table: Table, since: float | None, route: str | None) -> list[Row[Any]]:
        keys = list(table.primary_key.columns)[2:]
        wanted = select(*keys, func.sum(table.c.count).label("count_")).group_by(*keys)
        return list(await self._connection.execute(_in_time(wanted, table, since, route)))

    async def _fields(self, since: float | None, route: str | None) -> list[Row[Any]]:
        counts, seen = tables.field_counts, tables.fields
        keys: list[Column[Any]] = list(counts.primary_key.columns)[2:]
        summed = select(*keys, func.sum(counts.c.count).label("count_")).group_by(*keys)
        sums = _in_time(summed, counts, since, route).subquery()
        same = and_(*(sums.c[key.name] == seen.c[key.name] for key in keys))
        known = (seen.c.first_seen, seen.c.last_seen, seen.c.exchange_id, seen.c.path, seen.c.legacy, seen.c.candidate)
        return list(await self._connection.execute(select(*sums.c, *known).join_from(sums, seen, same)))

    async def _dropped(self, since: float | None) -> tuple[ReasonCount, ...]:
        columns = tables.tallies.c
        wanted = select(columns.label, func.sum(columns.value)).where(columns.name == "dropped").group_by(columns.label)
        if since is not None:
            wanted = wanted.where(columns.at >= since)
        counts = {label: count for label, count in await self._connection.execute(wanted) if count}
        return reason_counts(counts)

    async def _unaccounted(self) -> int:
        columns, counts = tables.tallies.c, tables.verdict_counts.c
        wanted = select(columns.name, columns.label, func.sum(columns.value)).group_by(columns.name, columns.label)
        tallied = {(name, label): value for name, label, value in await self._connection.execute(wanted)}
        stored = await self._connection.scalar(select(func.sum(counts.count)).where(counts.width == DAY))
        return unaccounted(tallied, stored or 0)

    async def _span(self, route: str | None) -> tuple[float | None, float | None]:
        """When the first and the last exchange began. Those of one route are looked for in the minutes that it has."""
        if route is None:
            return await self._moment(func.min), await self._moment(func.max)
        counts = tables.verdict_counts.c
        minutes = select(func.min(counts.start), func.max(counts.start)).where(counts.width == MINUTE)
        first, last = (await self._connection.execute(minutes.where(counts.route == route))).one()
        if first is None:
            return None, None
        return await self._moment(func.min, route, first), await self._moment(func.max, route, last)

    async def _moment(self, pick: Callable[..., Any], route: str | None = None, minute: int = 0) -> float | None:
        columns = tables.exchanges.c
        wanted = select(pick(columns.started_at))
        if route is not None:
            within = and_(columns.started_at >= minute, columns.started_at < minute + MINUTE)
            wanted = wanted.where(within, columns.route == route)
        found: float | None = await self._connection.scalar(wanted)
        return found

    async def _finding(self, row: Row[Any]) -> Finding:
        examples = tuple(msgspec.json.decode(row.examples, type=list[str]))
        differences: tuple[Difference, ...] = await load_differences(self._connection, examples[-1]) if examples else ()
        return Finding(
            route=row.route,
            fingerprint=row.fingerprint,
            causes=tuple(msgspec.json.decode(row.causes, type=list[tuple[str, str]])),
            count=row._mapping["count"],
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            examples=examples,
            differences=tuple(difference for difference in differences if difference.rule is None),
        )


def _field_sum(row: Row[Any]) -> FieldSum:
    values: list[Any] = list(row)
    return FieldSum(*values[1:])


@asynccontextmanager
async def open_queries(url: str) -> AsyncIterator[Queries]:
    """The read side of the store at this URL. Raises StoreError, for which a command exits 3."""
    async with reading(url) as connection:
        yield Queries(connection)


def _in_time(wanted: Select[Any], table: Table, since: float | None, route: str | None) -> Select[Any]:
    ranges: list[ColumnElement[bool]] = []
    for period in covering(since):
        within = and_(table.c.width == period.width, table.c.start >= period.start)
        ranges.append(within if period.end is None else and_(within, table.c.start < period.end))
    wanted = wanted.where(or_(*ranges))
    return wanted if route is None else wanted.where(table.c.route == route)
