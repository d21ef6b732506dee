"""Who of a canary's callers moves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Stage
from proxy.routing.callers import Callers, callers, leaves
from proxy.routing.canary import bucket
from proxy.routing.table import Canary, Route

CANARY = Canary(10.0, ("client",), frozenset([b"m1", b"m2"]), "pay")
PAY = Route("pay", "old", "new", stage=Stage.CANARY, canary=CANARY)


def changed(**fields: object) -> Callers | None:
    return callers(PAY, replace(PAY, canary=replace(CANARY, **fields)))  # type: ignore[arg-type]


def test_nobody_but_by_weight() -> None:
    assert changed() is None
    assert changed(weight=50.0) is None


@pytest.mark.parametrize("fields", [{"hash_on": ("header:X",)}, {"seed": "group"}])
def test_another_key_or_another_seed_deals_all_anew(fields: dict[str, object]) -> None:
    assert changed(**fields) == Callers(True, 9.0, 9.0, 0, 0)
    assert changed(**fields, weight=50.0) == Callers(True, 45.0, 5.0, 0, 0)


def test_keys_that_are_named_are_counted() -> None:
    assert changed(include=frozenset([b"m2", b"m3", b"m4"])) == Callers(False, 0.0, 0.0, 2, 1)
    assert changed(include=frozenset(), weight=15.0) == Callers(False, 5.0, 0.0, 0, 2)


def test_what_is_no_canary_before_and_after_has_no_callers() -> None:
    other = replace(CANARY, hash_on=("header:X",))
    for stage in (Stage.SHADOW, Stage.REVERSE_SHADOW):
        assert callers(replace(PAY, stage=stage), replace(PAY, canary=other)) is None
        assert callers(PAY, replace(PAY, stage=stage, canary=other)) is None


@given(st.floats(0, 100), st.floats(0, 100), st.booleans())
def test_the_shares_are_those_of_the_buckets(before: float, after: float, redealt: bool) -> None:
    old, new = (
        replace(CANARY, weight=before),
        replace(CANARY, weight=after, seed="s" if redealt else "pay", include=frozenset()),
    )
    found = callers(replace(PAY, canary=old), replace(PAY, canary=new))
    assert found is not None
    keys = [b"%d" % number for number in range(2_000)]
    places = [(bucket(old.seed, key) < before, bucket(new.seed, key) < after) for key in keys]
    for moved, share in (((False, True), found.to_candidate), ((True, False), found.to_legacy)):
        assert abs(places.count(moved) / len(keys) * 100 - share) < 6  # five standard deviations


def test_who_leaves_a_group_may_part_from_it() -> None:
    member, alone = replace(PAY, group="g"), replace(PAY, group=None)
    rest = (replace(member, name="rest"),)
    assert leaves(member, alone, rest)
    assert leaves(member, replace(PAY, group="h"), rest)
    assert not leaves(member, member, rest)
    assert not leaves(alone, member, rest)
    assert not leaves(member, alone, ())
    shadow = replace(alone, stage=Stage.SHADOW)
    assert leaves(member, shadow, rest)
    assert not leaves(member, shadow, (replace(rest[0], stage=Stage.SHADOW),))
