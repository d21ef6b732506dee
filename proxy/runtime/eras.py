"""Which systems keyed writes could have gone to, and when: what a worker may still decide when nobody can be asked.

Law of this file: an era begins with everything that changes where a write may go (a table, an override, a breaker) and
lasts until the next. As long as pins may be remembered, every era counts, of every route that pins: a retry may come by
another one. What cannot be read counts as: anything was possible.
"""

from collections.abc import Iterable
from math import inf
from typing import Final

import msgspec

from proxy.messages import Stage, System
from proxy.routing.entities import Owner
from proxy.routing.route import Route
from proxy.routing.table import RouteTable

MOST: Final = 10_000
"""Eras that are kept; beyond, the oldest two count as one."""

_LEGACY: Final = frozenset({System.LEGACY})
_BOTH: Final = frozenset(System)


class Era(msgspec.Struct, frozen=True):
    """`since`: Unix seconds; `until`: None for the one that lasts; `routes`: the systems that the writes of each could
    go to.
    """

    since: float
    routes: dict[str, frozenset[System]]
    until: float | None = None


class Eras:
    """`known`: those before; None: they cannot be read. `now`: Unix seconds."""

    def __init__(self, known: Iterable[Era] | None, now: float) -> None:
        lost = Era(now, {"": _BOTH}, now)
        self._eras = [lost] if known is None else list(known)

    @property
    def all(self) -> tuple[Era, ...]:
        return tuple(self._eras)

    def stand(self, table: RouteTable, open_routes: frozenset[str], now: float) -> bool:
        """So it is from now on. Whether anything is another than before."""
        claiming = [route for route in table.routes if route.pin is not None or owns(table)]
        routes = {route.name: possible(route, route.name in open_routes) for route in claiming}
        last = self._eras[-1] if self._eras else None
        if last is not None and last.until is None:
            if last.routes == routes:
                return False
            self._eras[-1] = msgspec.structs.replace(last, until=now)
        self._eras.append(Era(now, routes))
        self._forget(now - longest(table))
        return True

    def certain(self, ttl: float, now: float) -> System | None:
        """The only system that a keyed write can have gone to within `ttl` seconds; None if there are two."""
        living = [era for era in self._eras if era.until is None or era.until >= now - ttl]
        found = frozenset(system for era in living for systems in era.routes.values() for system in systems)
        return next(iter(found)) if len(found) == 1 else None

    def _forget(self, before: float) -> None:
        kept = [era for era in self._eras if era.until is None or era.until >= before]
        if len(kept) > MOST:
            first, second, *rest = kept
            both = {**first.routes, **second.routes}
            merged = {name: first.routes.get(name, frozenset()) | systems for name, systems in both.items()}
            kept = [Era(first.since, merged, second.until), *rest]
        self._eras = kept


def possible(route: Route, is_open: bool) -> frozenset[System]:
    """The systems that writes of a route can go to while it stands as it does."""
    if route.stage in (Stage.LEGACY, Stage.SHADOW):
        return _LEGACY
    if route.stage is Stage.CANARY:
        never = route.canary is not None and route.canary.weight <= 0 and not route.canary.include
        return _LEGACY if never else _BOTH
    return _BOTH if is_open else frozenset({System.CANDIDATE})


def owns(table: RouteTable) -> bool:
    """Whether what a system has created belongs to it."""
    return any(entity.owner is Owner.CREATOR for entity in table.entities)


def longest(table: RouteTable) -> float:
    """Seconds for which a claim is remembered, at most: an owner for ever."""
    if owns(table):
        return inf
    return max((route.pin.ttl for route in table.routes if route.pin is not None), default=0.0)
