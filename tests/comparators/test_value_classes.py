import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators import Answer, Kind, compare, compile_policy
from comparators.value_classes import ValueClass, value_class

POLICY = compile_policy()
TYPES = {"null", "boolean", "number", "string", "object", "array"}


@pytest.mark.parametrize(
    ("legacy", "candidate", "word"),
    [
        ("10.00", "10.01", "one-unit"),
        ('"10.00"', '"9.99"', "one-unit"),
        ("4999", "5000", "one-unit"),
        ('"0.00"', '"0.01"', "one-unit"),
        ("10.00", "10.02", "number"),
        ("10.00", "-10.00", "sign"),
        ("2.50", "0", "to-zero"),
        ("0", "2.50", "from-zero"),
        ("10.00", "1000", "scale"),
        ('"10.50"', '"1050"', "scale"),
        ('"10.50"', '"99.80"', "number"),
        ('"57118430"', '"16143765"', "text"),
        ('"12e45"', '"34e56"', "text"),
        ("10.1", "10.100000000000001", "drift"),
        ("1e400", "2e400", "number"),
        ("1e9999", "-1e9999", "sign"),
        ('"EUR"', '"eur"', "case"),
        ('"a b"', '"ab "', "whitespace"),
        ('"a\\tb"', '"a b"', "whitespace"),
        ('"é"', '"e\u0301"', "unicode"),
        ('"é"', '"e"', "text"),
        ('""', '"x"', "from-empty"),
        ('"x"', '""', "to-empty"),
        ('"paid"', '"open"', "text"),
        ('"2026-01-01T10:00:00Z"', '"2026-01-01T10:00:03Z"', "clock"),
        ('"2026-01-01T10:00:00Z"', '"2026-01-01T12:00:00Z"', "zone"),
        ('"2026-01-01T10:00:00Z"', '"2026-01-01T12:07:00Z"', "instant"),
        ('"2026-01-01T10:00:00Z"', '"2026-01-01T10:00:03"', "instant"),
        ("true", "false", "to-false"),
        ("false", "true", "to-true"),
        ("…rest of a text", "…another rest", "text"),
        ('["a"]', '["b"]', "other"),
    ],
)
def test_values_of_one_type(legacy: str, candidate: str, word: str) -> None:
    assert value_class(Kind.VALUE, legacy, candidate) == word
    assert word in set(ValueClass)


@pytest.mark.parametrize(
    ("kind", "legacy", "candidate", "word"),
    [
        (Kind.TYPE, "null", '"x"', "null-to-string"),
        (Kind.TYPE, "4999", '"4999"', "number-to-string"),
        (Kind.MISSING, "null", None, "null"),
        (Kind.MISSING, "[]", None, "empty"),
        (Kind.ADDED, None, '{"a":1}', "object"),
        (Kind.STATUS, "200", "404", "200-to-404"),
        (Kind.LENGTH, "3", "0", "to-empty"),
        (Kind.LENGTH, "0", "3", "from-empty"),
        (Kind.LENGTH, "9", "10", "longer"),
        (Kind.LENGTH, "10", "9", "shorter"),
        (Kind.HEADER, '"text/html"', '"text/HTML"', "case"),
    ],
)
def test_other_kinds(kind: Kind, legacy: str | None, candidate: str | None, word: str) -> None:
    assert value_class(kind, legacy, candidate) == word


@given(st.one_of(st.none(), st.text(max_size=60)), st.one_of(st.none(), st.text(max_size=60)), st.sampled_from(Kind))
def test_any_texts_have_a_short_word(legacy: str | None, candidate: str | None, kind: Kind) -> None:
    assert isinstance(value_class(kind, legacy, candidate), str)


def test_a_long_number_costs_next_to_nothing() -> None:
    began = time.process_time()
    assert value_class(Kind.VALUE, "9" * 60 + "e9999", "8" * 60 + "e-9999") == "number"
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("legacy", "candidate", "word"),
    [(b'{"a":"10.00"}', b'{"a":"10.01"}', "one-unit"), (b'{"a":null}', b"{}", "null"), (b'{"a":1}', b'{"a":"1"}', "")],
)
def test_a_comparison_says_it(legacy: bytes, candidate: bytes, word: str) -> None:
    fields = ((b"Content-Type", b"application/json"),)
    [difference] = compare(Answer(200, fields, legacy), Answer(200, fields, candidate), POLICY).differences
    assert difference.value_class == (word or "number-to-string")
