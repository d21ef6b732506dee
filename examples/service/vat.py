"""VAT as invoices state it when they are issued: rates in percent by country and kind of goods, half a cent goes up.

The United States have no VAT. The rates are those of 2025 and those of the monolith; a test compares all of them.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

CENT = Decimal("0.01")
Country = Literal["FR", "DE", "ES", "IT", "US"]
Category = Literal["standard", "accommodation", "food", "staple_food", "books", "press"]
_STANDARD: dict[Country, str] = {"FR": "20.0", "DE": "19.0", "ES": "21.0", "IT": "22.0", "US": "0.0"}
_REDUCED: dict[Country, dict[Category, str]] = {
    "FR": {"accommodation": "10.0", "food": "5.5", "staple_food": "5.5", "books": "5.5", "press": "2.1"},
    "DE": {"accommodation": "7.0", "food": "7.0", "staple_food": "7.0", "books": "7.0", "press": "7.0"},
    "ES": {"accommodation": "10.0", "food": "10.0", "staple_food": "4.0", "books": "4.0", "press": "4.0"},
    "IT": {"accommodation": "10.0", "food": "10.0", "staple_food": "4.0", "books": "4.0", "press": "4.0"},
    "US": {},
}


def rate(country: Country, category: Category) -> Decimal:
    return Decimal(_REDUCED[country].get(category, _STANDARD[country]))


def vat_of(net: Decimal, rate_percent: Decimal) -> Decimal:
    return (net * rate_percent / 100).quantize(CENT, rounding=ROUND_HALF_UP)


def total_vat(lines: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """The sum of the rounded VAT of pairs of (net amount, rate in percent)."""
    return sum((vat_of(net, rate_percent) for net, rate_percent in lines), Decimal("0.00"))


def note(country: Country) -> str | None:
    return "No VAT: supplied outside the European Union." if country == "US" else None
