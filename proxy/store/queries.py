"""The read side of the store.

Law of this file: a report is made from counts and examples; exchanges are read one by one, by their id.
"""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Column, ColumnElement, Row, Select, Table, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from comparators import Cause, Difference, Severity, Verdict
from comparators.value_classes import value_class
from proxy.evidence.findings import Decided, Decision, seems_gone
from proxy.messages import System
from proxy.store import tables
from proxy.store.answers import (
    Example,
    FieldFinding,
    Finding,
    Group,
    Noise,
    ReasonCount,
    Report,
    RouteReport,
    StoredExchange,
)
from proxy.store.counting import MAX_EXAMPLES
from proxy.store.engine import reading
from proxy.store.periods import DAY, MINUTE, covering, start_of
from proxy.store.record import NoisePair
from proxy.store.reporting import FieldSum, RouteSums, reason_counts, route_reports, unaccounted
from proxy.store.stored import load_differences, load_exchange

MOST_NAMED: Final = 20
"""Findings of one beginning that are named."""


class Queries:
    """Answers from one moment of a store. `clock`: Unix seconds, by which what was accepted ends."""

    def __init__(self, connection: AsyncConnection, clock: Callable[[], float] = time.time) -> None:
        self._connection, self._clock = connection, clock
        self._kept: dict[str, dict[Cause, list[str]]] = {}

    async def report(self, since: float | None = None, route: str | None = None) -> Report:
        """What was compared since then (rounded down to a minute), on one route or all."""
        since = None if since is None else float(start_of(MINUTE, since))
        routes = await self._route_sums(since, route)
        first, last = await self._span(route)
        dropped, lost = await self._dropped(since), await self._unaccounted()
        diverged = await self._diverged()
        return Report(since, first, last, route_reports(routes, self._clock()), dropped, route, lost, diverged)

    async def findings(self, route: str | None = None, limit: int = 20) -> tuple[Finding, ...]:
        """Causes over the whole life of the store: the unexplained first, then the most frequent."""
        named = [(each, field) for each in await self._reports(route) for field in each.fields if field.id]
        named.sort(key=lambda pair: (not pair[1].is_unexplained, -pair[1].count))
        return tuple([await self._finding(*pair) for pair in named[:limit]])

    async def finding(self, beginning: str) -> tuple[Finding, ...]:
        """The findings whose id begins so: one, if it says enough."""
        every = [(each, field) for each in await self._reports(None) for field in each.fields]
        named = [pair for pair in every if pair[1].id and pair[1].id.startswith(beginning)]
        return tuple([await self._finding(*pair) for pair in named[:MOST_NAMED]])

    async def noises(self, route: str) -> tuple[Noise, ...]:
        """The causes that the noise control of a route speaks of, over the whole life of the store."""
        columns = tables.noises.c
        rows = await self._connection.execute(select(tables.noises).where(columns.route == route))
        seen = {(row.pattern, row.kind, row.value_class): _pairs(row.examples) for row in rows}
        fields = [field for each in await self._reports(route) for field in each.fields if field.noise is not None]
        return tuple(Noise(field, seen.get((field.pattern, field.kind, field.value_class), ())) for field in fields)

    async def routes(self) -> tuple[str, ...]:
        """The routes on which there are exchanges, by name."""
        counts = tables.verdict_counts.c
        wanted = select(counts.route).where(counts.width == DAY).distinct().order_by(counts.route)
        return tuple((await self._connection.execute(wanted)).scalars())

    async def groups(self, route: str | None = None, limit: int = 20) -> tuple[Group, ...]:
        """Mismatches by all their causes together, the most frequent first."""
        columns = tables.findings.c
        wanted = select(tables.findings).order_by(columns.count.desc(), columns.last_seen.desc()).limit(limit)
        if route is not None:
            wanted = wanted.where(columns.route == route)
        return tuple([await self._group(row) for row in await self._connection.execute(wanted)])

    async def exchange(self, exchange_id: str) -> StoredExchange | None:
        """One exchange with everything that was kept of it, or None."""
        return await load_exchange(self._connection, exchange_id)

    async def _diverged(self) -> int:
        wanted = select(func.count()).select_from(tables.twins).where(tables.twins.c.finding.is_not(None))
        return await self._connection.scalar(wanted) or 0

    async def _reports(self, route: str | None) -> tuple[RouteReport, ...]:
        return route_reports(await self._route_sums(None, route), self._clock())

    async def _route_sums(self, since: float | None, route: str | None) -> dict[str, RouteSums]:
        routes: defaultdict[str, RouteSums] = defaultdict(RouteSums)
        for row in await self._sums(tables.verdict_counts, since, route, "verdict", "reason"):
            routes[row.route].add_verdict(Verdict(row.verdict), row.reason, row.count_)
        for row in await self._sums(tables.failure_counts, since, route, "system", "kind"):
            routes[row.route].failures[System(row.system), row.kind] = row.count_
        for row in await self._sums(tables.latency_counts, since, route, "system", "bucket"):
            routes[row.route].latencies[System(row.system)][row.bucket] = row.count_
        for row in await self._fields(since, route):
            routes[row.route].fields.append(_field_sum(row))
        for row in await self._sums(tables.control_counts, since, route, "outcome"):
            routes[row.route].control[row.outcome] = row.count_
        for row in await self._noise(since, route):
            routes[row.route].noise[bytes(row.field)] = row.both_, row.candidate_, row.control_
        for row in await self._grouped(since, route):
            routes[row.route].groups.append((_causes(row.causes), row.count_))
        for row in await self._decisions(route):
            if row.route in routes:
                decided = Decided(Decision(row.decision), row.at, row.actor, row.reason, row.until)
                routes[row.route].decided[row.finding] = decided
        return routes

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
        named = (seen.c.route, seen.c.pattern, seen.c.kind, seen.c.rule, seen.c.value_class, seen.c.severity)
        known = (seen.c.first_seen, seen.c.last_seen, seen.c.exchange_id, seen.c.path, seen.c.legacy, seen.c.candidate)
        return list(await self._connection.execute(select(*named, sums.c.count_, *known).join_from(sums, seen, same)))

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

    async def _noise(self, since: float | None, route: str | None) -> list[Row[Any]]:
        columns = tables.noise_counts.c
        sides = [total(columns[f"in_{name}"]).label(f"{name}_") for name in ("both", "candidate", "control")]
        wanted = select(columns.route, columns.field, *sides).group_by(columns.route, columns.field)
        return list(await self._connection.execute(_in_time(wanted, tables.noise_counts, since, route)))

    async def _grouped(self, since: float | None, route: str | None) -> list[Row[Any]]:
        counts, groups = tables.finding_counts, tables.findings.c
        keys: list[Column[Any]] = [counts.c.route, counts.c.fingerprint]
        summed = select(*keys, total(counts.c.count).label("count_")).group_by(*keys)
        sums = _in_time(summed, counts, since, route).subquery()
        same = and_(sums.c.route == groups.route, sums.c.fingerprint == groups.fingerprint)
        wanted = select(groups.route, groups.causes, sums.c.count_).join_from(sums, tables.findings, same)
        return list(await self._connection.execute(wanted))

    async def _decisions(self, route: str | None) -> list[Row[Any]]:
        wanted = select(tables.decisions)
        wanted = wanted if route is None else wanted.where(tables.decisions.c.route == route)
        return list(await self._connection.execute(wanted))

    async def _finding(self, report: RouteReport, field: FieldFinding) -> Finding:
        later = await self._compared_since(report.route, field.last_seen + MINUTE)
        examples = await self._examples(report.route, field)
        is_gone = not field.state.is_settled and seems_gone(field.count, report.compared, later)
        return Finding(report.route, field, report.compared, examples, is_gone)

    async def _compared_since(self, route: str, since: float) -> int:
        columns = tables.verdict_counts.c
        wanted = select(total(columns.count)).where(columns.verdict != Verdict.INCONCLUSIVE.value)
        return await self._connection.scalar(_in_time(wanted, tables.verdict_counts, since, route)) or 0

    async def _examples(self, route: str, field: FieldFinding) -> tuple[Example, ...]:
        """The latest pair, and those of kept exchanges in which the cause showed."""
        found = {field.exchange_id: Example(field.exchange_id, field.path, field.legacy, field.candidate)}
        kept = (await self._kept_examples(route)).get((field.pattern, field.kind, field.value_class), [])
        for exchange_id in kept[: MAX_EXAMPLES * 2]:
            if len(found) < MAX_EXAMPLES and exchange_id not in found:
                found |= {each.exchange_id: each for each in await self._example(exchange_id, field)}
        return tuple(found.values())

    async def _kept_examples(self, route: str) -> dict[Cause, list[str]]:
        """Of each cause the exchanges that were kept whole, those of the groups that were seen last first."""
        if route not in self._kept:
            columns, kept = tables.findings.c, defaultdict[Cause, list[str]](list)
            wanted = select(columns.causes, columns.examples).where(columns.route == route)
            for row in await self._connection.execute(wanted.order_by(columns.last_seen.desc())):
                for cause in _causes(row.causes):
                    kept[cause] += reversed(_ids(row.examples))
            self._kept[route] = kept
        return self._kept[route]

    async def _example(self, exchange_id: str, field: FieldFinding) -> list[Example]:
        """One, or none if the exchange is no longer there."""
        differences = await load_differences(self._connection, exchange_id)
        alike = [each for each in differences if (each.pattern, each.kind.value) == (field.pattern, field.kind)]
        alike.sort(key=lambda each: value_class(each.kind, each.legacy, each.candidate) != field.value_class)
        return [Example(exchange_id, each.path, each.legacy, each.candidate) for each in alike[:1]]

    async def _group(self, row: Row[Any]) -> Group:
        examples = _ids(row.examples)
        differences: tuple[Difference, ...] = await load_differences(self._connection, examples[-1]) if examples else ()
        return Group(
            route=row.route,
            fingerprint=row.fingerprint,
            causes=_causes(row.causes),
            count=row._mapping["count"],
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            examples=examples,
            differences=tuple(difference for difference in differences if difference.rule is None),
        )


def _causes(text: str) -> tuple[Cause, ...]:
    return tuple(msgspec.json.decode(text, type=list[Cause]))


def _ids(text: str) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(text, type=list[str]))


def _pairs(text: str) -> tuple[NoisePair, ...]:
    return tuple(msgspec.json.decode(text, type=list[NoisePair]))


def _field_sum(row: Row[Any]) -> FieldSum:
    _, pattern, kind, rule, word, severity, *rest = list(row)
    return FieldSum(pattern, kind, rule, word, Severity(severity), *rest)


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
