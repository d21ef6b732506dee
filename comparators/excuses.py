"""Does a rule excuse two values that differ?

Law of this file: exact or not at all. Arithmetic that would round excuses nothing, and no tolerance excuses another
JSON type: a client that reads a number fails on a string, however equal it looks.
"""

import re
from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from typing import assert_never

from comparators.document import Json
from comparators.instants import apart, instant
from comparators.rules import DecimalRule, IgnoreRule, Rule, TimestampRule

_NUMBER = re.compile(r"[+-]?\d{1,60}(?:\.\d{1,60})?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_EXACT = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation, Overflow])


def excuse(rules: Sequence[Rule], legacy: Json, candidate: Json) -> str | None:
    """The name of the first of `rules` that excuses the difference between two values, or None."""
    for rule in rules:
        if _excuses(rule, legacy, candidate):
            return rule.name
    return None


def _excuses(rule: Rule, legacy: Json, candidate: Json) -> bool:
    if isinstance(rule, IgnoreRule):
        return True
    if isinstance(legacy, str) is not isinstance(candidate, str):
        return False
    if isinstance(rule, DecimalRule):
        return _numbers_close(rule.tolerance, legacy, candidate)
    if isinstance(rule, TimestampRule):
        return _instants_close(rule.tolerance, legacy, candidate)
    assert_never(rule)


def _numbers_close(tolerance: Decimal, legacy: Json, candidate: Json) -> bool:
    ours, theirs = _number(legacy), _number(candidate)
    if ours is None or theirs is None:
        return False
    try:
        return _EXACT.subtract(ours, theirs).copy_abs() <= tolerance
    except DecimalException:
        return False


def _number(value: Json) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _instants_close(tolerance: Decimal | float, legacy: Json, candidate: Json) -> bool:
    ours, theirs = instant(legacy), instant(candidate)
    if ours is None or theirs is None:
        return False
    distance = apart(ours, theirs)
    return distance is not None and distance <= tolerance
