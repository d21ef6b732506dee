"""IBANs: country, length, structure and check digits, however they are spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.redaction.iban import COUNTRIES, find_ibans, is_iban
from tests.support.made import iban

EXAMPLES = [  # of SWIFT's IBAN registry
    "AD1200012030200359100100",
    "AT611904300234573201",
    "BE68539007547034",
    "BR1800360305000010009795493C1",
    "CH9300762011623852957",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "GB29NWBK60161331926819",
    "IE29AIBK93115212345678",
    "IT60X0542811101000000123456",
    "LC55HEMM000100010012001200023015",
    "MT84MALT011000012345MTLCAST001S",
    "MU17BOMM0101101030300200000MUR",
    "NL91ABNA0417164300",
    "NO9386011117947",
    "SE4550000000058398257466",
]


@pytest.mark.parametrize("signs", EXAMPLES)
def test_the_registrys_examples(signs: str) -> None:
    assert is_iban(signs)
    grouped = " ".join(signs[at : at + 4] for at in range(0, len(signs), 4))
    for spelled in (signs, signs.lower(), grouped, grouped.replace(" ", "-"), grouped.replace(" ", "%20")):
        (found,) = find_ibans(f"pay to {spelled}, at once")
        assert (found.signs, f"pay to {spelled}, at once"[found.start : found.end]) == (signs, spelled)


@given(st.randoms(use_true_random=False), st.sampled_from(COUNTRIES), st.text("ab1 é", max_size=6))
def test_each_country(chance: object, country: str, around: str) -> None:
    signs = iban(chance, country)  # type: ignore[arg-type]
    assert [found.signs for found in find_ibans(f"{around} {signs} {around}")] == [signs]


@pytest.mark.parametrize(
    "text",
    [
        "DE88370400440532013000",
        "DE8937040044053201300",
        "DE893704004405320130001",
        "xDE89370400440532013000",
        "AA89370400440532013000",
        "GB29123460161331926819",
        "de893704aa440532013000",
    ],
)
def test_what_is_none(text: str) -> None:
    assert list(find_ibans(text)) == []


def test_one_that_begins_within_another_candidate() -> None:
    (found,) = find_ibans("at 10 dollars or DE89 3704 0044 0532 0130 00 AT")
    assert found.signs == "DE89370400440532013000"
