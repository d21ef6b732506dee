"""Secrets in running text."""

import pytest

from proxy.redaction.text import scan
from proxy.redaction.tokens import Tokens

TOKENS = Tokens(b"k" * 32)
PAN = TOKENS.card("4111111111111111")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "<card><cvc>123</cvc><pan>4111111111111111</pan></card>",
            f"<card><cvc>cvc_removed</cvc><pan>{PAN}</pan></card>",
        ),
        ('name="cvc"\r\n\r\n123\r\n--', 'name="cvc"\r\n\r\ncvc_removed\r\n--'),
        (
            'name="cvc"\r\nContent-Type: text/plain\r\n\r\n123\r\n--',
            'name="cvc"\r\nContent-Type: text/plain\r\n\r\ncvc_removed\r\n--',
        ),
        ('broken {"security_code": "1234"', 'broken {"security_code": "cvc_removed"'),
        ('{"n": "\\u0034111111111111111"', f'{{"n": "{PAN}"'),
        ("n=%34%31%31%31111111111111", f"n={PAN}"),
        ("Authorization: Bearer abc.def123", f"Authorization: Bearer {TOKENS.secret(b'abc.def123')}"),
        ("key sk_live_abcdefgh1234", f"key {TOKENS.secret(b'sk_live_abcdefgh1234')}"),
        ('password: "hunter2"', f'password: "{TOKENS.secret(b"hunter2")}"'),
    ],
)
def test_removes(text: str, expected: str) -> None:
    assert scan(text, TOKENS) == expected
    assert scan(expected, TOKENS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "cvc_check: pass",
        "the bearer of this letter",
        "cvc 12345",
        "100% of \\u0033 orders",
        "idempotency key abc",
        "a%3Db",
    ],
)
def test_leaves_alone(text: str) -> None:
    assert scan(text, TOKENS) is text
