"""The same place on each system's own host."""

import pytest

from comparators.locations import same_place

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
    assert same_place(legacy, candidate, OURS, THEIRS) is same
    assert same_place(candidate, legacy, THEIRS, OURS) is same
