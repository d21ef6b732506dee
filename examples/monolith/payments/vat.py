"""VAT of France, Germany, Spain and Italy, and none for the United States.

Rates in percent as of 2025 (European Commission, "VAT rates applied in the Member States"). A line's VAT is rounded
half up to the cent, as invoices are in these countries, and the total is the sum of the rounded lines.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
CATEGORIES = ("standard", "accommodation", "food", "staple_food", "books", "press")
RATES: dict[str, tuple[str, ...]] = {
    "FR": ("20.0", "10.0", "5.5", "5.5", "5.5", "2.1"),
    "DE": ("19.0", "7.0", "7.0", "7.0", "7.0", "7.0"),
    "ES": ("21.0", "10.0", "10.0", "4.0", "4.0", "4.0"),
    "IT": ("22.0", "10.0", "10.0", "4.0", "4.0", "4.0"),
    "US": ("0.0", "0.0", "0.0", "0.0", "0.0", "0.0"),
}
OUTSIDE_VAT = "No VAT: supplied outside the European Union."


@dataclass(frozen=True, slots=True)
class Totals:
    """Net, VAT and their sum, each with two decimal places, in the invoice's currency."""

    net: Decimal
    vat: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.vat


def rate(country: str, category: str) -> Decimal:
    """The rate in percent. The country and the category must be known: KeyError or ValueError if not."""
    return Decimal(RATES[country][CATEGORIES.index(category)])


def vat_of(net: Decimal, rate_percent: Decimal) -> Decimal:
    return (net * rate_percent / 100).quantize(CENT, rounding=ROUND_HALF_UP)


def totals(lines: Iterable[tuple[Decimal, Decimal]]) -> Totals:
    """Sum up pairs of (net amount, rate in percent)."""
    net = vat = Decimal("0.00")
    for line_net, line_rate in lines:
        net += line_net
        vat += vat_of(line_net, line_rate)
    return Totals(net, vat)


def note(country: str) -> str | None:
    return OUTSIDE_VAT if country == "US" else None
