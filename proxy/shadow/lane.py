"""The way to the shadow for one route: so many copies at once, so many a second, and none while it gives no answers.

Law of this file: who finds no place waits in line, for a bounded time and in bounded number, since an old copy is no
fair one: the data has moved on. Who may not wait is told why, and that is counted by the caller.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

from proxy.routing.route import Shadowing
from proxy.shadow.health import Health

MAX_WAITING = 1000
"""Exchanges of one route that wait for a place."""


class Drop(StrEnum):
    """Why there is no place for a copy; also the `reason` of strangler_dropped_total."""

    UNHEALTHY = "shadow-unhealthy"  # it gave no answer to the last copies (health.py)
    RATE = "shadow-rate"  # more than `maxRate` a second
    QUEUE = "shadow-queue-full"  # `maxInFlight` are on their way, and the line is full
    LATE = "shadow-late"  # waited for longer than the route's time-out, or was cut short
    SPARED = "not-copied"  # a write whose copy is not to be sent, or has no body


_Waiting: TypeAlias = tuple[float, "asyncio.Future[Drop | None]"]
"""Until when, on the loop's clock, and what comes of it."""


class Lane:
    """The places of one route. `clock`: seconds, monotonic."""

    def __init__(self, shadowing: Shadowing, clock: Callable[[], float], max_waiting: int = MAX_WAITING) -> None:
        self.health = Health(clock)
        self._free = shadowing.max_in_flight
        self._line: deque[_Waiting] = deque()  # nobody is in it while a place is free
        self._timer: asyncio.TimerHandle | None = None
        self._patience, self._max_waiting = shadowing.timeout, max_waiting
        self._rate, self._clock = shadowing.max_rate, clock
        self._burst = max(shadowing.max_rate or 0.0, 1.0)
        self._tokens, self._filled_at = self._burst, clock()

    @property
    def waiting(self) -> int:
        """How many wait in line."""
        return len(self._line)

    def place(self) -> "Place":
        """A place on the way for as long as the context lasts, or why there is none."""
        return Place(self)

    async def enter(self) -> Drop | None:
        """Take a place, for which `leave` must be called, or say why there is none."""
        if not self.health.allows():
            return Drop.UNHEALTHY
        if not self._take_token():
            return Drop.RATE
        if self._free > 0:
            self._free -= 1
            return None
        return await self._wait() if len(self._line) < self._max_waiting else Drop.QUEUE

    def leave(self) -> None:
        """The place is free, or that of whoever has waited longest."""
        while self._line:
            outcome = self._line.popleft()[1]
            if not outcome.done():
                outcome.set_result(None)
                return
        self._free += 1

    async def _wait(self) -> Drop | None:
        loop = asyncio.get_running_loop()
        waiting: _Waiting = (loop.time() + self._patience, loop.create_future())
        self._line.append(waiting)
        if self._timer is None:
            self._timer = loop.call_at(waiting[0], self._expire)
        try:
            return await waiting[1]
        except asyncio.CancelledError:
            self._leave_line(waiting)
            raise

    def _leave_line(self, waiting: _Waiting) -> None:
        if waiting in self._line:
            self._line.remove(waiting)
        elif not waiting[1].cancelled() and waiting[1].result() is None:
            self.leave()  # it had been given a place by then

    def _expire(self) -> None:
        """One timer for all in line, since all wait as long: that of the first."""
        loop = asyncio.get_running_loop()
        while self._line and self._line[0][0] <= loop.time():
            outcome = self._line.popleft()[1]
            if not outcome.done():
                outcome.set_result(Drop.LATE)
        self._timer = loop.call_at(self._line[0][0], self._expire) if self._line else None

    def _take_token(self) -> bool:
        if self._rate is None:
            return True
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True


class Place:
    """One place, or the reason for having none."""

    __slots__ = ("_drop", "_lane")

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._drop: Drop | None = None

    async def __aenter__(self) -> Drop | None:
        self._drop = await self._lane.enter()
        return self._drop

    async def __aexit__(self, *_fault: object) -> None:
        if self._drop is None:
            self._lane.leave()
