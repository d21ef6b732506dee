"""Twins in a real store: what came first stays, whoever writes, and all is bounded."""

from dataclasses import replace

import pytest

from proxy.store import twins as rooms
from proxy.store.engine import Store
from proxy.store.twin import Sandbox, Twin
from proxy.store.twins import Twins, rearm_in

ROW = Twin("sandbox", "t1", "payment", "1", "w1", None, None, 100.0)


@pytest.fixture
def twins(store: Store) -> Twins:
    return Twins(store)


async def test_what_is_saved_is_there_for_all_who_ask(twins: Twins, url: str) -> None:
    await twins.save([ROW, replace(ROW, backend="other")], {})
    other = Twins(Store(url))
    assert await other.load("sandbox", ["t1", "t2"]) == [ROW]
    assert await other.taken("sandbox", ["w1", "w2"]) == {"w1"}
    assert await other.taken("third", ["w1"]) == frozenset()
    await other.close()


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (replace(ROW, twin="2", twin_token="w2", at=200.0), ROW),
        (replace(ROW, gap="late"), replace(ROW, gap="late")),
        (replace(ROW, twin=None, twin_token=None, finding="f"), replace(ROW, finding="f")),
    ],
)
async def test_what_came_first_stays(twins: Twins, later: Twin, kept: Twin) -> None:
    await twins.save([ROW], {})
    await twins.save([later], {})
    await twins.save([later], {})
    assert await twins.load("sandbox", ["t1"]) == [kept]


async def test_a_twin_that_comes_after_a_gap_has_it(twins: Twins) -> None:
    await twins.save([replace(ROW, twin=None, twin_token=None, gap="late", at=50.0)], {})
    await twins.save([ROW], {})
    assert await twins.load("sandbox", ["t1"]) == [replace(ROW, gap="late")]


async def test_a_stop_stands_until_it_is_armed_again(twins: Twins, store: Store) -> None:
    await twins.stop("sandbox", 5.0, "why")
    await twins.stop("sandbox", 6.0, "later")
    await twins.save([], {"sandbox": 7.0})
    assert await twins.sandboxes() == [Sandbox("sandbox", 5.0, "why", 7.0)]
    async with store.writing() as connection:
        assert await rearm_in(connection, "sandbox") == Sandbox("sandbox", 5.0, "why", 7.0)
        assert await rearm_in(connection, "sandbox") is None
    assert await twins.sandboxes() == [Sandbox("sandbox", None, None, 7.0)]


async def test_a_gap_only_moves_on(twins: Twins) -> None:
    await twins.save([], {"sandbox": 7.0})
    await twins.save([], {"sandbox": 3.0})
    assert (await twins.sandboxes())[0].gap_at == 7.0


async def test_the_old_and_the_too_many_are_forgotten(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [replace(ROW, token=f"t{number}", at=1e9 + number) for number in range(5)]
    await twins.save([replace(ROW, at=1.0, token="old"), *rows], {})
    assert await twins.prune(1e9 + 10) == 1
    monkeypatch.setattr(rooms, "MOST", 3)
    assert await twins.prune(1e9 + 10) == 2
    assert {row.token for row in await twins.load("sandbox", [row.token for row in rows])} == {"t2", "t3", "t4"}
