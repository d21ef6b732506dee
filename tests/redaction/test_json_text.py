"""JSON is redacted in place: nothing else changes its spelling, and what is not JSON is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.redaction.json_text import JsonText
from proxy.redaction.paths import PathSet
from proxy.redaction.place import Places
from proxy.redaction.tokens import Sort, Tokens
from proxy.redaction.values import Values

TOKENS = Tokens(b"k" * 32)
PAN = TOKENS.card("4111111111111111")


def redact(text: str, *paths: str) -> str | None:
    return JsonText(Values(TOKENS), Places(PathSet(paths))).redact(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"n": "4111111111111111", "a": 10.00}', f'{{"n": "{PAN}", "a": 10.00}}'),
        ('{"n":4111111111111111}', f'{{"n":"{PAN}"}}'),
        ('{"a":1,"a":{"cvc": 123}}', '{"a":1,"a":{"cvc": "cvc_removed"}}'),
        ('{"cvc":null,"cvc":"","pin":true}', '{"cvc":null,"cvc":"","pin":true}'),
        ('{"\\u0063vc":"123"}', '{"\\u0063vc":"cvc_removed"}'),
        ('{"4111111111111111":1}', f'{{"{PAN}":1}}'),
        ("[-4111111111111111]", f'["-{PAN}"]'),
        ('{"key":"cvc","value":"739"}', '{"key":"cvc","value":"cvc_removed"}'),
        ('{"value":739,"content":{},"code":"cvc"}', '{"value":"cvc_removed","content":{},"code":"cvc"}'),
        ('{"value":739,"x":"4111111111111111","name":"cvc"}', f'{{"value":"cvc_removed","x":"{PAN}","name":"cvc"}}'),
        ('{"name":"colour","value":"739"}', '{"name":"colour","value":"739"}'),
        ('{"a":"\\ud800 4111111111111111"}', f'{{"a":"\ud800 {PAN}"}}'),
        ('{"cvc":"123"}\n{"cvc":"456"}', '{"cvc":"cvc_removed"}\n{"cvc":"cvc_removed"}'),
        ('{"message":"{\\"cvc\\":\\"123\\"}"}', '{"message":"{\\"cvc\\":\\"cvc_removed\\"}"}'),
    ],
)
def test_replaces_in_place(text: str, expected: str) -> None:
    assert redact(text) == expected


def test_a_rule_names_scalars_and_all_that_is_below() -> None:
    clean = redact('{"holder":{"name":"Ann","age":7,"ok":true,"x":null},"y":"Ann"}', "$.holder")
    assert clean is not None
    holder = json.loads(clean)["holder"]
    assert holder["name"] == TOKENS.of(Sort.PERSON, "Ann")
    assert holder["age"].startswith("secret_")
    assert holder["ok"].startswith("secret_")
    assert holder["x"] is None
    assert json.loads(clean)["y"] == "Ann"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "4111 1111",
        '{"a":1 "b":2}',
        '{"a":}x',
        "[1,2",
        "[1 2]",
        '["4111 1111" "1111 1111"]',
        "]",
        '{"a":1}}',
        "{1:2}",
        '{"a" 1}',
        "01",
        "nul",
        '"a" "b"',
    ],
)
def test_refuses_what_is_not_json(text: str) -> None:
    assert redact(text) is None


def test_any_depth() -> None:
    text = "[" * 30_000 + '"4111111111111111"' + "]" * 30_000
    assert redact(text) == text.replace("4111111111111111", PAN)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-999_999, 999_999) | st.text(max_size=12),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=6), children, max_size=4),
    max_leaves=20,
)


@given(JSON, st.sampled_from([None, 2]), st.booleans())
def test_clean_json_stays_the_same_text(document: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    assert redact(text) == text


def test_the_beginning_of_broken_json_is_read_by_its_names() -> None:
    text = JsonText(Values(TOKENS), Places(PathSet(())))
    begun = text.redact_beginning('{"customer":{"name":"Ann"},"cvc":"739", oops "cvc":"739"')
    assert begun == f'{{"customer":{{"name":"{TOKENS.of(Sort.PERSON, "Ann")}"}},"cvc":"cvc_removed", oops "cvc":"739"'


def test_a_value_that_holds_something_is_found_beside_others_and_again() -> None:
    text = JsonText(Values(TOKENS), Places(PathSet(())))
    quiet = '{"order_reference":"o-20240501-7731","note":"leave it at the door"}'
    assert text.redact(quiet) == quiet
    for _ in range(2):
        loud = text.redact('{"order_reference":"4111111111111111","note":"leave it at the door","4111111111111111":1}')
        assert loud == f'{{"order_reference":"{PAN}","note":"leave it at the door","{PAN}":1}}'
