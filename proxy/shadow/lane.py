"""The way to the shadow for one route: so many copies at once, and so many a second.

Law of this file: who finds no place waits in line, for a bounded time and in bounded number, since an old copy is no
fair one: the data has moved on. Who may not wait is told why, and that is counted by the caller.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum

from proxy.routing.route import Shadowing

MAX_WAITING = 1000
"""Exchanges of one route that wait for a place."""


class Drop(StrEnum):
    """Why there is no place for a copy; also the `reason` of strangler_dropped_total."""

    RATE = "shadow-rate"  # more than `maxRate` a second
    QUEUE = "shadow-queue-full"  # `maxInFlight` are on their way, and the line is full
    LATE = "shadow-late"  # waited for longer than the route's time-out


class Lane:
    """The places of one route. `clock`: seconds, monotonic."""

    def __init__(self, shadowing: Shadowing, clock: Callable[[], float]) -> None:
        self.waiting = 0
        self._places = asyncio.Semaphore(shadowing.max_in_flight)
        self._patience = shadowing.timeout
        self._rate, self._clock = shadowing.max_rate, clock
        self._burst = max(shadowing.max_rate or 0.0, 1.0)
        self._tokens, self._filled_at = self._burst, clock()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Drop | None]:
        """A place on the way for as long as the context lasts, or why there is none."""
        drop = await self._enter()
        try:
            yield drop
        finally:
            if drop is None:
                self._places.release()

    async def _enter(self) -> Drop | None:
        if not self._take_token():
            return Drop.RATE
        if self._places.locked() and self.waiting >= MAX_WAITING:
            return Drop.QUEUE
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
