"""Amounts of money by value, however they are written.

Law of this file: exact, and never across currencies. An amount whose notation or currency is not clear has no value,
and what has no value is equal to nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from comparators.currencies import exponent
from comparators.document import Json
from comparators.numbers import distance, number, shifted
from comparators.rules import MoneyRule, Units
from comparators.siblings import Around

MAX_EXPONENT = 18
"""Decimal places of a minor unit that an `exponent` beside an amount may ask for."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A value in major units, and the size of a minor one if it is known."""

    value: Decimal
    unit: Decimal | None


def equal(rule: MoneyRule, legacy: Json, candidate: Json, around: Around) -> bool:
    """Whether two amounts are the same money."""
    both = _amounts(rule, legacy, candidate, around)
    return both is not None and both[0].value == both[1].value


def mean_otherwise(rules: Iterable[MoneyRule], legacy: Json, candidate: Json, around: Around) -> bool:
    """Whether equal values are two amounts, as 1000 cents and 1000 EUR are, since each system has units of its own."""
    found = (_amounts(rule, legacy, candidate, around) for rule in rules)
    return any(both is not None and both[0].value != both[1].value for both in found)


def one_unit_apart(rule: MoneyRule, legacy: Json, candidate: Json, around: Around) -> bool:
    """Whether two amounts differ, by one minor unit of their currency or less."""
    both = _amounts(rule, legacy, candidate, around)
    if both is None or both[0].unit is None or both[0].unit != both[1].unit:
        return False
    apart = distance(both[0].value, both[1].value)
    return apart is not None and 0 < apart <= both[0].unit


def minor_unit(legacy: Json, candidate: Json) -> Decimal | None:
    """The minor unit of a currency that both sides name, or None."""
    places = exponent(legacy) if _same_currency(legacy, candidate) else None
    return None if places is None else Decimal(1).scaleb(-places)


def _amounts(rule: MoneyRule, legacy: Json, candidate: Json, around: Around) -> tuple[Amount, Amount] | None:
    currencies = around.of_legacy(rule.currency), around.of_candidate(rule.currency)
    if not _same_currency(*currencies):
        return None
    said: tuple[Json, Json] = (None, None)
    if rule.exponent is not None:
        said = around.of_legacy(rule.exponent), around.of_candidate(rule.exponent)
    ours = _amount(legacy, rule.legacy, _places(said[0], exponent(currencies[0])))
    theirs = _amount(candidate, rule.candidate, _places(said[1], exponent(currencies[1])))
    return None if ours is None or theirs is None else (ours, theirs)


def _same_currency(legacy: Json, candidate: Json) -> bool:
    """In any case; two sides that both name none may still be compared, in major units."""
    if legacy is None and candidate is None:
        return True
    return isinstance(legacy, str) and isinstance(candidate, str) and legacy.upper() == candidate.upper()


def _places(said: Json, by_currency: int | None) -> int | None:
    if isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= MAX_EXPONENT:
        return said
    return by_currency if said is None else None


def _amount(value: Json, units: Units, places: int | None) -> Amount | None:
    size = number(value)
    if size is None:
        return None
    unit = None if places is None else Decimal(1).scaleb(-places)
    if units is Units.MINOR or (units is Units.AUTO and isinstance(value, int)):
        return None if places is None else _scaled(size, -places, unit)
    return Amount(size, unit)


def _scaled(size: Decimal, places: int, unit: Decimal | None) -> Amount | None:
    value = shifted(size, places)
    return None if value is None else Amount(value, unit)
