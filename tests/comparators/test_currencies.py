"""Minor units by ISO 4217."""

import pytest

from comparators.currencies import exponent


@pytest.mark.parametrize(
    ("code", "places"),
    [("JPY", 0), ("CLP", 0), ("EUR", 2), ("eur", 2), ("HUF", 2), ("BHD", 3), ("KWD", 3), ("CLF", 4)],
)
def test_minor_units(code: str, places: int) -> None:
    assert exponent(code) == places


@pytest.mark.parametrize("code", ["", "XAU", "XTS", "EU", "EURO", "€", None, 978, True, ["EUR"]])
def test_what_is_not_listed_has_none(code: object) -> None:
    assert exponent(code) is None
