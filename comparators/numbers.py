"""Numbers, exactly.

Law of this file: arithmetic that would round gives None, in bounded time; what is not clearly a number is None.
"""

import re
from collections.abc import Hashable
from decimal import (
    MAX_EMAX,
    MAX_PREC,
    MIN_EMIN,
    Context,
    Decimal,
    DecimalException,
    Inexact,
    InvalidOperation,
    Overflow,
)

from comparators.document import Json

_NUMBER = re.compile(r"[+-]?\d{1,60}(?:\.\d{1,60})?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_EXACT = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation, Overflow])

_SHORTENED = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_DIGITS = 18
_HASHED = 10**_DIGITS


def is_number(value: Json) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def number(value: Json) -> Decimal | None:
    """The number that a JSON number or a string holds. A string has at most 60 digits before and after the point."""
    if isinstance(value, str):
        return Decimal(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def by_value(number: int | Decimal) -> Hashable:
    """What stands for a number in sets and dictionaries: the same for equal numbers, and with a hash of its own. An
    int's and a Decimal's is the number modulo 2^61 - 1, so that whoever chooses numbers could make all of them collide.
    """
    if isinstance(number, int):
        if -_HASHED < number < _HASHED:
            return number
    elif number.adjusted() < _DIGITS and number == (whole := int(number)):
        return whole
    return Decimal, str(_SHORTENED.normalize(Decimal(number)))


def distance(one: Decimal, other: Decimal) -> Decimal | None:
    """How far apart two numbers are, if that has at most 10,000 digits."""
    try:
        return _EXACT.subtract(one, other).copy_abs()
    except DecimalException:
        return None


def product(one: Decimal, other: Decimal) -> Decimal | None:
    """One number times another, if that has at most 10,000 digits."""
    try:
        return _EXACT.multiply(one, other)
    except DecimalException:
        return None


def shifted(value: Decimal, places: int) -> Decimal | None:
    """A number times 10 to the power of `places`."""
    try:
        return _EXACT.scaleb(value, places)
    except DecimalException:
        return None
