"""Which matches are kept whole. Law of this file: all are counted and listed; only their fields and bodies are sampled.

So a quiet route keeps every match, and a busy one keeps enough to look at, at a twentieth of the cost. Mismatches and
what could not be compared are none of its business: they are kept whole, always.
"""

from collections.abc import Callable
from typing import Final

PERIOD: Final = 60.0
FIRST: Final = 100
"""So many matches of a route are kept whole in each PERIOD seconds,"""
THEN_ONE_IN: Final = 20
"""and of those beyond them one in so many."""


class Sample:
    """The matches of one route. `clock`: seconds, monotonic."""

    __slots__ = ("_clock", "_ends", "_seen")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends = clock() + PERIOD
        self._seen = 0

    def takes(self) -> bool:
        """Whether the next match is kept whole."""
        now = self._clock()
        if now >= self._ends:
            self._ends, self._seen = now + PERIOD, 0
        self._seen += 1
        return self._seen <= FIRST or self._seen % THEN_ONE_IN == 0
