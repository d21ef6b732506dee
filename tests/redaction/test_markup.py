"""XML and HTML, in place."""

import pytest

from proxy.redaction.markup import redact_markup
from proxy.redaction.paths import PathSet
from proxy.redaction.place import Places
from proxy.redaction.tokens import Sort, Tokens
from proxy.redaction.values import Values

TOKENS = Tokens(b"k" * 32)
PAN, ANN = TOKENS.card("4111111111111111"), TOKENS.of(Sort.PERSON, "Ann & Bo")


def redact(text: str, *paths: str) -> str:
    return redact_markup(text, Values(TOKENS), Places(PathSet(paths)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<card><number> 4111 1111 1111 1111 </number></card>", f"<card><number> {PAN} </number></card>"),
        ("<holderName>Ann &amp; Bo</holderName>", f"<holderName>{ANN}</holderName>"),
        ("<ns:HolderName a='1'>Ann &#38; Bo</ns:HolderName>", f"<ns:HolderName a='1'>{ANN}</ns:HolderName>"),
        (
            "<customer><name><![CDATA[Ann & Bo]]></name></customer>",
            f"<customer><name><![CDATA[{ANN}]]></name></customer>",
        ),
        ("<card cvc='123' pan=\"4111111111111111\"/>", f'<card cvc="cvc_removed" pan="{PAN}"/>'),
        ("<input value='123' name='cvc'>", "<input value=\"cvc_removed\" name='cvc'>"),
        ("<field key='holder_name'>Ann &amp; Bo</field>", f"<field key='holder_name'>{ANN}</field>"),
        ('<item key="cvc" value="123"/>', '<item key="cvc" value="cvc_removed"/>'),
        ("<!-- 4111111111111111 --><a/>", f"<!-- {PAN} --><a/>"),
        ("<b>4111</b><b>1111</b> <b>1111</b><b>1111</b>", f"<b>{PAN}</b>"),
        ("<p>&#52;111111111111111</p>", f"<p>{PAN}</p>"),
        ("<a><cvc>1</b></cvc><amount>1</amount></a>", "<a><cvc>cvc_removed</b></cvc><amount>1</amount></a>"),
    ],
)
def test_replaces(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(expected) == expected


def test_rules_read_elements_as_paths() -> None:
    assert redact("<a><b>x</b><c>x</c></a>", "$.a.b") == f"<a><b>{TOKENS.secret(b'x')}</b><c>x</c></a>"


@pytest.mark.parametrize(
    "text", ["", "<", "<a", "<a b=>", "</a>", "<a><a>", "<a b='", "a > b < c", "<!DOCTYPE x [", "<a\n/>"]
)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert redact(text) == text


def test_depth_is_bounded() -> None:
    deep = "<a>" * 20_000 + "<cvc>123</cvc>"
    assert "123" not in redact(deep)
