"""The same money, however it is written; and one minor unit away from it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators.document import Json
from comparators.money import equal, minor_unit, one_unit_apart
from comparators.rules import MoneyRule, Units
from comparators.siblings import Around

RULE = MoneyRule("$.amount")


def around(legacy: dict[str, Json], candidate: dict[str, Json] | None = None) -> Around:
    return Around(legacy, legacy if candidate is None else candidate)


@pytest.mark.parametrize(
    ("currency", "legacy", "candidate", "is_equal", "is_rounding"),
    [
        ("EUR", "10.00", 1000, True, False),
        ("EUR", Decimal("10.00"), 1000, True, False),
        ("EUR", "10.00", Decimal("10.0"), True, False),
        ("EUR", "10", 1000, True, False),
        ("eur", "10.0", "10.00", True, False),
        ("EUR", "10.00", 1001, False, True),
        ("EUR", 1000, 1001, False, True),
        ("EUR", "10.00", "10.005", False, True),
        ("EUR", "10.00", "10.011", False, False),
        ("EUR", 1000, 1002, False, False),
        ("EUR", 10, "10.00", False, False),
        ("EUR", "10.00", "1000", False, False),
        ("EUR", "10.00", -1000, False, False),
        ("JPY", "1000", 1000, True, False),
        ("JPY", "1000", 1001, False, True),
        ("BHD", "1.000", 1000, True, False),
        ("BHD", "1.000", 1001, False, True),
        ("BHD", "10.00", 1000, False, False),
        ("XXX", "10.00", 1000, False, False),
        ("XXX", "10.00", "10.0", True, False),
        ("EUR", "10,00", 1000, False, False),
        ("EUR", None, 0, False, False),
        ("EUR", True, 1, False, False),
        (None, "10.00", 1000, False, False),
        (None, "10.00", "10.0", True, False),
        (978, "10.00", "10.0", False, False),
    ],
)
def test_amounts(currency: Json, legacy: Json, candidate: Json, is_equal: bool, is_rounding: bool) -> None:
    beside = around({"currency": currency})
    for pair in ((legacy, candidate), (candidate, legacy)):
        assert equal(RULE, *pair, beside) is is_equal
        assert one_unit_apart(RULE, *pair, beside) is is_rounding


def test_never_across_currencies() -> None:
    beside = around({"currency": "EUR"}, {"currency": "USD"})
    assert not equal(RULE, "10.00", "10.0", beside)
    assert not one_unit_apart(RULE, "10.00", "10.01", beside)
    assert minor_unit("EUR", "USD") is None
    assert minor_unit("EUR", "eur") == Decimal("0.01")


def test_an_exponent_beside_the_amount_counts_on_its_side() -> None:
    rule = MoneyRule("$.amount", exponent="exponent")
    beside = around({"currency": "EUR", "exponent": 3}, {"currency": "EUR"})
    assert equal(rule, 10_000, 1000, beside)
    assert not equal(MoneyRule("$.amount"), 10_000, 1000, beside)
    for wrong in (-1, 19, "2", True, Decimal("2.5")):
        assert not equal(rule, 1000, "10.00", around({"currency": "EUR", "exponent": wrong}))


def test_units_may_be_told_for_each_side() -> None:
    rule = MoneyRule("$.amount", legacy=Units.MAJOR, candidate=Units.MINOR)
    beside = around({"currency": "EUR"})
    assert equal(rule, 10, "1000", beside)
    assert not equal(rule, 1000, 1000, beside)


@given(st.integers(-(10**15), 10**15), st.sampled_from([("JPY", 0), ("EUR", 2), ("BHD", 3)]))
def test_minor_units_strings_and_numbers_agree(minor: int, currency: tuple[str, int]) -> None:
    code, places = currency
    beside = around({"currency": code})
    major = Decimal(minor).scaleb(-places)
    assert equal(RULE, f"{major:f}", minor, beside)
    assert not equal(RULE, f"{major:f}", minor + 1, beside)
    assert one_unit_apart(RULE, f"{major:f}", minor + 1, beside)
    assert not one_unit_apart(RULE, f"{major:f}", minor + 2, beside)
