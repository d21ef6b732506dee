"""Minutes, hours and days: each count is kept three times, so that any span of time is the sum of few rows.

Law of this file: the ranges that cover a span never overlap.
"""

from dataclasses import dataclass

MINUTE, HOUR, DAY = 60, 3600, 86400
WIDTHS = (MINUTE, HOUR, DAY)
"""Lengths of a period in seconds. Each is a multiple of the one before."""


@dataclass(frozen=True, slots=True)
class Range:
    """Periods of one width that start at `start` or later, and before `end`; None: no end. Unix seconds."""

    width: int
    start: int
    end: int | None


def start_of(width: int, at: float) -> int:
    """The start of the period that holds this moment."""
    return int(at // width) * width


def covering(since: float | None) -> tuple[Range, ...]:
    """The periods from this moment's minute until now; None: all."""
    if since is None:
        return (Range(DAY, 0, None),)
    minute = max(0, start_of(MINUTE, since))
    hour, day = _next(HOUR, minute), _next(DAY, _next(HOUR, minute))
    return Range(MINUTE, minute, hour), Range(HOUR, hour, day), Range(DAY, day, None)


def _next(width: int, at: int) -> int:
    return -(-at // width) * width
