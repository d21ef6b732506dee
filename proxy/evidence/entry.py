"""One thing that was done to where payments go, or that was found out about it: who, what, why, before and after.

Law of this file: an entry is one line of printable text whoever wrote it, and bounded, so that a log of them can be
shown, kept and hashed without a further look.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from proxy.redaction import without_card_data

REASON: Final = 1_000
DETAILS: Final = 4_000
TEXT: Final = 255
"""Characters of a reason, of the details, and of each other text."""

_END_OF_YEAR_9999: Final = 253_402_300_800.0


class Action(StrEnum):
    """What can stand in the log."""

    FLIP = "flip"
    OVERRIDE = "override"
    OVERRIDE_ENDED = "override-ended"
    RELOAD = "reload"
    RELOAD_REFUSED = "reload-refused"
    BREAKER_OPENED = "breaker-opened"
    BREAKER_CLOSED = "breaker-closed"
    GATE = "gate"
    UPGRADE = "upgrade"
    PIN_RELEASED = "pin-released"
    OWNERS_IMPORTED = "owners-imported"
    OWNERS_MOVED = "owners-moved"
    OWNER_DISPUTED = "owner-disputed"
    UNKNOWN_RESOLVED = "unknown-resolved"
    FINDING_ACCEPTED = "finding-accepted"
    FINDING_FIXED = "finding-fixed"
    FINDING_REOPENED = "finding-reopened"
    VOUCHED = "vouched"
    WRITES_STOPPED = "writes-stopped"
    REARM = "rearm"
    TWINS_IMPORT = "twins-import"


@dataclass(frozen=True, slots=True)
class Entry:
    """`at`: Unix seconds. `action`: one of Action. `subject`: the route, group or file. `before`, `after`: the table's
    hashes, or whatever changed, in words. `details`: JSON text.

    Card numbers and IBANs are removed. Line ends become spaces, other signs that a terminal would obey U+FFFD. Raises
    ValueError for what is too long, or is no time, no action or no JSON.
    """

    at: float
    actor: str
    action: str
    subject: str
    reason: str
    ticket: str | None
    before: str
    after: str
    details: str = "{}"

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", _moment(self.at))
        object.__setattr__(self, "action", _action(self.action))
        for name, most in _BOUNDS.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _text(name, value, most))
        _require_json(self.details)


_BOUNDS: Final = {
    "actor": TEXT,
    "subject": TEXT,
    "reason": REASON,
    "ticket": TEXT,
    "before": TEXT,
    "after": TEXT,
    "details": DETAILS,
}
_HASHES: Final = frozenset({"before", "after"})


def _moment(at: float) -> float:
    if not (math.isfinite(at) and 0 <= at < _END_OF_YEAR_9999):
        raise ValueError(f"at is {at!r}; an audit entry needs Unix seconds of the years 1970 to 9999")
    return abs(float(at))


def _action(action: str) -> str:
    if action not in set(Action):
        raise ValueError(f"action is {action[:TEXT]!r}; an audit entry knows {', '.join(Action)}")
    return str(action)


def _text(name: str, value: str, most: int) -> str:
    if len(value) > most:
        raise ValueError(f"{name} has {len(value):,} characters; an audit entry keeps {most:,}: say it shorter")
    shown = "".join(map(_sign, value))
    return shown if name in _HASHES else without_card_data(shown)


def _sign(sign: str) -> str:
    if sign.isprintable():
        return sign
    return " " if sign.isspace() else "\N{REPLACEMENT CHARACTER}"


def _require_json(details: str) -> None:
    try:
        msgspec.json.decode(details)
    except msgspec.DecodeError as fault:
        raise ValueError(f"details are no JSON text: {fault}") from None
