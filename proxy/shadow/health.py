"""Whether a shadow is worth asking now.

Law of this file: a shadow that gives no answer FAILURES times in a row is left alone for PAUSE seconds; then one copy
tries whether it is back, and the others wait for what that one finds. A system that is down is not hammered, and what
is not sent costs the machine of the payments nothing. An answer of any kind, a 500 too, is an answer.
"""

from collections.abc import Callable
from typing import Final

from proxy.messages import Failure, FailureKind, Response

FAILURES: Final = 10
PAUSE: Final = 1.0
_OURS = frozenset({FailureKind.POOL_FULL, FailureKind.TOO_LARGE, FailureKind.CANCELLED})
"""Failures that say something of our bounds and nothing of the shadow."""


class Health:
    """What the last outcomes of one route's copies say. `clock`: seconds, monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._resumes_at = 0.0

    def allows(self) -> bool:
        """Whether a copy may be sent now; the first one after a pause is the one that tries."""
        if self._failures < FAILURES:
            return True
        now = self._clock()
        if now < self._resumes_at:
            return False
        self._resumes_at = now + PAUSE
        return True

    def heard(self, outcome: Response | Failure) -> None:
        """Takes note of what came of a copy."""
        if isinstance(outcome, Response):
            self._failures = 0
        elif outcome.kind not in _OURS:
            self._failures += 1
            self._resumes_at = self._clock() + PAUSE
