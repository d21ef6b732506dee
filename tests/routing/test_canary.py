"""The bucket of a key: stable, fair, and the same everywhere."""

import os
import subprocess
import sys
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.asked import Asked
from proxy.routing.canary import Canary, bucket, choose, compile_keys
from tests.support.files import ROOT

TEMPLATES = ("/v1/payments/{id}/capture", "/v1/payments/{id}", "/m/{merchant}/x")
KEYS = 100_000


def _chosen(canary: Canary, asked: Asked) -> tuple[bool, str]:
    return choose(canary, compile_keys(canary.hash_on, TEMPLATES), asked)


@given(st.binary(max_size=40), st.text(max_size=10), st.floats(0, 100), st.floats(0, 100))
def test_the_keys_of_a_weight_are_among_those_of_a_greater_one(key: bytes, seed: str, one: float, other: float) -> None:
    less, more = sorted((one, other))
    asked = Asked(b"/", ((b"x", key),))
    inside, _ = _chosen(Canary(less, ("header:X",), seed=seed), asked)
    outside, _ = _chosen(Canary(more, ("header:X",), seed=seed), asked)
    assert outside or not inside


@given(st.binary(max_size=40), st.text(max_size=10))
def test_a_bucket_is_from_0_up_to_100(key: bytes, seed: str) -> None:
    assert 0.0 <= bucket(seed, key) < 100.0


@pytest.mark.parametrize("weight", [0.1, 1.0, 5.0, 20.0, 50.0, 99.0])
@pytest.mark.parametrize("seed", ["checkout", "refund"])
def test_the_share_is_within_the_binomial_bound(weight: float, seed: str) -> None:
    share = weight / 100
    taken = sum(bucket(seed, b"merchant-%d" % number) < weight for number in range(KEYS))
    assert abs(taken - KEYS * share) < 4.5 * sqrt(KEYS * share * (1 - share))


def test_two_seeds_draw_apart() -> None:
    both = sum(bucket("a", b"%d" % n) < 10 and bucket("b", b"%d" % n) < 10 for n in range(KEYS))
    assert abs(both - KEYS * 0.01) < 4.5 * sqrt(KEYS * 0.01)


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_keys_fall_alike_in_another_process(hash_seed: str) -> None:
    code = "from proxy.routing.canary import bucket; print([bucket('checkout', b'm%d' % n) for n in range(200)])"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=True,
        timeout=30,
        text=True,
    )
    assert said.stdout.strip() == str([bucket("checkout", b"m%d" % n) for n in range(200)])


def test_keys_fall_as_they_did_in_earlier_releases() -> None:
    assert [round(bucket("checkout", b"merchant-%d" % n), 3) for n in range(3)] == [34.561, 17.459, 1.355]


def test_one_value_falls_alike_wherever_it_stood() -> None:
    sources = ("header:X-M", "cookie:m", "query:m", "path:merchant")
    asked = [
        Asked(b"/", ((b"x-m", b"acme"),)),
        Asked(b"/", ((b"cookie", b"m=acme"),)),
        Asked(b"/?m=acme", ()),
        Asked(b"/m/acme/x?m=", ((b"x-m", b""),)),
    ]
    chosen = [_chosen(Canary(50.0, sources, seed="s"), each) for each in asked]
    assert {taken for taken, _ in chosen} == {bucket("s", b"acme") < 50}
    assert [why.rpartition(" of ")[2] for _, why in chosen] == list(sources)


@pytest.mark.parametrize(
    ("target", "named"),
    [
        (b"/v1/payments/pay%5F1/capture?x", "path:id"),
        (b"/v1/payments/pay_1", "path:id"),
        (b"http://h/v1/payments/pay_1", "path:id"),
        (b"/v1/payments", None),
        (b"/v1/payments/pay_1/refund", None),
    ],
)
def test_a_key_in_the_path_is_found_by_the_template(target: bytes, named: str | None) -> None:
    canary = Canary(0.0, ("path:id",), frozenset([b"pay_1"]))
    taken, why = _chosen(canary, Asked(target, ()))
    assert taken is (named is not None)
    assert why == ("canary 0 %: path:id is one of include" if named else "canary 0 %: no key is there")


def test_the_first_key_that_is_there_counts_and_an_empty_one_is_not() -> None:
    canary = Canary(0.0, ("header:X-A", "jwt:sub", "client"), frozenset([b"pilot"]))
    assert _chosen(canary, Asked(b"/", ((b"x-a", b""),), client=b"pilot"))[0]
    assert not _chosen(canary, Asked(b"/", ((b"x-a", b"other"),), client=b"pilot"))[0]


def test_chance_decides_only_where_it_is_told_to() -> None:
    told = Canary(5.0, ("header:X", "random"))
    assert _chosen(told, Asked(b"/", (), chance=lambda: 0.049)) == (True, "canary 5 %: by chance")
    assert _chosen(told, Asked(b"/", (), chance=lambda: 0.051)) == (False, "canary 5 %: by chance")
    assert not _chosen(Canary(100.0, ("header:X",)), Asked(b"/", ()))[0]
    assert not _chosen(Canary(100.0), Asked(b"/", ()))[0]


@given(st.text("abcdefghij", min_size=6, max_size=30), st.integers(1, 400))
def test_a_reason_is_short_and_never_holds_the_key(key: str, length: int) -> None:
    canary = Canary(12.345678, ("header:" + "N" * length,), seed="s")
    _, why = _chosen(canary, Asked(b"/", ((b"n" * length, key.encode()),)))
    assert "bucket" in why
    assert key not in why
    assert len(why) < 128
