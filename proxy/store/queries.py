"""The read side of the store.

Law of this file: a report is made from counts and examples; exchanges are read one by one, by their id.
"""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, ColumnElement, Row, Select, Table, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from comparators import Difference, Severity, Verdict
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
        for row in await self._sums(tables.verdict_counts, since, route, "verdict", "reason"):
            routes[row.route].add_verdict(Verdict(row.verdict), row.reason, row.count_)
        for row in await self._sums(tables.failure_counts, since, route, "system", "kind"):
            routes[row.route].failures[System(row.system), row.kind] = row.count_
        for row in await self._sums(tables.latency_counts, since, route, "system", "bucket"):
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

    async def _sums(self, table: Table, since: float | None, route: str | None, *names: str) -> list[Row[Any]]:
        keys: list[Column[Any]] = [table.c.route, *(table.c[name] for name in names)]
        wanted = select(*keys, total(table.c.count).label("count_")).group_by(*keys)
        return list(await self._connection.execute(_in_time(wanted, table, since, route)))

    async def _fields(self, since: float | None, route: str | None) -> list[Row[Any]]:
        counts, seen = tables.field_counts, tables.fields
        keys: list[Column[Any]] = [counts.c.route, counts.c.field]
        summed = select(*keys, total(counts.c.count).label("count_")).group_by(*keys)
        sums = _in_time(summed, counts, since, route).subquery()
        same = and_(sums.c.route == seen.c.route, sums.c.field == seen.c.field)
        named = (seen.c.route, seen.c.pattern, seen.c.kind, seen.c.rule, seen.c.severity, sums.c.count_)
        known = (seen.c.first_seen, seen.c.last_seen, seen.c.exchange_id, seen.c.path, seen.c.legacy, seen.c.candidate)
        return list(await self._connection.execute(select(*named, *known).join_from(sums, seen, same)))

    async def _dropped(self, since: float | None) -> tuple[ReasonCount, ...]:
        columns = tables.tallies.c
        wanted = select(columns.label, total(columns.value)).where(columns.name == "dropped").group_by(columns.label)
        if since is not None:
            wanted = wanted.where(columns.at >= since)
        counts = {label: count for label, count in await self._connection.execute(wanted) if count}
        return reason_counts(counts)

    async def _unaccounted(self) -> int:
        columns, counts = tables.tallies.c, tables.verdict_counts.c
        wanted = select(columns.name, columns.label, total(columns.value)).group_by(columns.name, columns.label)
        tallied = {(name, label): value for name, label, value in await self._connection.execute(wanted)}
        stored = await self._connection.scalar(select(total(counts.count)).where(counts.width == DAY))
        return unaccounted(tallied, stored or 0)

    async def _span(self, route: str | None) -> tuple[float | None, float | None]:
        """When the first and the last exchange began."""
        columns = tables.spans.c
        wanted = select(func.min(columns.first_seen), func.max(columns.last_seen))
        if route is not None:
            wanted = wanted.where(columns.route == route)
        first, last = (await self._connection.execute(wanted)).one()
        return first, last

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
    _, pattern, kind, rule, severity, *rest = list(row)
    return FieldSum(pattern, kind, rule, Severity(severity), *rest)


@asynccontextmanager
async def open_queries(url: str) -> AsyncIterator[Queries]:
    """The read side of the store at this URL. Raises StoreError, for which a command exits 3."""
    async with reading(url) as connection:
        yield Queries(connection)


def total(column: ColumnElement[int]) -> ColumnElement[int]:
    """The sum, as a whole number on every database."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def in_time(wanted: Select[Any], table: Table, since: float | None) -> Select[Any]:
    """Those counts of a table that cover the time since then."""
    ranges: list[ColumnElement[bool]] = []
    for period in covering(since):
        within = and_(table.c.width == period.width, table.c.start >= period.start)
        ranges.append(within if period.end is None else and_(within, table.c.start < period.end))
    return wanted.where(or_(*ranges))


def _in_time(wanted: Select[Any], table: Table, since: float | None, route: str | None) -> Select[Any]:
    wanted = in_time(wanted, table, since)
    return wanted if route is None else wanted.where(table.c.route == route)
