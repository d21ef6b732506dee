"""Timestamps -> exact instants.

Law of this file: no rounding and no guessing. Fractions keep all their digits; a time without a zone is comparable only
with another without a zone, Unix seconds only with Unix seconds; what is not clearly a timestamp is None.

Read are ISO 8601 / RFC 3339 with a time of day (`2024-05-01T12:00:00.25+02:00`, also with a space or without seconds)
and Unix time as a number or a string of digits: seconds from 10^8 (1973), milliseconds from 10^11 (1973; as seconds it
would be the year 5138). A smaller number is as likely a count, so it is no timestamp.
"""

import re
from datetime import datetime, timedelta
from decimal import Context, Decimal
from enum import Enum, auto

import msgspec

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d)(?::([0-5]\d|60)(?:[.,](\d{1,18}))?)?(Z|z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?",
    re.ASCII,
)
_UNIX = re.compile(r"\d{9,13}", re.ASCII)
_SECONDS_FROM = 10**8
_MILLISECONDS_FROM = 10**11
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  a clock reading, of whatever zone
_MINUTE = timedelta(minutes=1)
_PLACES = 18
_ATTO = 10**18
_EXACT = Context(prec=60)


class Notation(Enum):
    """How an instant is written; who reads one of them misreads the others."""

    ISO = auto()
    SECONDS = auto()
    MILLISECONDS = auto()


class Instant(msgspec.Struct, frozen=True):
    """`clock`: its reading in 10^-18 s since 1970 began there; `zone` as spelled or None; `offset` in 10^-18 s."""

    clock: int
    zone: str | None
    offset: int
    notation: Notation


def instant(value: object) -> Instant | None:
    """The instant that a JSON value names, or None."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return _from_unix(Decimal(value))


def instants(legacy: object, candidate: object) -> tuple[Instant, Instant] | None:
    """The instants that two JSON values name, if both name one."""
    ours = instant(legacy)
    theirs = None if ours is None else instant(candidate)
    return None if ours is None or theirs is None else (ours, theirs)


def apart(legacy: Instant, candidate: Instant) -> Decimal | None:
    """Seconds between two instants, or None if only one of them has a zone or they are in different notations."""
    if (legacy.zone is None) != (candidate.zone is None) or legacy.notation is not candidate.notation:
        return None
    distance = abs(legacy.clock - legacy.offset - candidate.clock + candidate.offset)
    return _EXACT.scaleb(Decimal(distance), -_PLACES)


def zones_differ(legacy: str, candidate: str) -> bool:
    """Whether the zone is the whole difference: other zones, but the same instant or the same clock reading."""
    if legacy[4:5] != "-" or candidate[4:5] != "-" or legacy[-1] == candidate[-1] == "Z":
        return False
    both = instants(legacy, candidate)
    if both is None or both[0].zone == both[1].zone:
        return False
    return both[0].clock == both[1].clock or apart(*both) == 0


def are_one(legacy: object, candidate: object) -> bool:
    """Whether two JSON values name the same instant."""
    both = instants(legacy, candidate)
    return both is not None and apart(*both) == 0


def _from_text(text: str) -> Instant | None:
    if len(text) == 20 and text[19] == "Z" and text[10] == "T" and text[4] == text[7] == "-" and text.isascii():
        return _from_usual(text) or _from_any_text(text)
    return _from_any_text(text)


def _from_usual(text: str) -> Instant | None:
    """What most are like, `2024-05-01T12:00:00Z`, in a fifth of the time; all else that this reads is the same."""
    try:
        since = datetime.fromisoformat(text[:19]) - _EPOCH
    except ValueError:  # a leap second, or no timestamp
        return None
    return Instant((since.days * 86400 + since.seconds) * _ATTO, "Z", 0, Notation.ISO)


def _from_any_text(text: str) -> Instant | None:
    found = _ISO.fullmatch(text)
    if found:
        return _from_iso(*found.groups())
    return _from_unix(Decimal(text)) if _UNIX.fullmatch(text) else None


def _from_unix(value: Decimal) -> Instant | None:
    if not -_PLACES <= value.adjusted() < 15 or len(value.as_tuple().digits) > 15 + _PLACES:
        return None
    size = value.copy_abs()
    if size < _SECONDS_FROM:
        return None
    notation = Notation.SECONDS if size < _MILLISECONDS_FROM else Notation.MILLISECONDS
    scaled = _EXACT.scaleb(value, _PLACES if notation is Notation.SECONDS else _PLACES - 3)
    return Instant(int(scaled), "Z", 0, notation) if scaled == int(scaled) else None


def _from_iso(minute: str, second: str | None, fraction: str | None, zone: str | None) -> Instant | None:
    try:
        minutes = (datetime.fromisoformat(minute) - _EPOCH) // _MINUTE
    except ValueError:
        return None
    clock = (minutes * 60 + int(second or 0)) * _ATTO
    if fraction:
        clock += int(fraction.ljust(_PLACES, "0"))
    return Instant(clock, zone, _offset(zone) if zone else 0, Notation.ISO)


def _offset(zone: str) -> int:
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return (-seconds if zone[0] == "-" else seconds) * _ATTO
