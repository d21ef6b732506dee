"""The words of a sandbox are data; no secret can be in them."""

from dataclasses import fields

from proxy.routing.route import Backend, Effects
from proxy.routing.sandbox import ByHeader, ByOperator, MapCredentials, Resign, Scheme, SetCredentials


def test_only_a_sandbox_that_attests_takes_writes() -> None:
    for effects, attest, takes in (
        (Effects.SANDBOX, ByOperator(), True),
        (Effects.SANDBOX, ByHeader("X", "1"), True),
        (Effects.SANDBOX, None, False),
        (Effects.LIVE, ByOperator(), False),
    ):
        assert Backend("b", "http", "h", 1, effects=effects, attest=attest).takes_writes is takes


def test_secrets_are_named_and_never_held() -> None:
    named = {part.name for kind in (SetCredentials, MapCredentials, Resign) for part in fields(kind)}
    assert named == {"headers", "file", "merchant", "header", "scheme", "secret"}
    assert Resign("X-Sig").secret is None
    assert Resign("X-Sig").scheme is Scheme.HEX
