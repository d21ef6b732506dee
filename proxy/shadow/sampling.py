"""Which exchanges are kept whole. Law of this file: all are counted and listed, with what differs in them; only their
fields and bodies are sampled, and each cause apart.

So a quiet route keeps everything, and a busy one keeps enough of each cause to look at, at a fraction of the cost: a
candidate that answers every request wrongly must not cost more than one that answers rightly.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final

PERIOD: Final = 60.0
FIRST: Final = 100
"""So many exchanges of one cause are kept whole in each PERIOD seconds,"""
THEN_ONE_IN: Final = 20
"""and of those beyond them one in so many."""
MOST: Final = 1000
"""Causes that are told apart in one period; those beyond are sampled as one."""

OTHER: Final = ""


class Sample:
    """The exchanges of one route. `clock`: seconds, monotonic."""

    __slots__ = ("_clock", "_ends", "_seen")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends = clock() + PERIOD
        self._seen: Counter[str] = Counter()

    def takes(self, cause: str) -> bool:
        """Whether the next exchange of this cause is kept whole. `cause`: the verdict, or a mismatch's fingerprint."""
        now = self._clock()
        if now >= self._ends:
            self._ends = now + PERIOD
            self._seen.clear()
        known = cause if cause in self._seen or len(self._seen) < MOST else OTHER
        self._seen[known] += 1
        seen = self._seen[known]
        return seen <= FIRST or seen % THEN_ONE_IN == 0
