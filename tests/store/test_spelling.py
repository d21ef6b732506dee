"""What is read back is what was written."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.store.spelling import digest, headers_from_text, headers_to_text, packed, unpacked, writable

SALT = b"s" * 32


@given(st.binary(max_size=2_000) | st.binary(max_size=20).map(lambda part: part * 100))
def test_bodies(body: bytes) -> None:
    kept = packed(body, digest(body, SALT))
    assert unpacked(kept.data, kept.is_compressed) == body
    assert kept.size == len(body)
    assert len(kept.data) <= len(body)


def test_a_long_body_is_compressed() -> None:
    assert len(packed(b'{"amount": 1}' * 100, b"").data) < 200


def test_names_depend_on_body_and_salt() -> None:
    assert digest(b"a", SALT) == digest(b"a", SALT)
    assert digest(b"a", SALT) != digest(b"b", SALT)
    assert digest(b"a", SALT) != digest(b"a", b"t" * 32)


@given(st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20))).map(tuple))
def test_headers(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    assert headers_from_text(headers_to_text(headers)) == headers


def test_lone_surrogates_and_nul_are_spelled_out() -> None:
    assert writable("\ud800\0é") == "\\ud800\\x00é"


@given(st.text(st.characters(exclude_categories=())))
def test_text_that_no_database_takes_is_spelled_out(text: str) -> None:
    kept = writable(text)
    kept.encode()
    assert "\0" not in kept
    if "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text):
        assert kept == text
