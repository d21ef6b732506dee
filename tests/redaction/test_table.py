"""CSV, cell by cell."""

import pytest

from proxy.redaction.paths import PathSet
from proxy.redaction.place import Places
from proxy.redaction.table import redact_table
from proxy.redaction.tokens import Sort, Tokens
from proxy.redaction.values import Values

TOKENS = Tokens(b"k" * 32)
PAN, ANN = TOKENS.card("4111111111111111"), TOKENS.of(Sort.PERSON, 'Ann "A" Lee')


def redact(text: str, *paths: str) -> str:
    return redact_table(text, Values(TOKENS), Places(PathSet(paths)))


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_cells_are_judged_by_their_columns(sign: str, end: str) -> None:
    lines = (["id", "holder_name", "card number", "cvc"], ["1", '"Ann ""A"" Lee"', "4111 1111 1111 1111", "123"])
    kept = (["id", "holder_name", "card number", "cvc"], ["1", f'"{ANN}"', PAN, "cvc_removed"])
    assert redact(end.join(map(sign.join, lines)) + end) == end.join(map(sign.join, kept)) + end


@pytest.mark.parametrize("text", ["", "a", "a,b\n1,2,3\n", '"', 'a,"b\n', "\n\n,,\n", 'a"b,c\n1"2"3,4'])
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert redact(text) == text


def test_rules_name_columns() -> None:
    assert redact("a,b\nx,y\n", "$.b") == f"a,b\nx,{TOKENS.secret(b'y')}\n"


def test_a_card_number_anywhere() -> None:
    assert redact("a,b\n1,4111111111111111\n4111111111111111") == f"a,b\n1,{PAN}\n{PAN}"
