"""The rates are the published ones, both systems have the same, and only they round as they say."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.flows import HALF_CENTS
from examples.monolith.payments import vat as monolith
from examples.service import vat as service

EVERY = [(country, category) for country in monolith.RATES for category in monolith.CATEGORIES]


@pytest.mark.parametrize(
    ("country", "category", "percent"),
    [
        ("FR", "standard", "20.0"),
        ("FR", "accommodation", "10.0"),
        ("FR", "food", "5.5"),
        ("FR", "books", "5.5"),
        ("FR", "press", "2.1"),
        ("DE", "standard", "19.0"),
        ("DE", "food", "7.0"),
        ("ES", "standard", "21.0"),
        ("ES", "food", "10.0"),
        ("ES", "staple_food", "4.0"),
        ("IT", "standard", "22.0"),
        ("IT", "food", "10.0"),
        ("IT", "books", "4.0"),
        ("US", "standard", "0.0"),
    ],
)
def test_a_rate_is_the_published_one(country: str, category: str, percent: str) -> None:
    assert str(monolith.rate(country, category)) == percent


def test_both_systems_have_the_same_rates_and_notes() -> None:
    for country, category in EVERY:
        assert service.rate(country, category) == monolith.rate(country, category)  # type: ignore[arg-type]
        assert service.note(country) == monolith.note(country)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.decimals(0, 10**9, places=2), st.sampled_from(EVERY)), max_size=20))
def test_both_systems_issue_the_same_total_and_it_is_the_sum_of_rounded_lines(lines: list[Any]) -> None:
    pairs = [(net, monolith.rate(*kind)) for net, kind in lines]
    totals = monolith.totals(pairs)
    assert totals.vat == service.total_vat(pairs) == sum(monolith.vat_of(net, rate) for net, rate in pairs)
    assert totals.total - totals.net == totals.vat
    for net, rate in pairs:
        assert abs(monolith.vat_of(net, rate) - net * rate / 100) <= Decimal("0.005")


def test_the_prices_for_half_cents_are_where_half_up_and_half_to_even_part() -> None:
    for country, (category, prices) in HALF_CENTS.items():
        rate = monolith.rate(country, category)
        for net in map(Decimal, prices):
            to_even = (net * rate / 100).quantize(monolith.CENT, rounding=ROUND_HALF_EVEN)
            assert service.vat_of(net, rate) == monolith.vat_of(net, rate)
            assert monolith.vat_of(net, rate) - to_even == monolith.CENT, (country, net)
