"""What is wrong with a pin beyond its schema."""

import pytest

from tests.config.documents import document, messages, route


@pytest.mark.parametrize(
    ("pin", "path", "message"),
    [
        ("{key: [client]}", "key[0]", "a key is in header:X"),
        ("{key: ['cookie:a']}", "key[0]", "a key is in header:X"),
        ("{key: ['header:a b']}", "key[0]", "must name a header"),
        ("{key: ['header:A', 'body:a']}", "key[1]", "a path starts with $"),
        ("{key: ['body:$..a']}", "key[0]", "the whole way to one field"),
        ("{key: ['body:$.a[*]']}", "key[0]", "the whole way to one field"),
        ("{key: ['header:A'], scope: 'header:Authorization'}", "scope", "is a credential"),
        ("{key: ['header:A'], scope: 'cookie:session'}", "scope", "a merchant's identity"),
        ("{key: ['header:A'], scope: 'body:$.a'}", "scope", "a merchant's identity"),
        ("{key: ['header:A'], scope: random}", "scope", "a merchant's identity"),
    ],
)
def test_of_a_route(pin: str, path: str, message: str) -> None:
    ((where, said),) = messages(document(route("a", f"pin: {pin}"))).items()
    assert where == f"spec.routes[0].pin.{path}"
    assert message in said


def test_of_the_defaults() -> None:
    assert list(messages(document(spec="  defaults: {pin: {key: [client]}}\n"))) == ["spec.defaults.pin.key[0]"]


@pytest.mark.parametrize("scope", ["jwt:sub", "header:X-Merchant-Id", "query:merchant", "none"])
def test_what_is_right(scope: str) -> None:
    pin = f"pin: {{key: ['header:Idempotency-Key', 'body:$.a.b', 'query:k', 'jwt:jti'], scope: '{scope}', ttl: 1h}}"
    assert messages(document(route("a", pin))) == {}
