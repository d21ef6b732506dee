"""The breakers of all workers: opened for all when one has seen enough, probed one at a time, closed for all.

Law of this file: it decides, the workers obey. A route stays open until PROBES probes in a row were answered; a probe
that fails makes the pause before the next one longer. A worker that has no request for a probe is asked to hand it
back, so that another gets it soon and no two are out at once; one of which nothing is heard in time is given up.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from proxy.gateway.breaker import Probe

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 60.0
PROBES: Final = 3
UNTAKEN: Final = 1.0
"""Seconds after which a probe that no request was sent as is asked back."""
PATIENCE: Final = 35.0
"""Seconds after which a probe is given up: longer than a request usually may take, so that two are not out at once."""


@dataclass(slots=True)
class Open:
    """One route whose breaker is open. Moments are those of the clock; `given_up_at`, `asked_back_at`: of the probe
    that is out; None: there is none, or it is not to be asked back.
    """

    probe_at: float
    pause: float = FIRST_PAUSE
    answered: int = 0
    given_up_at: float | None = None
    asked_back_at: float | None = None
    is_asked_back: bool = False
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """A breaker opened, or closed."""

    route: str
    opened: bool
    reason: str


class Breaking:
    """`tell()` is called when `open` or `probes` has changed; `clock`: seconds, monotonic."""

    def __init__(self, tell: Callable[[], None], clock: Callable[[], float]) -> None:
        self._tell, self._clock = tell, clock
        self._open: dict[str, Open] = {}
        self._turn = 0

    def begin_with(self, routes: Iterable[str]) -> None:
        """These were open for the process before this one."""
        for route in routes:
            self._open[route] = Open(self._clock() + FIRST_PAUSE)

    @property
    def open(self) -> frozenset[str]:
        return frozenset(self._open)

    def is_open(self, route: str) -> bool:
        return route in self._open

    @property
    def probes(self) -> dict[str, int]:
        """The routes that have a probe out, each with its number: another worker's at each number. One that is asked
        back is not among them.
        """
        out = ((route, state) for route, state in self._open.items() if state.given_up_at is not None)
        return {route: state.turn for route, state in out if not state.is_asked_back}

    def tripped(self, route: str, why: str) -> Event | None:
        """A worker has seen too many failures or slow answers. None: it is open already."""
        if route in self._open:
            return None
        self._open[route] = Open(self._clock() + FIRST_PAUSE)
        self._tell()
        return Event(route, True, why)

    def probed(self, route: str, number: int, what: Probe) -> Event | None:
        """What became of a probe; one that was given up says nothing any more."""
        state = self._open.get(route)
        if state is None or state.given_up_at is None or state.turn != number:
            return None
        if what is Probe.TAKEN:
            state.asked_back_at = None
            return None
        state.given_up_at, state.probe_at = None, self._clock()
        if what is Probe.ANSWERED:
            state.answered += 1
        elif what is Probe.FAILED:
            state.answered = 0
            state.probe_at += state.pause
            state.pause = min(state.pause * 2, LONGEST_PAUSE)
        if state.answered < PROBES:
            return None
        return self._close(route, f"{PROBES} probes in a row were answered")

    def keep(self, routes: frozenset[str]) -> tuple[Event, ...]:
        """Only these routes have a breaker now."""
        return tuple(self._close(route, "the route has no breaker any more") for route in self.open - routes)

    def tick(self) -> None:
        """Give out the probes that are due, and ask those back that nobody takes."""
        now = self._clock()
        for state in self._open.values():
            if state.given_up_at is not None and state.given_up_at <= now:
                state.given_up_at, state.probe_at = None, now
            if state.given_up_at is None and state.probe_at <= now:
                self._give_out(state, now)
                self._tell()
            elif state.asked_back_at is not None and state.asked_back_at <= now:
                state.asked_back_at, state.is_asked_back = None, True
                self._tell()

    def _give_out(self, state: Open, now: float) -> None:
        state.given_up_at, state.asked_back_at, state.is_asked_back = now + PATIENCE, now + UNTAKEN, False
        self._turn += 1
        state.turn = self._turn

    def _close(self, route: str, reason: str) -> Event:
        del self._open[route]
        self._tell()
        return Event(route, False, reason)
