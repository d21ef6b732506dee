"""Claims in a real file."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.messages import System
from proxy.store import claims, connecting
from proxy.store.claimed import OwnerRow, PinRow, PinState, Recording, UnknownRow
from proxy.store.claims import ClaimStore
from proxy.store.errors import StoreError
from tests.support.claims import Claims, opened

LEGACY, CANDIDATE = System.LEGACY, System.CANDIDATE


def pin(key: str, *holders: str, expires: float = 50.0, created: float = 1.0, route: str = "pay") -> PinRow:
    return PinRow(key, f"secret_{key}", LEGACY, "monolith", route, PinState.RESERVED, "", holders, created, expires)


def owner(name: str, system: System = LEGACY, at: float = 1.0) -> OwnerRow:
    return OwnerRow(name, "payment", system, "monolith", False, at)


def unknown(holder: str, at: float = 1.0) -> UnknownRow:
    return UnknownRow(holder, "secret_k", LEGACY, "monolith", "pay", "reset", at)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Claims]:
    with opened(f"sqlite:///{tmp_path / 'claims.db'}") as found:
        yield found


def test_pins_are_added_changed_and_forgotten(store: Claims) -> None:
    rows = {f"k{number}": pin(f"k{number}", "w:1", "v:2") for number in range(claims.AT_ONCE + 3)}
    store.within(lambda transaction: claims.save_pins(transaction, rows, ()))
    assert store.within(lambda transaction: claims.load_pins(transaction, [*rows, "none"])) == rows
    assert store.within(claims.count_pins) == len(rows)
    changed = {"k0": pin("k0", expires=9.0), "k1": None, "new": pin("new")}
    store.within(lambda transaction: claims.save_pins(transaction, changed, {"k0", "k1"}))
    found = store.within(lambda transaction: claims.load_pins(transaction, ["k0", "k1", "new"]))
    assert found == {"k0": changed["k0"], "new": changed["new"]}
    assert len(store.within(claims.held_pins)) == len(rows) - 2


def test_pins_are_found_by_token_and_route_the_youngest_first(store: Claims) -> None:
    rows = {"a": pin("a"), "b": pin("b", created=2.0), "c": pin("c", route="other")}
    store.within(lambda transaction: claims.save_pins(transaction, rows, ()))
    assert [row.key for row in store.within(lambda t: claims.find_pins(t, 1))] == ["b"]
    assert [row.key for row in store.within(lambda t: claims.find_pins(t, 9, token="secret_a"))] == ["a"]
    assert [row.key for row in store.within(lambda t: claims.find_pins(t, 9, route="other"))] == ["c"]


def test_only_pins_whose_time_is_over_and_that_nobody_holds_are_pruned(store: Claims) -> None:
    rows = {"old": pin("old", expires=5.0), "held": pin("held", "w:1", expires=5.0), "new": pin("new")}
    store.within(lambda transaction: claims.save_pins(transaction, rows, ()))
    assert store.within(lambda transaction: claims.prune_pins(transaction, 10.0)) == 1
    assert set(store.within(lambda transaction: claims.load_pins(transaction, rows))) == {"held", "new"}


def test_owners(store: Claims) -> None:
    rows = {"a": owner("a"), "b": owner("b", CANDIDATE), "c": owner("c", at=9.0)}
    store.within(lambda transaction: claims.save_owners(transaction, rows))
    store.within(lambda transaction: claims.save_owners(transaction, {"a": owner("a", at=2.0)}))
    assert store.within(lambda transaction: claims.load_owners(transaction, ["a", "x"])) == {"a": owner("a", at=2.0)}
    assert store.within(claims.owner_counts) == [
        ("payment", CANDIDATE, "monolith", 1, 0),
        ("payment", LEGACY, "monolith", 2, 0),
    ]
    before = store.within(lambda transaction: claims.owned_before(transaction, "payment", LEGACY, 5.0, 9))
    assert [row.id for row in before] == ["a"]


def test_an_unknown_outcome_is_listed_once_and_resolved_once(store: Claims) -> None:
    rows = [unknown("w:2", 2.0), unknown("w:1"), unknown("w:1", 7.0)]
    store.within(lambda transaction: claims.save_unknowns(transaction, rows))
    store.within(lambda transaction: claims.save_unknowns(transaction, rows))
    assert [row.holder for row in store.within(lambda t: claims.find_unknowns(t, 9))] == ["w:2", "w:1"]
    assert store.within(claims.count_unknowns) == {"pay": 2}
    assert store.within(lambda transaction: claims.resolve_unknown(transaction, "w:1", "done", "jo", 8.0))
    assert not store.within(lambda transaction: claims.resolve_unknown(transaction, "w:1", "done", "jo", 8.0))
    assert [row.holder for row in store.within(lambda t: claims.find_unknowns(t, 9))] == ["w:2"]
    everything = store.within(lambda transaction: claims.find_unknowns(transaction, 9, resolved=True))
    assert [(row.resolution, row.resolved_by) for row in everything] == [(None, None), ("done", "jo")]


def test_recording_goes_on_until_the_rule_is_another_or_the_route_is_gone(store: Claims) -> None:
    store.within(lambda transaction: claims.record(transaction, {"a": "x", "b": "x"}, 1.0))
    store.within(lambda transaction: claims.record(transaction, {"a": "x", "b": "y", "c": "x"}, 2.0))
    known = store.within(claims.recorded)
    assert known == {"a": Recording("a", "x", 1.0), "b": Recording("b", "y", 2.0), "c": Recording("c", "x", 2.0)}
    store.within(lambda transaction: claims.record(transaction, {}, 3.0))
    assert store.within(claims.recorded) == {}


def test_what_fails_half_way_changes_nothing(store: Claims) -> None:
    def failing(transaction: claims.Transaction) -> None:
        claims.save_pins(transaction, {"a": pin("a")}, ())
        raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        store.within(failing)
    assert store.within(claims.count_pins) == 0


def test_a_file_that_another_process_locks_is_a_store_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "BUSY_MS", 10)
    with opened(f"sqlite:///{tmp_path / 'claims.db'}") as store:
        store.within(claims.count_pins)
        other = sqlite3.connect(tmp_path / "claims.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            store.within(claims.count_pins)
        other.rollback()
        other.close()
        assert store.within(claims.count_pins) == 0


async def test_an_event_loop_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    store = ClaimStore(f"sqlite:///{tmp_path / 'claims.db'}")
    assert await store.transact(lambda _: threading.current_thread().name) != threading.current_thread().name
    assert await store.transact(claims.count_pins) == 0
    await store.close()


def test_owners_are_moved_and_a_dispute_about_them_is_over(store: Claims) -> None:
    disputed = OwnerRow("a", "payment", LEGACY, "monolith", True, 1.0)
    store.within(lambda transaction: claims.save_owners(transaction, {"a": disputed, "b": owner("b")}))
    store.within(lambda transaction: claims.move_owners(transaction, ["a"], CANDIDATE, "payments"))
    moved = OwnerRow("a", "payment", CANDIDATE, "payments", False, 1.0)
    assert store.within(lambda t: claims.load_owners(t, ["a", "b"])) == {"a": moved, "b": owner("b")}


def test_what_holds_a_route_or_a_backend(store: Claims) -> None:
    store.within(lambda transaction: claims.save_owners(transaction, {"a": owner("a")}))
    store.within(lambda transaction: claims.save_unknowns(transaction, [unknown("w:1"), unknown("w:2")]))
    store.within(lambda transaction: claims.resolve_unknown(transaction, "w:1", "done", "jo", 8.0))
    assert store.within(lambda t: claims.holds(t, route=None, backend="monolith")) == (0, 1, 1)
    assert store.within(lambda t: claims.holds(t, route="pay", backend=None)) == (0, 0, 1)
