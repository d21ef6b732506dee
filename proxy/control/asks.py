"""What the admin API asks the supervisor to change, and what it is told.

Law of this file: pure words, checked when they are read; the same on both ends of the link.
"""

from typing import Annotated, TypeAlias

import msgspec

from proxy.messages import Stage

RELOAD, OVERRIDE, CLEAR = "reload", "override", "clear"

LONGEST = 7 * 86400.0
"""Seconds that an override may last."""

PRINTED = r"^[^\x00-\x1f\x7f]*$"
"""No control characters."""

Words: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=PRINTED)]
Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=PRINTED)]


class OverrideAsked(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """`subject`: None for all routes; `weight` in per cent; `seconds`: how long it lasts."""

    stage: Stage
    seconds: Annotated[float, msgspec.Meta(gt=0, le=LONGEST)]
    reason: Words
    by: Name
    weight: Annotated[float, msgspec.Meta(gt=0, le=100)] | None = None
    ticket: Name | None = None
    subject: Name | None = None
    break_glass: bool = False


class ClearAsked(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The end of an override, now."""

    by: Name
    subject: Name | None = None


class Changed(msgspec.Struct, frozen=True, rename="camel"):
    """`hash`: of the table in force; `changed`: whether it is another than before; `late`: the processes that have not
    acknowledged it yet.
    """

    hash: str
    changed: bool
    late: tuple[str, ...] = ()
