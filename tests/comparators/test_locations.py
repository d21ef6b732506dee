"""The same place on each system's own host."""

import pytest

from comparators.locations import OWN_HOST, TWINS, excuse

OURS, THEIRS = {b"127.0.0.1:8001", b"pay.example"}, {b"payments:8003", b"pay.example"}


@pytest.mark.parametrize(
    ("legacy", "candidate", "same"),
    [
        (b"http://127.0.0.1:8001/v1/p?a=1#x", b"http://payments:8003/v1/p?a=1#x", True),
        (b"http://127.0.0.1:8001/v1/p", b"/v1/p", True),
        (b"/v1/p", b"HTTP://Payments:8003/v1/p", True),
        (b"http://pay.example:80/v1/p", b"http://pay.example/v1/p", True),
        (b"https://pay.example:443/", b"https://pay.example", True),
        (b"https://pay.example?x=1", b"/?x=1", True),
        (b"http://127.0.0.1:8001/v1/p", b"http://payments:8003/v1/q", False),
        (b"http://127.0.0.1:8001/v1/p", b"http://payments:8003/v1/p?x", False),
        (b"http://127.0.0.1:8001/v1/p", b"https://payments:8003/v1/p", False),
        (b"http://127.0.0.1:8001/v1/p", b"http://payments:8004/v1/p", False),
        (b"http://127.0.0.1:8001/v1/p", b"http://127.0.0.1:8001/v1/p", False),
        (b"http://bank.example/v1/p", b"http://other.example/v1/p", False),
        (b"http://pay.example@evil.example/", b"http://pay.example/", False),
        (b"//evil.example/v1/p", b"/v1/p", False),
        (b"/\\evil.example/v1/p", b"/v1/p", False),
        (b"v1/p", b"/v1/p", False),
        (b"", b"/", False),
    ],
)
def test_locations(legacy: bytes, candidate: bytes, same: bool) -> None:
    rule = OWN_HOST if same else None
    assert excuse(legacy, candidate, OURS, THEIRS, lambda *_: False) == rule
    assert excuse(candidate, legacy, THEIRS, OURS, lambda *_: False) == rule


@pytest.mark.parametrize(
    ("legacy", "candidate", "rule"),
    [
        (b"/v1/payments/pay_1", b"/v1/payments/tx_9", TWINS),
        (b"/v1/payments/pay_1/capture?of=pay_1#pay_1", b"/v1/payments/tx_9/capture?of=tx_9#tx_9", TWINS),
        (b"http://127.0.0.1:8001/v1/payments/pay%5F1", b"http://payments:8003/v1/payments/tx_9", TWINS),
        (b"/v1/payments/pay_1", b"/v1/payments/tx_8", None),
        (b"/v1/payments/pay_1", b"/v1/payments/tx_9/", None),
        (b"/v1/payments/pay_1", b"/v2/payments/tx_9", None),
        (b"/v1/payments/xpay_1", b"/v1/payments/xtx_9", None),
        (b"http://bank.example/pay_1", b"http://bank.example/tx_9", None),
    ],
)
def test_ids_that_the_bodies_bind(legacy: bytes, candidate: bytes, rule: str | None) -> None:
    assert excuse(legacy, candidate, OURS, THEIRS, lambda *ids: ids == ("pay_1", "tx_9")) == rule
