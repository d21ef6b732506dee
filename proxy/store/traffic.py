"""What the store knows of each route's traffic: requests by method of late, and how many were ever compared.

Law of this file: the store holds exchanges that were shadowed, and no others. A share that is made from it is a share
of those, and whoever shows it says so.
"""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from comparators import Verdict
from proxy.store import tables
from proxy.store.engine import reading
from proxy.store.periods import DAY, MINUTE, start_of
from proxy.store.queries import in_time, total


@dataclass(frozen=True, slots=True)
class MethodTraffic:
    """Exchanges of one method in the time asked for, and how many of them were compared."""

    method: str
    exchanges: int
    compared: int


@dataclass(frozen=True, slots=True)
class RouteTraffic:
    """One route. `share` of all exchanges in the time asked for, 0 to 1; `compared`: at any time, with a verdict of
    match, ignored or mismatch.
    """

    route: str
    exchanges: int
    share: float
    compared: int
    methods: tuple[MethodTraffic, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """All routes by name. `since`: Unix seconds, a full minute; `exchanges`: how many began since then."""

    since: float
    exchanges: int
    routes: tuple[RouteTraffic, ...]


async def recent_traffic(url: str, since: float) -> Traffic:
    """The traffic in the store at this URL since that minute. Raises StoreError, for which a command exits 3."""
    since = float(start_of(MINUTE, since))
    async with reading(url) as connection:
        return _traffic(since, await _recent(connection, since), await _compared(connection))


async def _recent(connection: AsyncConnection, since: float) -> dict[str, tuple[MethodTraffic, ...]]:
    counts = tables.verdict_counts
    fair = case((counts.c.verdict == Verdict.INCONCLUSIVE.value, 0), else_=counts.c.count)
    wanted = in_time(select(counts.c.route, counts.c.method, total(counts.c.count), total(fair)), counts, since)
    found: defaultdict[str, list[MethodTraffic]] = defaultdict(list)
    grouped = wanted.group_by(counts.c.route, counts.c.method).order_by(counts.c.route, counts.c.method)
    for route, method, number, compared in await connection.execute(grouped):
        found[route].append(MethodTraffic(method, number, compared))
    return {route: tuple(methods) for route, methods in found.items()}


async def _compared(connection: AsyncConnection) -> dict[str, int]:
    counts = tables.verdict_counts.c
    wanted = select(counts.route, total(counts.count)).where(counts.width == DAY)
    fair = wanted.where(counts.verdict != Verdict.INCONCLUSIVE.value).group_by(counts.route)
    return {row.route: row[1] for row in await connection.execute(fair)}


def _traffic(since: float, recent: dict[str, tuple[MethodTraffic, ...]], compared: dict[str, int]) -> Traffic:
    sums = {route: sum(each.exchanges for each in methods) for route, methods in recent.items()}
    whole = sum(sums.values())
    routes = (
        RouteTraffic(
            route=name,
            exchanges=sums.get(name, 0),
            share=sums.get(name, 0) / whole if whole else 0.0,
            compared=compared.get(name, 0),
            methods=recent.get(name, ()),
        )
        for name in sorted(recent.keys() | compared.keys())
    )
    return Traffic(since, whole, tuple(routes))
