"""Coarse, shared time-outs: one timer for all connections of a worker, none for a request.

Law of this file: a watched thing has a `deadline` on the loop's clock (infinity: none) and is told once it has passed,
at most PERIOD seconds late. Setting a deadline is one attribute write.
"""

import asyncio
from typing import Final, Protocol

from proxy.http1.turn import Turn

PERIOD: Final = 0.1
NEVER: Final = float("inf")


class Watched(Protocol):
    """What has a deadline."""

    deadline: float

    def expire(self) -> None: ...


class Ticker:
    """What the connections of one worker share. Looks at every watched deadline each PERIOD seconds: 2,000 connections
    cost about 0.1 ms a look. `tunnels`: how many are open.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.turn = Turn(loop)
        self.tunnels = 0
        self._loop = loop
        self._watched: set[Watched] = set()
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> float:
        return self._loop.time()

    def watch(self, thing: Watched) -> None:
        self._watched.add(thing)
        if self._timer is None:
            self._timer = self._loop.call_later(PERIOD, self._tick)

    def forget(self, thing: Watched) -> None:
        self._watched.discard(thing)

    def _tick(self) -> None:
        now = self._loop.time()
        for thing in [each for each in self._watched if each.deadline <= now]:
            if thing.deadline <= now:  # one that expired before it may have moved it
                self._tell(thing)
        self._timer = self._loop.call_later(PERIOD, self._tick) if self._watched else None

    def _tell(self, thing: Watched) -> None:
        try:
            thing.expire()
        except Exception as fault:  # noqa: BLE001  # one that fails must not end the time-outs of all others
            self._loop.call_exception_handler({"message": "a time-out failed", "exception": fault})
