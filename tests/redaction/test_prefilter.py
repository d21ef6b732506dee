"""The prefilter may say yes in vain, never no in vain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.redaction import prefilter
from proxy.redaction.cards import find_cards
from proxy.redaction.text import scan
from proxy.redaction.tokens import Tokens

TOKENS = Tokens(b"k" * 32)
PIECES = st.sampled_from(
    [
        "4111111111111111",
        "4111 1111",
        "-1111",
        "cvc",
        "=123",
        '": "',
        "Bearer ",
        "abc123def4567890",
        "%34",
        "password=",
        " ",
        "x",
        "\n",
        ">",
        "<",
        '"',
        "]",
        ":",
        "pin",
        "cid",
        "7391",
        "security",
        "code",
        "token",
        "Cookie",
        "Authorization",
        "Digest a=",
        ' value="',
        'name="',
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_what_the_search_would_change_is_never_called_clean(text: str) -> None:
    if scan(text, TOKENS) != text:
        assert not prefilter.is_clean(text.encode(), "utf-8")


@given(st.text(alphabet="0123456789 -.\u00a0\u2013/4", max_size=40))
def test_digits_are_seen_wherever_a_card_is_found(text: str) -> None:
    if find_cards(text):
        assert prefilter.has_digits(text.encode())


@pytest.mark.parametrize("text", [b'{"id": "pay_1", "amount": "10.00"}', b'{"ts": 1714557600123}', b"plain words"])
def test_ordinary_text_is_clean(text: bytes) -> None:
    assert prefilter.is_clean(text)


def test_escapes_are_not_trusted() -> None:
    assert prefilter.is_spelled(b'"c\\u0076c"')
    assert prefilter.is_spelled(b"c%76c")
    assert not prefilter.is_spelled(b"100%")
