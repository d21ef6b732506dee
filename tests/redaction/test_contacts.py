"""E-mail addresses, credentials in URLs, telephone numbers after a word."""

import pytest

from proxy.redaction.contacts import without_contacts
from proxy.redaction.tokens import Sort, Tokens

TOKENS = Tokens(b"k" * 32)


@pytest.mark.parametrize(
    ("text", "sort", "value"),
    [
        ("write to ann@example.com.", Sort.EMAIL, "ann@example.com"),
        ("'ann.o'neil+pay@mail.example.co.uk'", Sort.EMAIL, "ann.o'neil+pay@mail.example.co.uk"),
        ("email=ann@example.com&x=1", Sort.EMAIL, "ann@example.com"),
        ("mailto:änn@müller.de", Sort.EMAIL, "änn@müller.de"),
        ("postgres://ann:pw@db/pay", Sort.SECRET, "ann:pw"),
        ("tel:+49-170-1234567", Sort.PHONE, "+49-170-1234567"),
        ("<phone>+49 170 1234567</phone>", Sort.PHONE, "+49 170 1234567"),
        ('{"mobile_number": "+14155550100"', Sort.PHONE, "+14155550100"),
        ("phone%3D%2B14155550100", Sort.PHONE, "%2B14155550100"),
    ],
)
def test_removes(text: str, sort: Sort, value: str) -> None:
    clean = without_contacts(text, TOKENS)
    assert clean == text.replace(value, TOKENS.of(sort, value))
    assert without_contacts(clean, TOKENS) == clean


@pytest.mark.parametrize(
    "text",
    ["+14155550100", "order 4915550100", "phone: 12", "a@b", "pkg@1.2.3", "https://host/a@b", "@decorator", "x @ y.z"],
)
def test_leaves_alone(text: str) -> None:
    assert without_contacts(text, TOKENS) == text


def test_many_signs_cost_little() -> None:
    for hostile in ("a@" * 50_000, "a" * 100_000 + "@", "a." * 50_000 + "@a.", "@" + "a." * 50_000 + "1"):
        assert without_contacts(hostile, TOKENS) == hostile
