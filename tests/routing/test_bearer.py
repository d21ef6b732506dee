"""What a bearer token claims, and what it is not asked."""

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Headers
from proxy.routing.bearer import MAX_TOKEN, bearer_claims, claim


def _part(claims: object) -> bytes:
    text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return urlsafe_b64encode(text).rstrip(b"=")


def _bearer(claims: object) -> Headers:
    return ((b"Authorization", b"Bearer e30." + _part(claims) + b".c2ln"),)


CLAIMS = {
    "sub": "merchant-42",
    "tier": 3,
    "live": True,
    "none": None,
    "act": {"sub": "agent", "deep": {"er": "x"}},
    "roles": ["admin", "ops"],
    "act.sub": "by its whole name",
    "https://example/tenant": "t-1",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("sub", b"merchant-42"),
        ("tier", b"3"),
        ("live", b"true"),
        ("none", None),
        ("nobody", None),
        ("act.deep.er", b"x"),
        ("act.deep", b'{"er":"x"}'),
        ("roles", b'["admin","ops"]'),
        ("roles.admin", None),
        ("act.sub", b"by its whole name"),
        ("https://example/tenant", b"t-1"),
        ("sub.more", None),
    ],
)
def test_a_claim_is_found_by_its_name_or_by_names_with_dots(path: str, value: bytes | None) -> None:
    assert claim(bearer_claims(_bearer(CLAIMS)), path) == value


@pytest.mark.parametrize("scheme", [b"Bearer ", b"bearer ", b"BEARER   "])
def test_the_scheme_may_be_spelled_in_any_case(scheme: bytes) -> None:
    assert bearer_claims(((b"authorization", scheme + b"e30." + _part({"a": "b"}) + b"."),)) == {"a": "b"}


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"Bearer",
        b"Bearer opaque",
        b"Bearer a.b",
        b"Bearer a.b.c.d",
        b"Basic e30." + _part({"a": 1}) + b".x",
        b"Bearer e30." + _part([1]) + b".x",
        b"Bearer e30." + _part(b"{") + b".x",
        b"Bearer e30.\xff\xfe.x",
        b"Bearer e30." + _part({"a": 1}) + b"!!!!.x",
        b"Bearer e30." + _part({"a": "x" * MAX_TOKEN}) + b".x",
        b"Bearer e30." + _part(b"[" * 6000) + b".x",
        b"Bearer e30." + _part(b'{"a":' * 1200) + b".x",
    ],
)
def test_what_cannot_be_read_claims_nothing(value: bytes) -> None:
    assert bearer_claims(((b"Authorization", value),)) == {}


def test_of_two_tokens_none_counts() -> None:
    assert bearer_claims((*_bearer({"a": 1}), *_bearer({"a": 2}))) == {}


@given(st.binary(max_size=60))
def test_nothing_that_is_sent_is_more_than_unreadable(value: bytes) -> None:
    assert isinstance(bearer_claims(((b"authorization", b"Bearer " + value),)), dict)
    assert isinstance(bearer_claims(_bearer(value)), dict)
