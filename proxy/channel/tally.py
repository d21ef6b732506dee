"""What a source of exchanges has counted so far. Sent along with the exchanges, so that gaps can be told from silence.

Law of this file: counts only grow while a source lives, so a tally that is lost is made good by the next one.
"""

from typing import TypeAlias

from msgspec import Struct

LOST_WRITE_AT = "lost-write-at"
"""The name of a count that is a moment, in milliseconds of Unix time: the last write that was lost on the way."""

Counts: TypeAlias = tuple[tuple[str, str, int], ...]


class Tally(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """`source` names one life of one process; `at` is Unix time in seconds; a count is (name, label, total so far)."""

    source: str
    at: float
    counts: Counts
