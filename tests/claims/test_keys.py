"""The key of a request, and whose it is."""

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from proxy.claims.keys import LONGEST, Digests, Found, compile_rule, find, is_pinned, rule_text, text_of
from proxy.messages import Headers
from proxy.routing.asked import Asked
from proxy.routing.route import Pin, Route
from proxy.routing.split import Semantics

PIN = Pin(("header:Idempotency-Key", "body:$.meta.key", "query:key"), "jwt:sub")
DIGESTS = Digests(b"s" * 32)


def asked(headers: Headers = (), body: bytes | None = None, target: bytes = b"/", *, awaited: bool = False) -> Asked:
    return Asked(target, headers, body=body, awaited=awaited)


def found(pin: Pin, request: Asked) -> Found:
    rule = compile_rule(Route("pay", "monolith", pin=pin))
    assert rule is not None
    return find(rule, request)


def token(**claims: object) -> tuple[bytes, bytes]:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    return (b"Authorization", b"Bearer e30." + body + b".sig")


def test_the_first_source_that_has_one_counts() -> None:
    body = b'{"meta": {"key": "b"}}'
    assert found(PIN, asked(((b"idempotency-key", b"h"),), body)).key == b"h"
    assert found(PIN, asked((), body, b"/?key=q")).key == b"b"
    assert found(PIN, asked((), b"{}", b"/?key=q")).key == b"q"
    assert found(PIN, asked((), b"{}")) == Found()


def test_a_body_is_awaited_only_if_no_source_before_it_has_the_key() -> None:
    assert found(PIN, asked(awaited=True)).needs_body
    assert found(PIN, asked(((b"Idempotency-Key", b"h"),), awaited=True)) == Found(b"h")


def test_a_form_has_keys_too() -> None:
    form = ((b"Content-Type", b"application/x-www-form-urlencoded"),)
    assert found(PIN, asked(form, b"meta[key]=f")).key == b"f"


def test_a_refreshed_token_is_the_same_scope() -> None:
    key = (b"Idempotency-Key", b"h")
    first = found(PIN, asked((key, token(sub="m1", iat=1))))
    later = found(PIN, asked((token(iat=2, sub="m1", jti="x"), key)))
    other = found(PIN, asked((key, token(sub="m2"))))
    assert first.scope == later.scope == b"m1"
    assert DIGESTS.key(first) == DIGESTS.key(later) != DIGESTS.key(other)


def test_without_a_scope_or_its_value_a_key_is_told_by_itself() -> None:
    request = asked(((b"Idempotency-Key", b"h"),))
    assert found(PIN, request).scope == found(Pin(PIN.key), request).scope == b""


def test_one_key_is_one_by_whatever_route_and_place() -> None:
    by_header = found(PIN, asked(((b"Idempotency-Key", b"h"),)))
    by_body = found(Pin(("body:$.k",)), asked((), b'{"k": "h"}'))
    assert DIGESTS.key(by_header) == DIGESTS.key(by_body)


def test_a_key_that_is_too_long_is_none() -> None:
    assert found(PIN, asked(((b"Idempotency-Key", b"h" * (LONGEST + 1)),), b"{}")) == Found()


def test_only_writes_are_pinned() -> None:
    route = Route("pay", "monolith", pin=PIN)
    assert is_pinned(route, b"POST")
    assert not is_pinned(route, b"GET")
    assert is_pinned(Route("pay", "monolith", pin=PIN, semantics=Semantics.WRITE), b"GET")
    assert not is_pinned(Route("pay", "monolith"), b"POST")
    assert compile_rule(Route("pay", "monolith")) is None


def test_rules_are_told_apart_by_where_they_look() -> None:
    assert rule_text(PIN) == rule_text(Pin(PIN.key, PIN.scope, True, 1.0)) != rule_text(Pin(PIN.key))


def test_values() -> None:
    assert [text_of(value) for value in ("a", 5, True, None, 1.5, [], "")] == [b"a", b"5", None, None, None, None, b""]


@given(st.binary(min_size=1, max_size=20), st.binary(max_size=20), st.binary(min_size=1, max_size=20), st.binary())
def test_digests_are_equal_only_for_equal_keys_and_scopes(a: bytes, scope: bytes, b: bytes, other: bytes) -> None:
    same = (a, scope) == (b, other)
    assert (DIGESTS.key(Found(a, scope)) == DIGESTS.key(Found(b, other))) is same
    assert DIGESTS.key(Found(a, scope)) != Digests(b"t" * 32).key(Found(a, scope))
    assert DIGESTS.id("payment", a) != DIGESTS.key(Found(a, b"payment"))
    assert DIGESTS.token(a).startswith("secret_")
