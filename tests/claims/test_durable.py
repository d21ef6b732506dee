"""Batches in real transactions."""

from pathlib import Path

import pytest

from proxy.claims.durable import Applied, apply, sweep
from proxy.claims.words import Bound, Done, Ending, Granted, Own, Ref, Said, Settled
from proxy.messages import System
from proxy.store.claimed import PinState
from proxy.store.claims import find_pins, find_unknowns
from tests.claims.made import bid
from tests.support.claims import Claims, opened

LEGACY, CANDIDATE = System.LEGACY, System.CANDIDATE


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'claims.db'}"


def applied(store: Claims, *messages: Said, now: float = 1000.0, life: str = "w") -> Applied:
    return store.within(lambda transaction: apply(transaction, [(life, message) for message in messages], now, 100))


def test_a_batch_is_carried_out_in_order_and_answered_one_by_one(url: str) -> None:
    with opened(url) as store:
        first = applied(store, bid(1), bid(2, system=CANDIDATE), Settled(3, bid(2), LEGACY, "monolith", Ending.UNSENT))
        assert first.replies == (
            Granted(1, LEGACY, "monolith", Bound.PLAN),
            Granted(2, LEGACY, "monolith", Bound.PIN),
            Done(3),
        )
        assert first.room == 99
    with opened(url) as store:
        assert applied(store, bid(4, system=CANDIDATE)).replies == (Granted(4, LEGACY, "monolith", Bound.PIN),)
        (row,) = store.within(lambda transaction: find_pins(transaction, 9))
    assert row.holders == ("w:1", "w:4")


def test_owners_are_kept_and_disputes_told(url: str) -> None:
    refs = (Ref("payment", "a", LEGACY),)
    with opened(url) as store:
        assert applied(store, Own(1, refs, CANDIDATE, "payments")).replies == (Done(1),)
        found = applied(store, bid(2, "", refs=refs), Own(3, refs, LEGACY, "monolith"))
    assert found.replies[0] == Granted(2, CANDIDATE, "payments", Bound.OWNER)
    assert [owner.system for owner in found.disputes] == [CANDIDATE]


def test_what_gone_workers_held_is_swept_into_the_unknown_once(url: str) -> None:
    with opened(url) as store:
        applied(store, bid(1), life="gone")
        applied(store, bid(1), bid(2, "k2"), life="here")
        assert store.within(lambda transaction: sweep(transaction, "other", frozenset({"here"}), 1001.0)) == 0
        assert store.within(lambda transaction: sweep(transaction, "", frozenset({"here"}), 1001.0)) == 1
        assert store.within(lambda transaction: sweep(transaction, "", frozenset({"here"}), 1002.0)) == 0
        unknowns = store.within(lambda transaction: find_unknowns(transaction, 9))
        pins = store.within(lambda transaction: find_pins(transaction, 9, token="secret_k1"))
    assert [(row.holder, row.at) for row in unknowns] == [("gone:1", 1001.0)]
    assert [(pin.state, pin.holders) for pin in pins] == [(PinState.UNKNOWN, ("here:1",))]
