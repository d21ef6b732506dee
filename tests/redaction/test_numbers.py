"""Numbers in running text: cards, tracks, masked numbers, IBANs."""

import pytest

from proxy.redaction.numbers import TRACK_REMOVED, without_numbers
from proxy.redaction.tokens import Sort, Tokens

TOKENS = Tokens(b"k" * 32)
PAN = TOKENS.card("4111111111111111")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 4111-1111-1111-1111 b", f"a {PAN} b"),
        ("a \uff14111 1111\u20091111\xa01111", f"a {PAN}"),
        ("x %B4111111111111111^DOE/JOHN^25121011000012345678? y", f"x {TRACK_REMOVED} y"),
        ("x ;4111111111111111=25121011000012345678? y", f"x {TRACK_REMOVED} y"),
        ("4111111111111111D25121011000012345678", TRACK_REMOVED),
        ("to DE89 3704 0044 0532 0130 00.", f"to {TOKENS.of(Sort.IBAN, 'DE89370400440532013000')}."),
        ("0004111111111111111", f"000{PAN}"),
        ("164111111111111111", f"16{PAN}"),
        ("4111111111111111|12|2025|739", f"{PAN}|12|2025|cvc_removed"),
        ("4111 1111 1111 1111 12/25 739", f"{PAN} 12/25 cvc_removed"),
        ("Visa ending in 1111", f"Visa ending in {TOKENS.of(Sort.PART, '1111')}"),
        ('last4: "1111"', f'last4: "{TOKENS.of(Sort.PART, "1111")}"'),
    ],
)
def test_replaces(text: str, expected: str) -> None:
    assert without_numbers(text, TOKENS) == expected
    assert without_numbers(expected, TOKENS) == expected


@pytest.mark.parametrize(
    "masked",
    [
        "411111******1111",
        "4111 11xx xxxx 1111",
        "**** **** **** 1111",
        "XXXX-XXXX-XXXX-1111",
        "•••• 1111",
        "####1111",
        "411111**********",
    ],
)
def test_masked_card_numbers_become_tokens_too(masked: str) -> None:
    clean = without_numbers(f"paid by {masked} today", TOKENS)
    assert "1111" not in clean
    assert "part_" in clean
    assert without_numbers(clean, TOKENS) == clean


@pytest.mark.parametrize(
    "text", ["1714557600123", "2024053112345678", "12=1234567", "x1111", "pending 1111", "**bold** 12"]
)
def test_leaves_alone(text: str) -> None:
    assert without_numbers(text, TOKENS) is text
