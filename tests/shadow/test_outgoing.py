"""What leaves for a sandbox: no card, no credential of the client's, and a signature that fits; or nothing."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from proxy.messages import Exchange, Request
from proxy.routing.route import Backend, Effects
from proxy.routing.sandbox import CardData, MapCredentials, Resign, Scheme, SetCredentials
from proxy.shadow.cards import Substitutes
from proxy.shadow.outgoing import Outgoing, Withheld, signature

Make = Callable[..., Exchange]
SANDBOX = Backend("s", "http", "127.0.0.1", 1, effects=Effects.SANDBOX)
CARD = b'{"number":"4539148803436467"}'
KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def outgoing(vault: Any) -> Outgoing:
    return Outgoing(Substitutes(KEY), vault, lambda: 1700000000.5)


def fit(outgoing: Outgoing, exchange: Exchange, backend: Backend) -> Request:
    made = outgoing.fit(exchange.request, exchange, backend)
    assert isinstance(made, Request)
    return made


@pytest.mark.parametrize(
    ("backend", "outcome"),
    [
        (SANDBOX, "refused"),
        (replace(SANDBOX, card_data=CardData.SUBSTITUTE), "changed"),
        (replace(SANDBOX, card_data=CardData.ALLOW), "same"),
        (replace(SANDBOX, effects=Effects.LIVE), "same"),
    ],
)
def test_card_data(outgoing: Outgoing, with_request: Make, backend: Backend, outcome: str) -> None:
    exchange = with_request(body=CARD)
    made = outgoing.fit(exchange.request, exchange, backend)
    if outcome == "refused":
        assert made is Withheld.CARD_DATA
    else:
        assert isinstance(made, Request)
        assert (made.body == CARD) is (outcome == "same")


def test_a_body_that_cannot_be_read_is_not_sent_unless_all_is_allowed(outgoing: Outgoing, with_request: Make) -> None:
    exchange = with_request(body=b"\x00")
    assert outgoing.fit(exchange.request, exchange, SANDBOX) is Withheld.CARD_DATA
    assert fit(outgoing, exchange, replace(SANDBOX, card_data=CardData.ALLOW)).body == b"\x00"


def test_credentials_that_are_set_replace_all_that_the_client_has(
    outgoing: Outgoing, with_request: Make, vault: Any
) -> None:
    backend = replace(SANDBOX, credentials=SetCredentials((("X-Token", "TOKEN"),)))
    headers = ((b"Authorization", b"live"), (b"Cookie", b"a=b"), (b"x_token", b"live"), (b"Accept", b"*/*"))
    exchange = with_request(headers=headers)
    assert outgoing.fit(exchange.request, exchange, backend) is Withheld.CREDENTIALS
    vault.environment["TOKEN"] = "test"
    assert fit(outgoing, exchange, backend).headers == ((b"Accept", b"*/*"), (b"X-Token", b"test"))


@pytest.mark.parametrize(
    ("headers", "secret"),
    [(((b"X-Merchant", b"m1"), (b"Authorization", b"live")), b"one"), (((b"X-Merchant", b"m3"),), None), ((), None)],
)
def test_each_merchant_has_its_own_credentials(
    outgoing: Outgoing, with_request: Make, vault: Any, headers: Any, secret: bytes | None
) -> None:
    vault.merchants.update(m1="one", m2="two")
    backend = replace(SANDBOX, credentials=MapCredentials("f", "header:X-Merchant", "Authorization"))
    exchange = with_request(headers=headers)
    made = outgoing.fit(exchange.request, exchange, backend)
    if secret is None:
        assert made is Withheld.CREDENTIALS
    else:
        assert isinstance(made, Request)
        assert made.headers == ((b"X-Merchant", b"m1"), (b"Authorization", secret))


def test_a_signed_body_is_signed_anew_or_not_sent_if_it_was_changed(
    outgoing: Outgoing, with_request: Make, vault: Any
) -> None:
    backend = replace(SANDBOX, card_data=CardData.SUBSTITUTE, resign=Resign("X-Sig", Scheme.HEX, "SECRET"))
    signed = with_request(body=CARD, headers=((b"x-sig", b"old"),))
    assert outgoing.fit(signed.request, signed, backend) is Withheld.SIGNED
    unchanged = with_request(body=b"{}", headers=((b"x-sig", b"old"),))
    assert fit(outgoing, unchanged, backend).headers == ((b"x-sig", b"old"),)
    vault.environment["SECRET"] = "s"
    made = fit(outgoing, signed, backend)
    assert made.headers == ((b"x-sig", hmac.new(b"s", made.body, hashlib.sha256).hexdigest().encode()),)
    unsigned = with_request(body=CARD, headers=())
    assert fit(outgoing, unsigned, backend).headers == ()


def test_the_schemes() -> None:
    digest = hmac.new(b"s", b"body", hashlib.sha256)
    assert signature(b"body", b"s", Scheme.HEX, 0) == digest.hexdigest().encode()
    assert signature(b"body", b"s", Scheme.BASE64, 0) == b64encode(digest.digest())
    stripe = hmac.new(b"s", b"12.body", hashlib.sha256).hexdigest()
    assert signature(b"body", b"s", Scheme.STRIPE, 12) == f"t=12,v1={stripe}".encode()
