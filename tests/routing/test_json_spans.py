"""Spans: what the standard parser finds at a path, and the bytes that spell it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.redaction.paths import PathSet
from proxy.routing import json_spans
from proxy.routing.json_spans import NotJsonText, find_spans, in_quotes

NAMES = st.sampled_from(["id", "a", "b", 'q"uote', "\\", "ö", "{", "]", ",", ":"])
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False, allow_infinity=False)
)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=30
)


def values_at(value: Any, steps: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in values_at(each, (*steps, key))]
    if isinstance(value, list):
        return [found for index, each in enumerate(value) for found in values_at(each, (*steps, index))]
    return [(steps, value)]


@given(DOCUMENTS, st.sampled_from([None, 2]), st.booleans())
def test_every_string_and_number_of_a_document_is_found_with_its_bytes(document: Any, indent: Any, plain: bool) -> None:
    body = json.dumps(document, indent=indent, ensure_ascii=plain).encode()
    wanted = [
        (steps, value)
        for steps, value in values_at(document)
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    ]
    spans = find_spans(body, PathSet(("$", "$..*")))
    assert [span.steps for span in spans] == [steps for steps, _ in wanted]
    for span, (_, value) in zip(spans, wanted, strict=True):
        assert json.loads(body[span.start : span.end]) == value
        assert span.quoted is isinstance(value, str)
        assert not span.quoted or span.text == value


@given(DOCUMENTS)
def test_only_what_the_path_names_is_found(document: Any) -> None:
    spans = find_spans(json.dumps(document).encode(), PathSet(("$..id",)))
    assert all(span.steps[-1] == "id" for span in spans)


def test_repeated_names_are_all_found() -> None:
    spans = find_spans(b'{"id": "a", "id": "b"}', PathSet(("$.id",)))
    assert [span.text for span in spans] == ["a", "b"]


def test_a_byte_order_mark_is_passed_over() -> None:
    body = b'\xef\xbb\xbf{"id":"a"}'
    [span] = find_spans(body, PathSet(("$.id",)))
    assert body[span.start : span.end] == b'"a"'


@pytest.mark.parametrize(
    "body", [b"", b"{", b"id", b'{"id":"a"} {"id":"b"}', b'{"id":NaN}', b"[" * 100_000, b'{"id":"\xff"}']
)
def test_what_is_not_one_json_text_is_refused(body: bytes) -> None:
    with pytest.raises(NotJsonText):
        find_spans(body, PathSet(("$.id",)))


def test_the_number_of_spans_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_spans, "MAX_SPANS", 2)
    with pytest.raises(NotJsonText, match="more than"):
        find_spans(b"[1,2,3]", PathSet(("$[*]",)))


@given(st.text())
def test_a_string_in_quotes_is_that_string(text: str) -> None:
    assert json.loads(in_quotes(text)) == text
