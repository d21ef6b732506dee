"""The service on a real socket: workers that race, garbage, journals left behind, and kill -9."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from proxy.claims import service as service_module
from proxy.claims.journal import Journal, lives
from proxy.claims.words import Bound, Denial, Ending, Granted, Hello, Own, Ref, frame
from proxy.messages import System
from proxy.store.claims import find_pins, find_unknowns
from proxy.store.errors import StoreError
from proxy.store.url import claims_url
from tests.claims.made import Asker, Bench, ask, bid, until
from tests.support.claims import opened
from tests.support.files import ROOT

LEGACY, CANDIDATE = System.LEGACY, System.CANDIDATE


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_two_workers_that_race_for_keys_agree_on_each(bench: Bench) -> None:
    async with bench.serving(), bench.working("a") as one, bench.working("b") as other:
        askers = [
            (number, client.bid(bid(0, f"k{number}", system), asker := Asker()), asker)
            for number in range(100)
            for client, system in ((one, LEGACY), (other, CANDIDATE))
        ]
        found: dict[int, set[System]] = {}
        for number, _, asker in askers:
            grant = await asker.heard()
            assert isinstance(grant, Granted)
            found.setdefault(number, set()).add(grant.system)
    assert all(len(systems) == 1 for systems in found.values())


async def test_many_claims_are_one_commit(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench.serving() as service, bench.working("a") as client:
        commits = 0
        apply = service._apply

        def counted(*arguments: object) -> object:
            nonlocal commits
            commits += 1
            return apply(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(service, "_apply", counted)
        await asyncio.gather(*(ask(client, bid(0, f"k{number}")) for number in range(200)))
    assert commits < 50
    assert service.pins == 200


async def test_what_was_answered_survives_a_kill(bench: Bench, tmp_path: Path) -> None:
    serving = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom tests.claims.made import Bench\n"
        "async def main():\n    async with Bench(Path(sys.argv[1])).serving():\n        await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    tmp_path.chmod(0o700)
    granted: dict[str, System] = {}
    async with bench.working("a") as client:
        for life in range(3):
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", serving, str(tmp_path), cwd=ROOT)
            await until(lambda: client.connected, "it is there")
            waiting = [Asker() for _ in range(40)]
            for number, asker in enumerate(waiting):
                client.bid(bid(0, f"k{number}", CANDIDATE if life else LEGACY), asker)
            for number in range(10 * (life + 1)):
                grant = await waiting[number].heard()
                if isinstance(grant, Granted):
                    assert granted.setdefault(f"k{number}", grant.system) is grant.system
            process.send_signal(signal.SIGKILL)
            await process.wait()
            await until(lambda: not client.connected, "it is gone")
    with opened(f"sqlite:///{tmp_path / 'claims.db'}") as store:
        kept = {row.key: row.system for row in store.within(lambda transaction: find_pins(transaction, 1000))}
    assert granted.items() <= kept.items()
    assert len(granted) >= 30


async def test_claims_that_a_gone_worker_made_alone_come_first(bench: Bench) -> None:
    gone = Journal(bench.journals, "gone")
    gone.write([bid(1, "k1", CANDIDATE, is_bound=True)])
    assert gone._file is not None
    gone._file.close()
    async with bench.serving(), bench.working("a") as client:
        assert await ask(client, bid(0, "k1")) == (
            bid(1),
            Granted(1, CANDIDATE, "payments", Bound.PIN),
        )
    assert lives(bench.journals) == []


async def test_nobody_is_answered_before_a_living_worker_has_told_what_it_did_alone(bench: Bench) -> None:
    async with bench.working("a", CANDIDATE) as alone:
        _, grant = await ask(alone, bid(0, "k1", CANDIDATE))
        assert isinstance(grant, Granted)
        assert lives(bench.journals) == ["a"]
        path = alone._path
        alone._path = path + ".not"
        async with bench.serving(), bench.working("b") as other:
            asker = Asker()
            other.bid(bid(0, "k1", LEGACY), asker)
            await until(lambda: other.connected, "the other is heard")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await asyncio.shield(asker.answer)
            alone._path = path
            answer = await asker.heard()
            assert isinstance(answer, Granted)
            assert answer.system is CANDIDATE
            await until(lambda: lives(bench.journals) == [], "all is merged")


async def test_what_a_killed_worker_had_on_its_way_is_unknown(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "GRACE", 0.2)
    monkeypatch.setattr(service_module, "SWEEP_EVERY", 0.05)
    async with bench.serving():
        async with bench.working("gone") as client:
            await ask(client, bid(0, "k1"))
            assert client._link is not None
            client._closed = True
            client._link.end()
        async with bench.working("here") as other:
            numbered, grant = await ask(other, bid(0, "k2"))
            await until(lambda: bench.counts["unknown"] == 1, "it is listed")
            assert isinstance(grant, Granted)
            other.settle(numbered, grant, Ending.SENT)
            await until(lambda: not other._unanswered, "it is kept")
    with opened(f"sqlite:///{bench.folder / 'claims.db'}") as store:
        assert [row.token for row in store.within(lambda transaction: find_unknowns(transaction, 9))] == ["secret_k1"]


async def test_owners_that_both_claim_are_told(bench: Bench) -> None:
    refs = (Ref("payment", "a", LEGACY),)
    async with bench.serving(), bench.working("a") as client:
        client._say(Own(client._next(), refs, LEGACY, "monolith"))
        client._say(Own(client._next(), refs, CANDIDATE, "payments"))
        assert (await ask(client, bid(0, "", refs=refs)))[1] is Denial.DISPUTED
    assert bench.disputed == ["a"]


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x01\xc1", frame(bid(1)), frame(Hello("x")) * 2])
async def test_garbage_costs_its_sender_the_connection_and_nobody_else(bench: Bench, data: bytes) -> None:
    async with bench.serving(), bench.working("a") as client:
        await ask(client, bid(0, "k1"))
        reader, writer = await asyncio.open_unix_connection(str(bench.folder / "claims.sock"))
        writer.write(data)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            async with asyncio.timeout(5):
                await reader.readexactly(1)
        writer.close()
        assert isinstance((await ask(client, bid(0, "k2")))[1], Granted)


async def test_another_user_is_not_heard(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "peer_uid", lambda _: os.getuid() + 1)
    async with bench.serving(), bench.working("a") as client:
        asker = Asker()
        client.bid(bid(0, "k1"), asker)
        assert await asker.heard() is Denial.UNREACHABLE


async def test_a_store_that_fails_is_tried_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench.serving() as service, bench.working("a") as client:
        await ask(client, bid(0, "k1"))
        transact = service._store.transact
        failures = iter([True, True, False])

        async def flaky(work: object) -> object:
            if next(failures, False):
                raise StoreError("full", "the disk", "make room")
            return await transact(work)  # type: ignore[arg-type]

        monkeypatch.setattr(service._store, "transact", flaky)
        assert isinstance((await ask(client, bid(0, "k2")))[1], Granted)
    assert bench.counts["store-failed"] == 2


async def test_pins_whose_time_is_over_are_forgotten(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "PRUNE_EVERY", 0.05)
    async with bench.serving() as service, bench.working("a") as client:
        numbered, grant = await ask(client, bid(0, "k1"))
        assert isinstance(grant, Granted)
        client.settle(numbered, grant, Ending.SENT)
        assert service.pins == 1
        bench.now += 100
        await until(lambda: service.pins == 0, "it is forgotten")
    assert claims_url("sqlite:///a.db") == "sqlite:///a.db.claims"
