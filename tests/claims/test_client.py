"""The worker's side: exactly one answer, within its time, whatever becomes of the service."""

import asyncio
from pathlib import Path

import pytest

from proxy.claims import client as client_module
from proxy.claims.journal import lives
from proxy.claims.words import Bound, Denial, Ending, Granted
from proxy.messages import System
from proxy.store.claimed import PinState
from proxy.store.claims import find_pins, find_unknowns
from tests.claims.made import Asker, Bench, ask, bid, until
from tests.support.claims import opened

LEGACY, CANDIDATE = System.LEGACY, System.CANDIDATE


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    tmp_path.chmod(0o700)
    return Bench(tmp_path)


async def test_while_nothing_is_certain_a_bid_waits_and_is_denied_in_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "PATIENCE", 0.2)
    async with bench.working("a") as client:
        assert (await ask(client, bid(0, "k1")))[1] is Denial.UNREACHABLE
        async with bench.serving():
            await until(lambda: not client._unanswered, "it is told that nothing was sent")
            assert (await ask(client, bid(0, "k1", CANDIDATE)))[1] == Granted(3, CANDIDATE, "payments", Bound.PLAN)


async def test_what_is_certain_is_decided_alone_and_told_later(bench: Bench) -> None:
    async with bench.working("a", LEGACY) as client:
        numbered, grant = await ask(client, bid(0, "k1"))
        assert grant == Granted(1, LEGACY, "monolith", Bound.PLAN)
        assert (client.alone, lives(bench.journals)) == (1, ["a"])
        client.settle(numbered, Granted(1, LEGACY, "monolith", Bound.PLAN), Ending.SENT, "b")
        async with bench.serving(), bench.working("b") as other:
            await until(lambda: not client._unanswered, "the service has it")
            assert (client.alone, lives(bench.journals)) == (0, [])
            assert (await ask(other, bid(0, "k1", CANDIDATE)))[1] == Granted(1, LEGACY, "monolith", Bound.PIN)
    assert bench.counts["alone"] == 1


async def test_what_would_go_elsewhere_than_is_certain_is_not_decided_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "PATIENCE", 0.2)
    async with bench.working("a", LEGACY) as client:
        assert (await ask(client, bid(0, "k1", CANDIDATE)))[1] is Denial.UNREACHABLE
        assert lives(bench.journals) == []


async def test_a_journal_that_cannot_be_written_denies(bench: Bench) -> None:
    bench.journals.touch()
    async with bench.working("a", LEGACY) as client:
        assert (await ask(client, bid(0, "k1")))[1] is Denial.UNREACHABLE


async def test_a_service_that_comes_back_is_told_all_that_it_missed(bench: Bench) -> None:
    async with bench.working("a") as client:
        async with bench.serving():
            first, grant = await ask(client, bid(0, "k1"))
            assert isinstance(grant, Granted)
        await until(lambda: not client.connected, "it is gone")
        client.settle(first, grant, Ending.UNKNOWN, "b", "reset")
        waiting = Asker()
        client.bid(bid(0, "k2"), waiting)
        async with bench.serving():
            assert isinstance(await waiting.heard(), Granted)
    with opened(f"sqlite:///{bench.folder / 'claims.db'}") as store:
        unknown = store.within(lambda transaction: find_unknowns(transaction, 9))
        (pin,) = store.within(lambda transaction: find_pins(transaction, 9, token="secret_k1"))
    assert [row.detail for row in unknown] == ["reset"]
    assert pin.state is PinState.UNKNOWN


async def test_who_withdraws_is_not_answered_and_holds_nothing(bench: Bench) -> None:
    async with bench.working("a") as client:
        asker = Asker()
        numbered = client.bid(bid(0, "k1"), asker)
        client.withdraw(numbered)
        client.withdraw(numbered)
        async with bench.serving():
            assert (await ask(client, bid(0, "k1", CANDIDATE)))[1] == Granted(3, CANDIDATE, "payments", Bound.PLAN)
        assert not asker.answer.done()


async def test_a_service_that_hangs_is_not_waited_for_where_it_is_certain(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "SOON", 0.05)
    async with bench.serving() as service, bench.working("a", LEGACY) as client:
        await ask(client, bid(0, "k0"))
        hangs = asyncio.Event()

        async def hanging() -> list[object]:
            await hangs.wait()
            return []

        monkeypatch.setattr(service, "_next", hanging)
        await asyncio.sleep(0)
        service._came.set()
        assert isinstance((await ask(client, bid(0, "k1")))[1], Granted)
        assert lives(bench.journals) == ["a"]
        monkeypatch.undo()
        hangs.set()
        await until(lambda: not client._unanswered, "it has caught up")
        assert lives(bench.journals) == []


async def test_what_waits_is_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "MOST", 1)
    async with bench.working("a") as client:
        client.bid(bid(0, "k1"), Asker())
        assert (await ask(client, bid(0, "k2")))[1] is Denial.UNREACHABLE
    assert bench.counts["lost"] == 1


async def test_at_its_end_it_waits_until_the_service_has_all(bench: Bench) -> None:
    async with bench.serving(), bench.working("a") as client:
        numbered, grant = await ask(client, bid(0, "k1"))
        assert isinstance(grant, Granted)
        client.settle(numbered, grant, Ending.SENT, "b")
        await client.close()
        assert not client._unanswered
