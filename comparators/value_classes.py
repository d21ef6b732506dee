"""How two values differ, in a word: the part of a cause that path and kind leave open.

Law of this file: the words are few, depend on the two values alone, and in doubt are the general one. They are found
before redaction, which leaves only tokens of what it hides.

`status` is said by its pair ("200-to-404"), another type by its pair ("null-to-string"), what is there on one side only
by its type; all else by ValueClass.
"""

import json
import re
import unicodedata
from decimal import Decimal, DecimalException
from enum import StrEnum
from typing import Final

from comparators.display import ELLIPSIS
from comparators.instants import Instant, apart, instant

_NUMBER: Final = re.compile(r"-?\d{1,60}(?:\.\d{1,60})?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_TYPES: Final = {'"': "string", "{": "object", "[": "array", "t": "boolean", "f": "boolean", "n": "null"}
_EMPTY: Final = frozenset({'""', "[]", "{}"})
_DRIFT: Final = Decimal("1e-9")
_MICRO: Final = -6
_MINUTE, _QUARTER, _DAY = 60, 900, 86_400


class ValueClass(StrEnum):
    """How two values of one type differ. Closed."""

    SIGN = "sign"  # the same number, of the other sign
    ONE_UNIT = "one-unit"  # numbers one unit of their last digit apart: a cent, where cents are written
    TO_ZERO = "to-zero"
    FROM_ZERO = "from-zero"
    SCALE = "scale"  # the same digits, the point elsewhere: cents for euros
    DRIFT = "drift"  # other numbers a billionth apart or less: floats
    NUMBER = "number"  # other numbers
    TO_EMPTY = "to-empty"
    FROM_EMPTY = "from-empty"
    CASE = "case"  # the same text but for upper and lower case
    WHITESPACE = "whitespace"
    UNICODE = "unicode"  # the same text, composed otherwise
    CLOCK = "clock"  # instants less than a minute apart
    ZONE = "zone"  # instants whole quarters of an hour apart, at most a day: somebody's time zone
    INSTANT = "instant"  # other instants
    TEXT = "text"  # other texts
    TO_TRUE = "to-true"
    TO_FALSE = "to-false"
    SHORTER = "shorter"
    LONGER = "longer"
    OTHER = "other"


def value_class(kind: str, legacy: str | None, candidate: str | None) -> str:
    """The word for two values, given as JSON text of bounded length, that differ by `kind`."""
    if legacy is None or candidate is None:
        return _one_sided(legacy if candidate is None else candidate)
    if kind == "status":
        return f"{legacy}-to-{candidate}"
    if kind == "length":
        return _lengths(legacy, candidate)
    ours, theirs = _type(legacy), _type(candidate)
    if ours != theirs:
        return f"{ours}-to-{theirs}"
    if ours == "number":
        return _numbers(legacy, candidate)
    if ours == "string":
        return _texts(legacy, candidate)
    if ours == "boolean":
        return ValueClass.TO_TRUE if candidate == "true" else ValueClass.TO_FALSE
    return ValueClass.OTHER


def _type(text: str) -> str:
    return _TYPES.get(text[:1]) or ("number" if _NUMBER.match(text) else "string" if ELLIPSIS in text else "other")


def _one_sided(text: str | None) -> str:
    if text is None:
        return ValueClass.OTHER
    return "empty" if text in _EMPTY else _type(text)


def _lengths(legacy: str, candidate: str) -> ValueClass:
    if candidate == "0":
        return ValueClass.TO_EMPTY
    if legacy == "0":
        return ValueClass.FROM_EMPTY
    shorter = (len(candidate), candidate) < (len(legacy), legacy)  # as numbers without a sign
    return ValueClass.SHORTER if shorter else ValueClass.LONGER


def _numbers(legacy: str, candidate: str) -> ValueClass:
    if not (_NUMBER.fullmatch(legacy) and _NUMBER.fullmatch(candidate)):
        return ValueClass.NUMBER
    try:
        return _apart(Decimal(legacy), Decimal(candidate))
    except DecimalException:
        return ValueClass.NUMBER


def _apart(legacy: Decimal, candidate: Decimal) -> ValueClass:
    distance = abs(legacy - candidate)
    if legacy == -candidate:
        return ValueClass.SIGN
    last = min(_exponent(legacy), _exponent(candidate))
    if _MICRO <= last <= 0 and distance == Decimal((0, (1,), last)):
        return ValueClass.ONE_UNIT
    if not candidate or not legacy:
        return ValueClass.FROM_ZERO if candidate else ValueClass.TO_ZERO
    if distance <= _DRIFT * abs(legacy):
        return ValueClass.DRIFT
    ours, theirs = legacy.normalize().as_tuple(), candidate.normalize().as_tuple()
    return ValueClass.SCALE if ours[:2] == theirs[:2] else ValueClass.NUMBER


def _exponent(number: Decimal) -> int:
    return int(number.as_tuple().exponent)


def _texts(legacy: str, candidate: str) -> ValueClass:
    if ELLIPSIS in (legacy[:1], legacy[-1:], candidate[:1], candidate[-1:]):
        return ValueClass.TEXT
    ours, theirs = _string(legacy), _string(candidate)
    if not ours or not theirs:
        return ValueClass.FROM_EMPTY if theirs else ValueClass.TO_EMPTY
    if ours[-1].isdigit() and _NUMBER.fullmatch(ours) and _NUMBER.fullmatch(theirs):
        found = _numbers(ours, theirs)
        if found is not ValueClass.NUMBER or ("." in ours and "." in theirs):
            return found  # digits alone may as well be an id, and one cause must not be two by how an id is spelled
    if ours.casefold() == theirs.casefold():
        return ValueClass.CASE
    if "".join(ours.split()) == "".join(theirs.split()):
        return ValueClass.WHITESPACE
    if not (ours.isascii() and theirs.isascii()):
        alike = unicodedata.normalize("NFKC", ours) == unicodedata.normalize("NFKC", theirs)
        return ValueClass.UNICODE if alike else ValueClass.TEXT
    if not (ours[0].isdigit() and theirs[0].isdigit()):
        return ValueClass.TEXT
    first, second = instant(ours), instant(theirs)
    return ValueClass.TEXT if first is None or second is None else _instants(first, second)


def _string(text: str) -> str:
    """What a JSON string says; the text itself if it is none."""
    if "\\" not in text:
        return text[1:-1]
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]


def _instants(legacy: Instant, candidate: Instant) -> ValueClass:
    seconds = apart(legacy, candidate)
    if seconds is None:
        return ValueClass.INSTANT
    if seconds < _MINUTE:
        return ValueClass.CLOCK
    return ValueClass.ZONE if seconds <= _DAY and seconds % _QUARTER == 0 else ValueClass.INSTANT
