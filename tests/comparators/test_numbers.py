"""Exact numbers, in bounded time."""

from decimal import Decimal

import pytest

from comparators.document import Json
from comparators.numbers import distance, is_number, number, product, shifted


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, Decimal(1)),
        (Decimal("1.50"), Decimal("1.5")),
        ("-1.5e2", Decimal(-150)),
        ("1" * 61, None),
        ("1,0", None),
        (" 1", None),
        ("NaN", None),
        ("٣", None),
        (True, None),
        (None, None),
        ([1], None),
    ],
)
def test_numbers(value: Json, expected: Decimal | None) -> None:
    assert number(value) == expected


def test_true_is_no_number() -> None:
    assert is_number(1)
    assert is_number(Decimal(1))
    assert not is_number(True)
    assert not is_number("1")


def test_what_would_be_rounded_is_none() -> None:
    huge, tiny = Decimal("1E+999999"), Decimal("1E-999999")
    assert distance(Decimal("0.3"), Decimal("0.1")) == Decimal("0.2")
    assert distance(huge, tiny) is None
    assert product(Decimal("0.1"), Decimal("0.2")) == Decimal("0.02")
    assert product(Decimal("1" * 6000), Decimal("1" * 6000)) is None
    assert shifted(Decimal(1000), -2) == Decimal(10)
    assert shifted(Decimal("1" * 10_001), -2) is None
