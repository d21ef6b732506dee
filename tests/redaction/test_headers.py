"""Headers: what is never kept, and what is searched."""

import pytest

from proxy.redaction.headers import HeaderRules
from proxy.redaction.paths import PathSet
from proxy.redaction.place import Places
from proxy.redaction.tokens import Tokens
from proxy.redaction.values import Values

TOKENS = Tokens(b"k" * 32)
RULES = HeaderRules(Values(TOKENS), Places(PathSet(())), ("x-merchant",))


@pytest.mark.parametrize(
    "name",
    [b"Authorization", b"PROXY-authorization", b"cookie", b"Set-Cookie", b"X-Api-Key", b"x-csrf-token", b"X-Merchant"],
)
def test_secret_headers_keep_their_name_only(name: bytes) -> None:
    ((kept, value),) = RULES.redact(((name, b"top secret"),))
    assert kept == name
    assert value == TOKENS.secret(b"top secret").encode()


def test_order_case_and_repeats_stay() -> None:
    headers = ((b"b", b"1"), (b"A", b"2"), (b"b", b"1"), (b"X", b"\xff\xfe"))
    assert RULES.redact(headers) == headers


def test_values_are_searched() -> None:
    pan = TOKENS.card("4111111111111111").encode()
    headers = (
        (b"Location", b"/pay?number=4111111111111111&cvc=123"),
        (b"X-Cvc", b"123"),
        (b"X-Note", b"\xff 4111111111111111"),
    )
    assert RULES.redact(headers) == (
        (b"Location", b"/pay?number=" + pan + b"&cvc=cvc_removed"),
        (b"X-Cvc", b"cvc_removed"),
        (b"X-Note", b"\xff " + pan),
    )


def test_a_flood_of_digits_is_replaced_whole() -> None:
    ((_, value),) = RULES.redact(((b"x", b"4 " * 20_000),))
    assert value.startswith(b"secret_")


def test_the_memory_of_names_is_bounded() -> None:
    for number in range(3_000):
        RULES.telling(b"x-%d" % number)
    assert len(RULES._tellings) <= 1024
