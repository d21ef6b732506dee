"""Where a finding stands: what people decided about a cause, and what was seen since.

Law of this file: a decision never hides what came after it. An acceptance ends at its moment, and what is seen again
after it was called fixed has regressed, until somebody decides anew.

Nothing is called fixed by itself: a cause that needs a rare request may be quiet for long. But a cause that would have
shown with near certainty, at the least rate that its past allows, is said to seem gone, for a person to decide.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from proxy.evidence.bounds import lower_bound

CONFIDENCE: Final = 0.95
"""Of the bounds of a share, and of what is said to seem gone."""


class Decision(StrEnum):
    """What a person may say of a finding."""

    ACCEPT = "accept"
    FIX = "fix"
    REOPEN = "reopen"


class State(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    FIXED = "fixed"
    REGRESSED = "regressed"

    @property
    def is_settled(self) -> bool:
        """Whether nobody need look at it now."""
        return self in (State.ACCEPTED, State.FIXED)


@dataclass(frozen=True, slots=True)
class Decided:
    """The latest decision about a finding. `at`, and `until` when an acceptance ends: Unix seconds."""

    decision: Decision
    at: float
    by: str
    reason: str
    until: float | None = None


def state(decided: Decided | None, last_seen: float, now: float) -> State:
    """Where a finding stands that was last seen then."""
    match decided.decision if decided is not None else Decision.REOPEN:
        case Decision.ACCEPT:
            assert decided is not None
            return State.ACCEPTED if decided.until is None or now < decided.until else State.OPEN
        case Decision.FIX:
            assert decided is not None
            return State.REGRESSED if last_seen > decided.at else State.FIXED
        case Decision.REOPEN:
            return State.OPEN


def seems_gone(seen: int, compared: int, since: int) -> bool:
    """Whether a cause that was seen `seen` times among `compared` comparisons, the last time `since` comparisons ago,
    would have been seen again by now, if it still were there.
    """
    rate = lower_bound(seen, max(seen, compared - since), CONFIDENCE)
    return since * math.log1p(-rate) < math.log(1.0 - CONFIDENCE) if rate < 1.0 else since > 0
