"""Timestamps -> exact seconds.

Law of this file: no rounding and no guessing. Fractions keep all their digits; a time without a zone is comparable only
with another without a zone; what is not clearly a timestamp is None.

Read are ISO 8601 / RFC 3339 with a time of day (`2024-05-01T12:00:00.25+02:00`, also with a space or without seconds)
and Unix time as a number or a string of digits: seconds below 10^11, milliseconds from there on (10^11 seconds is the
year 5138, 10^11 milliseconds is 1973).
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?(Z|z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_UNIX = re.compile(r"\d{9,13}", re.ASCII)
_MILLISECONDS_FROM = 10**11
_DIGITS_BEFORE = 15  # the point
_DIGITS = 33
_EXACT = Context(prec=60)
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Instant:
    """`clock`: what it showed, in seconds since 1970 began there; `zone` as spelled, or None; `offset` in seconds."""

    clock: Decimal
    zone: str | None
    offset: int

    @property
    def seconds(self) -> Decimal:
        """Unix time, in seconds; where `zone` is None, as if it were UTC."""
        return _EXACT.subtract(self.clock, self.offset)


def instant(value: object) -> Instant | None:
    """The instant that a JSON value names, or None."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return _from_unix(value)


def apart(legacy: Instant, candidate: Instant) -> Decimal | None:
    """Seconds between two instants, or None if only one of them has a zone."""
    if (legacy.zone is None) != (candidate.zone is None):
        return None
    return _EXACT.subtract(legacy.seconds, candidate.seconds).copy_abs()


def zones_differ(legacy: Instant, candidate: Instant) -> bool:
    """Whether the zone is the whole difference: other zones, but the same instant or the same clock reading."""
    return legacy.zone != candidate.zone and (legacy.clock == candidate.clock or apart(legacy, candidate) == 0)


def _from_text(text: str) -> Instant | None:
    if _UNIX.fullmatch(text):
        return _from_unix(int(text))
    found = _ISO.fullmatch(text)
    return _from_iso(found) if found else None


def _from_unix(value: int | Decimal) -> Instant | None:
    exact = Decimal(value)
    if exact.adjusted() >= _DIGITS_BEFORE or len(exact.as_tuple().digits) > _DIGITS:
        return None
    return Instant(exact if exact.copy_abs() < _MILLISECONDS_FROM else _EXACT.scaleb(exact, -3), "Z", 0)


def _from_iso(found: re.Match[str]) -> Instant | None:
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in found.group(1, 2, 3, 4, 5, 6))
    if hour > 23 or minute > 59 or second > 60:  # 60: a leap second
        return None
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None
    whole = days * 86400 + hour * 3600 + minute * 60 + second
    return Instant(_EXACT.add(Decimal(f"0.{found[7] or 0}"), whole), found[8], _offset(found[8]))


def _offset(zone: str | None) -> int:
    if zone is None or zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds
