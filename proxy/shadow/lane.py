"""The way to the shadow for one route: so many copies at once, so many a second, and none while it gives no answers.

Law of this file: who finds no place waits in line, for a bounded time and in bounded number, since an old copy is no
fair one: the data has moved on. Who may not wait is told why, and that is counted by the caller.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from proxy.routing.route import Shadowing
from proxy.shadow.health import Health

MAX_WAITING = 1000
"""Exchanges of one route that wait for a place."""


class Drop(StrEnum):
    """Why there is no place for a copy; also the `reason` of strangler_dropped_total."""

    UNHEALTHY = "shadow-unhealthy"  # it gave no answer to the last copies (health.py)
    RATE = "shadow-rate"  # more than `maxRate` a second
    QUEUE = "shadow-queue-full"  # `maxInFlight` are on their way, and the line is full
    LATE = "shadow-late"  # waited for longer than the route's time-out


class Lane:
    """The places of one route. `clock`: seconds, monotonic."""

    def __init__(self, shadowing: Shadowing, clock: Callable[[], float], max_waiting: int = MAX_WAITING) -> None:
        self.waiting = 0
        self.health = Health(clock)
        self._places = asyncio.Semaphore(shadowing.max_in_flight)
        self._patience, self._max_waiting = shadowing.timeout, max_waiting
        self._rate, self._clock = shadowing.max_rate, clock
        self._burst = max(shadowing.max_rate or 0.0, 1.0)
        self._tokens, self._filled_at = self._burst, clock()

    def place(self) -> "Place":
        """A place on the way for as long as the context lasts, or why there is none."""
        return Place(self)

    async def enter(self) -> Drop | None:
        """Take a place, for which `leave` must be called, or say why there is none."""
        if not self.health.allows():
            return Drop.UNHEALTHY
        if not self._take_token():
            return Drop.RATE
        if not self._places.locked():
            await self._places.acquire()  # at once
            return None
        return await self._wait() if self.waiting < self._max_waiting else Drop.QUEUE

    def leave(self) -> None:
        self._places.release()

    async def _wait(self) -> Drop | None:
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError:
            return Drop.LATE
        finally:
            self.waiting -= 1
        return None

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
