"""Values in text after a telling name; codes, PINs and secrets are in test_text."""

import pytest

from proxy.redaction.named_text import without_named
from proxy.redaction.tokens import Sort, Tokens

TOKENS = Tokens(b"k" * 32)
ANN = TOKENS.of(Sort.PERSON, "Ann Lee")


@pytest.mark.parametrize(
    "text",
    [
        'broken {"holderName": "Ann Lee", ',
        "{'card_holder': 'Ann Lee'",
        '{\\"first_name\\":\\"Ann Lee\\"',
        "full name=Ann Lee, amount=3",
        "<ns:accountHolder>Ann Lee</ns:accountHolder>",
        '<input name="holder" value="Ann Lee">',
        'name="last_name"\r\n\r\nAnn Lee\r\n--',
        "Nachname: Ann Lee",
    ],
)
def test_people(text: str) -> None:
    clean = without_named(text, TOKENS)
    assert clean == text.replace("Ann Lee", ANN)
    assert without_named(clean, TOKENS) == clean


@pytest.mark.parametrize("text", ['"holder": null', "the holder of this", "shareholder meeting", '"name": "Widget"'])
def test_leaves_alone(text: str) -> None:
    assert without_named(text, TOKENS) == text
