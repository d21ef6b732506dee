"""Rules are data; they only ever add."""

import dataclasses

import pytest

from proxy.messages import Request
from proxy.redaction import RedactionRules, Redactor


def test_empty_rules_leave_the_defaults_on() -> None:
    clean = Redactor(RedactionRules(), b"k" * 32).request(
        Request(b"GET", b"/", ((b"Cookie", b"a=b"),), b'{"cvc":"123"}')
    )
    assert clean.headers[0][1].startswith(b"secret_")
    assert clean.body == b'{"cvc":"cvc_removed"}'


def test_rules_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RedactionRules().headers = ("x",)  # type: ignore[misc]
