"""Bodies as documents."""

import pytest

from proxy.claims.documents import FIELDS, document_of

FORM = ((b"Content-Type", b"application/x-www-form-urlencoded; charset=utf-8"),)


@pytest.mark.parametrize("body", [None, b"", b"{", b"\xff", b"[" * 100_000])
def test_what_cannot_be_read_is_not_there(body: bytes | None) -> None:
    assert document_of((), body) is None


def test_json_needs_no_media_type() -> None:
    assert document_of((), b'{"a": {"b": [1]}}') == {"a": {"b": [1]}}


def test_a_form_is_the_object_that_its_names_spell() -> None:
    body = b"a=1&card[number]=42+4&to[]=x&to[]=y&a=2&%5B=z&card=3&e"
    assert document_of(FORM, body) == {"a": "1", "card": {"number": "42 4"}, "to": ["x", "y"], "e": ""}


def test_a_name_that_is_a_text_and_an_object_is_the_first_of_both() -> None:
    assert document_of(FORM, b"a=1&a[b]=2&a[]=3&c[]=1&c[d]=2") == {"a": "1", "c": ["1"]}


def test_fields_of_a_form_are_bounded() -> None:
    found = document_of(FORM, b"&".join(b"f%d=1" % number for number in range(FIELDS + 5)))
    assert isinstance(found, dict)
    assert len(found) == FIELDS
