"""When a candidate that fails is left: one worker's view of the routes that have a breaker.

Law of this file: it is asked before a request is sent, never after: no request goes to another system than the one that
it was sent to. While a route's breaker is open its new work goes to legacy, but for one probe at a time, which the
supervisor grants to one worker. Only the share of failures in the last `window` seconds opens it, and only once there
were `minRequests`, of which each worker takes its part. A failure is an answer 5xx, none in time, or half of one.
"""

from collections.abc import Callable
from typing import Final

from proxy.messages import Plan, System
from proxy.routing.route import Breaker, Route
from proxy.routing.table import RouteTable

OPEN: Final = "the breaker of the candidate is open: legacy answers"
PROBE: Final = "the breaker of the candidate is open: this request is its probe, number"
"""Reasons of plans."""
FAILED: Final = 500
CLIENT_GONE: Final = 499
SLOTS: Final = 10
"""Parts of a window: what is older leaves a tenth at a time."""


class Window:
    """Requests and failures of the last `window` seconds of one route."""

    __slots__ = ("_failed", "_least", "_place", "_rule", "_slot", "_total")

    def __init__(self, rule: Breaker, workers: int = 1) -> None:
        self._rule = rule
        self._least = -(-rule.min_requests // workers)
        self._slot = max(rule.window / SLOTS, 0.001)
        self._place = 0
        self._total = [0] * SLOTS
        self._failed = [0] * SLOTS

    @property
    def rule(self) -> Breaker:
        return self._rule

    def heard(self, failed: bool, now: float) -> tuple[int, int] | None:
        """Take one more. (failures, requests) of the window if that is too many, else None."""
        self._move(int(now / self._slot))
        index = self._place % SLOTS
        self._total[index] += 1
        if not failed:
            return None
        self._failed[index] += 1
        total, failures = sum(self._total), sum(self._failed)
        if total < self._least or failures <= total * self._rule.max_error_rate:
            return None
        return failures, total

    def clear(self) -> None:
        self._total = [0] * SLOTS
        self._failed = [0] * SLOTS

    def _move(self, place: int) -> None:
        for passed in range(self._place + 1, min(place, self._place + SLOTS) + 1):
            self._total[passed % SLOTS] = self._failed[passed % SLOTS] = 0
        self._place = max(place, self._place)


class Breakers:
    """All routes of one worker. `tripped(route, failures, requests)`: this worker has seen too many; `probed(route,
    number, succeeded)`: what became of a probe. `clock`: seconds, monotonic; `workers`: how many share the requests.
    """

    def __init__(
        self,
        tripped: Callable[[str, int, int], None],
        probed: Callable[[str, int, bool], None],
        clock: Callable[[], float],
        workers: int = 1,
    ) -> None:
        self._workers = workers
        self._tripped, self._probed, self._clock = tripped, probed, clock
        self._windows: dict[str, Window] = {}
        self._open: frozenset[str] = frozenset()
        self._granted: dict[str, int] = {}
        self._used: dict[str, int] = {}

    def adopt(self, table: RouteTable) -> None:
        """Follow the routes of this table; a rule that has not changed keeps what was seen."""
        known = self._windows
        self._windows = {}
        for route in table.routes:
            if route.breaker is not None:
                window = known.get(route.name)
                kept = window is not None and window.rule == route.breaker
                self._windows[route.name] = (
                    window if window is not None and kept else Window(route.breaker, self._workers)
                )

    def stand(self, routes: frozenset[str], granted: dict[str, int]) -> None:
        """These are open now, as the supervisor says, and this worker has these probes; a number stands for one probe.
        A route that is open no more begins anew.
        """
        for name in self._open - routes:
            window = self._windows.get(name)
            if window is not None:
                window.clear()
        self._open, self._granted = routes, granted
        self._used = {name: number for name, number in self._used.items() if name in routes}

    def is_open(self, route: str) -> bool:
        return route in self._open

    def planned(self, route: Route, found: Plan) -> Plan:
        """The plan of a request that the candidate would answer: as it was found, unless the route is open; then as a
        probe, if one is to be sent, else with legacy.
        """
        if route.name not in self._open:
            return found
        if self._takes_probe(route.name):
            reason = f"{PROBE} {self._used[route.name]}"
            return Plan(found.route, found.stage, found.primary, found.backend, found.shadow, reason)
        return Plan(found.route, found.stage, System.LEGACY, route.legacy, None, OPEN)

    def _takes_probe(self, route: str) -> bool:
        number = self._granted.get(route, 0)
        if number <= self._used.get(route, 0):
            return False
        self._used[route] = number
        return True

    def heard(self, plan: Plan, status: int) -> None:
        """A request that the candidate had to answer was answered with this; 499: nobody waited for it. A probe of
        which nothing is heard is given to another worker in time.
        """
        if status == CLIENT_GONE:
            return
        if plan.reason.startswith(PROBE):
            self._probed(plan.route, int(plan.reason.rpartition(" ")[2]), status < FAILED)
            return
        window = self._windows.get(plan.route)
        if window is None or plan.route in self._open:
            return
        found = window.heard(status >= FAILED, self._clock())
        if found is not None:
            self._tripped(plan.route, *found)
