"""What operators say at run time, put over what the file says: a stage for a route, a group or all, until a moment.

Law of this file: pure, and whole: a table with overrides is a table like any other, with a hash of its own, so that
workers, status and evidence need to know nothing else. Of two overrides of one route the later holds. One that names
what the table does not have, or asks for a candidate where there is none, changes nothing; `objection` says so before.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from proxy.messages import Stage
from proxy.routing.route import Route, obstacle, with_stage
from proxy.routing.table import RouteTable, remade


@dataclass(frozen=True, slots=True)
class Override:
    """`subject`: a route's or a group's name, None for all routes (the kill switch); `weight` in per cent, of a canary
    alone; `begins`, `ends`: Unix seconds; `break_glass`: although what speaks against it.
    """

    subject: str | None
    stage: Stage
    weight: float | None
    begins: float
    ends: float
    by: str
    reason: str
    ticket: str | None = None
    break_glass: bool = False

    def concerns(self, route: Route) -> bool:
        return self.subject is None or self.subject == (route.group or route.name)


def overridden(table: RouteTable, overrides: Iterable[Override]) -> RouteTable:
    """The table with these overrides, the later ones over the earlier; the same one if they change nothing."""
    routes = table.routes
    for override in overrides:
        routes = tuple(_put_over(override, route) for route in routes)
    return table if routes == table.routes else remade(table, routes)


def objection(table: RouteTable, override: Override) -> str | None:
    """Why this override cannot do what it says with this table; None if it can."""
    grouped = [route for route in table.routes if route.group is not None and override.subject == route.name]
    if grouped and override.subject not in [route.group for route in table.routes]:
        return f"{grouped[0].name} belongs to the group {grouped[0].group}, which moves as one: override the group"
    concerned = [route for route in table.routes if override.concerns(route)]
    if not concerned:
        return f"the table has no route and no group named {override.subject!r}"
    if (override.stage is Stage.CANARY) != (override.weight is not None):
        return "a canary needs a weight" if override.weight is None else "only a canary has a weight"
    if override.subject is not None:
        stuck = [(route.name, obstacle(route, override.stage)) for route in concerned if not _can(override, route)]
        if stuck:
            return f"{stuck[0][1]}, and {', '.join(name for name, _ in stuck[:5])} has none"
    return None


def _put_over(override: Override, route: Route) -> Route:
    if not override.concerns(route) or not _can(override, route):
        return route
    return with_stage(route, override.stage, override.weight)


def _can(override: Override, route: Route) -> bool:
    return obstacle(route, override.stage) is None
