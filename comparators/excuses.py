"""Does a rule excuse two values that differ?

Law of this file: exact or not at all. Arithmetic that would round excuses nothing, and but for `Money`, which is about
notations, no tolerance excuses another JSON type: a client that reads a number fails on a string, however equal it
looks.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import assert_never

import re2

from comparators import money
from comparators.document import Json
from comparators.instants import apart, instants
from comparators.numbers import distance, is_number, number, product
from comparators.rules import DecimalRule, Excusing, MoneyRule, PatternRule, TimestampRule
from comparators.siblings import Around


def excuse(rules: Sequence[Excusing], legacy: Json, candidate: Json, around: Around) -> str | None:
    """The name of the first of `rules` that excuses the difference between two values, or None."""
    for rule in rules:
        if _excuses(rule, legacy, candidate, around):
            return rule.name
    return None


def is_rounding(rules: Sequence[Excusing], legacy: Json, candidate: Json, around: Around) -> bool:
    """Whether a `Money` rule sees two amounts that are one minor unit apart, or less."""
    return any(isinstance(rule, MoneyRule) and money.one_unit_apart(rule, legacy, candidate, around) for rule in rules)


def _excuses(rule: Excusing, legacy: Json, candidate: Json, around: Around) -> bool:
    if isinstance(rule, MoneyRule):
        return money.equal(rule, legacy, candidate, around)
    if isinstance(legacy, str) is not isinstance(candidate, str):
        return False
    if isinstance(rule, DecimalRule):
        return _numbers_close(rule, legacy, candidate, around)
    if isinstance(rule, TimestampRule):
        return _instants_close(rule.tolerance, legacy, candidate)
    if isinstance(rule, PatternRule):
        return _both_match(rule.pattern, legacy, candidate)
    assert_never(rule)


def _numbers_close(rule: DecimalRule, legacy: Json, candidate: Json, around: Around) -> bool:
    ours, theirs = number(legacy), number(candidate)
    if ours is None or theirs is None:
        return False
    away = distance(ours, theirs)
    return away is not None and (
        away <= rule.tolerance
        or (rule.relative > 0 and _within_share(away, rule.relative, max(ours.copy_abs(), theirs.copy_abs())))
        or (rule.minor_units > 0 and _within_units(away, rule, around))
    )


def _within_share(away: Decimal, share: Decimal, size: Decimal) -> bool:
    most = product(share, size)
    return most is not None and away <= most


def _within_units(away: Decimal, rule: DecimalRule, around: Around) -> bool:
    unit = money.minor_unit(around.of_legacy(rule.currency), around.of_candidate(rule.currency))
    most = None if unit is None else product(unit, rule.minor_units)
    return most is not None and away <= most


def _instants_close(tolerance: Decimal | float, legacy: Json, candidate: Json) -> bool:
    both = instants(legacy, candidate)
    distance = None if both is None else apart(*both)
    return distance is not None and distance <= Decimal(str(tolerance))  # 0.3 is what it says, not 0.29999999999999999


def _both_match(pattern: str, legacy: Json, candidate: Json) -> bool:
    ours, theirs = _subject(legacy), _subject(candidate)
    if ours is None or theirs is None:
        return False
    expression = expression_of(pattern)
    return expression.fullmatch(ours) is not None and expression.fullmatch(theirs) is not None


def _subject(value: Json) -> str | None:
    """What an expression is asked about: a string without lone surrogates, or a number as it is spelled."""
    if isinstance(value, str):
        return value if value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value) else None
    return str(Decimal(value)) if is_number(value) and isinstance(value, int | Decimal) else None


@lru_cache(maxsize=4096)
def expression_of(pattern: str) -> "re2._Regexp":
    """A RE2 expression, which matches in time linear in its input. Raises ValueError."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        words = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"not a RE2 expression: {words}") from None
