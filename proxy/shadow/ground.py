"""What the route table in use says about one exchange: its route, the shadow's backend, how to compare, what to redact.

Law of this file: made once for a table and kept for as long as that table is in use. An exchange that was planned by
another table is judged by this one, or not at all when its route is gone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from comparators import Policy
from proxy.messages import Plan, Request
from proxy.redaction import Redactor
from proxy.routing.ids import Ids
from proxy.routing.route import Backend, Effects, Route
from proxy.routing.table import RouteTable
from proxy.shadow.lane import Lane
from proxy.shadow.sampling import Sample


@dataclass(frozen=True, slots=True)
class Second:
    """A second legacy: the noise control. `backend`: None if the table in use does not have it."""

    backend: Backend | None
    lane: Lane


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for the exchanges of one route. `ids` finds what they name; `stateful`: names count, or what a
    sandbox may see; `ordered`: so does order, since some route's writes are copied.
    """

    route: Route
    policy: Policy
    redactor: Redactor
    lane: Lane
    sample: Sample
    ids: Ids
    stateful: bool
    ordered: bool
    second: Second | None = None


class Ground:
    """`table` gives the table in use now; `key` is the redactor's; `clock`: seconds, monotonic."""

    def __init__(self, table: Callable[[], RouteTable], key: bytes, clock: Callable[[], float]) -> None:
        self._table_now, self._key, self._clock = table, key, clock
        self._lay(table())

    def terms(self, plan: Plan) -> Terms | None:
        """The terms of the plan's route, or None if the table has it no more."""
        self._refresh()
        return self._terms.get(plan.route)

    def backend(self, plan: Plan) -> Backend | None:
        """The backend that the plan names for the copy, if it names one and the table has it."""
        self._refresh()
        return self._table.backends.get(plan.shadow) if plan.shadow is not None else None

    def hosts(self, backend: str, request: Request) -> frozenset[bytes]:
        """The authorities by which a backend is called: its own, and the one that the client asked for."""
        hosts = self._hosts.get(backend, frozenset())
        for name, value in request.headers:
            if len(name) == 4 and name.lower() == b"host":
                hosts |= {value.strip().lower()}
        return hosts

    def _refresh(self) -> None:
        table = self._table_now()
        if table is not self._table:
            self._lay(table)

    def _lay(self, table: RouteTable) -> None:
        redactors = {name: Redactor(policy.redaction, self._key) for name, policy in table.policies.items()}
        ids = Ids(table.entities)
        ordered = any(route.shadowing.writes for route in table.routes)
        self._table = table
        self._hosts = {name: frozenset(_authorities(backend)) for name, backend in table.backends.items()}
        self._terms = {
            route.name: Terms(
                route,
                table.policies[route.compare].policy,
                redactors[route.compare],
                Lane(route.shadowing, self._clock),
                Sample(self._clock),
                ids,
                bool(ids) or _meets_sandbox(route, table),
                ordered,
                self._second(table, route),
            )
            for route in table.routes
            if route.compare in table.policies
        }

    def _second(self, table: RouteTable, route: Route) -> Second | None:
        name = route.shadowing.noise
        if name is None:
            return None
        return Second(table.backends.get(name), Lane(route.shadowing, self._clock, max_waiting=0))


def _authorities(backend: Backend) -> Iterator[bytes]:
    for host, port in backend.addresses or ((backend.host, backend.port),):
        named = f"[{host}]" if ":" in host else host
        yield f"{named}:{port}".lower().encode()
    if backend.host_header is not None:
        yield backend.host_header.lower()


def _meets_sandbox(route: Route, table: RouteTable) -> bool:
    """Whether copies of a route may go to a sandbox."""
    plans = (route.plans, route.candidate_plans)
    shadows = {each.shadow for made in plans if made is not None for each in (made.safe, made.unsafe)}
    backends = (table.backends.get(name) for name in shadows if name is not None)
    return any(each is not None and each.effects is Effects.SANDBOX for each in backends)
