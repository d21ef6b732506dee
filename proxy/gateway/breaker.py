"""When a candidate that fails is left: one worker's view of the routes that have a breaker.

Law of this file: it is asked before a request is sent, never after: no request goes to another system than the one that
it was sent to. While a route's breaker is open its new work goes to legacy, but for one probe at a time, which the
supervisor grants to one worker. Only the share of failures, or of slow answers, in the last `window` seconds opens it,
and only once there were `minRequests`, of which each worker takes its part. A failure is an answer 5xx, none in time,
or half of one; an answer is slow whose head came later than `slowCallDuration` after the request was whole.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

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


class Probe(StrEnum):
    """What becomes of a probe that was granted: a request is sent as it, or it is handed back; how it was answered."""

    TAKEN = "taken"
    RETURNED = "returned"
    ANSWERED = "answered"
    FAILED = "failed"


class Window:
    """Requests, failures and slow answers of the last `window` seconds of one route."""

    __slots__ = ("_failed", "_least", "_place", "_rule", "_slot", "_slow", "_total")

    def __init__(self, rule: Breaker, workers: int = 1) -> None:
        self._rule = rule
        self._least = -(-rule.min_requests // workers)
        self._slot = max(rule.window / SLOTS, 0.001)
        self._place = 0
        self._total = [0] * SLOTS
        self._failed = [0] * SLOTS
        self._slow = [0] * SLOTS

    @property
    def rule(self) -> Breaker:
        return self._rule

    def heard(self, failed: bool, slow: bool, now: float) -> str | None:
        """Take one more. Why that is too many failures or slow answers within the window; None if it is not."""
        self._move(int(now / self._slot))
        index = self._place % SLOTS
        self._total[index] += 1
        self._failed[index] += failed
        self._slow[index] += slow
        if not failed and not slow:
            return None
        total = sum(self._total)
        return self._too_many(total) if total >= self._least else None

    def _too_many(self, total: int) -> str | None:
        failures, slow = sum(self._failed), sum(self._slow)
        if failures > total * self._rule.max_error_rate:
            return f"{failures} of {total} requests failed"
        if slow > total * self._rule.max_slow_call_rate:
            return f"{slow} of {total} requests took longer than {self._rule.slow_call_duration:g} s"
        return None

    def clear(self) -> None:
        self._total = [0] * SLOTS
        self._failed = [0] * SLOTS
        self._slow = [0] * SLOTS

    def _move(self, place: int) -> None:
        for passed in range(self._place + 1, min(place, self._place + SLOTS) + 1):
            self._total[passed % SLOTS] = self._failed[passed % SLOTS] = self._slow[passed % SLOTS] = 0
        self._place = max(place, self._place)


class Breakers:
    """All routes of one worker. `tripped(route, why)`: this worker has seen too many; `probed(route, number, what)`:
    what became of a probe. `clock`: seconds, monotonic; `workers`: how many share the requests.
    """

    def __init__(
        self,
        tripped: Callable[[str, str], None],
        probed: Callable[[str, int, Probe], None],
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
        for name, number in self._granted.items():
            if granted.get(name) != number and number > self._used.get(name, 0):
                self._probed(name, number, Probe.RETURNED)
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
            return replace(found, reason=reason)
        told = (route.shadow_candidate or route.candidate) if route.shadowing.writes else None
        return Plan(found.route, found.stage, System.LEGACY, route.legacy, told, OPEN, told is not None)

    def _takes_probe(self, route: str) -> bool:
        number = self._granted.get(route, 0)
        if number <= self._used.get(route, 0):
            return False
        self._used[route] = number
        self._probed(route, number, Probe.TAKEN)
        return True

    def heard(self, plan: Plan, status: int, seconds: float = 0.0) -> None:
        """A request that the candidate had to answer was answered with this, so long after it was whole; 499: nobody
        waited for it. A probe of which nothing is heard is given to another worker in time.
        """
        window = self._windows.get(plan.route)
        longest = window.rule.slow_call_duration if window is not None else None
        slow = longest is not None and seconds > longest
        if plan.reason.startswith(PROBE):
            what = (
                Probe.RETURNED
                if status == CLIENT_GONE
                else Probe.FAILED
                if status >= FAILED or slow
                else Probe.ANSWERED
            )
            self._probed(plan.route, int(plan.reason.rpartition(" ")[2]), what)
            return
        if status == CLIENT_GONE or window is None or plan.route in self._open:
            return
        why = window.heard(status >= FAILED, slow, self._clock())
        if why is not None:
            self._tripped(plan.route, why)
