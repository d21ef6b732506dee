"""A request that waits for its claim, as the conversation on its sockets: real service, real store."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.claims import client as client_module
from proxy.claims.service import Service
from proxy.gateway.claiming import MAX_ANSWER, MAX_BODY, Claiming
from proxy.messages import Stage, System
from proxy.routing.entities import Entity
from proxy.routing.table import Backend, Canary, Pin, Route, RouteTable, Shadowing, Timeouts
from proxy.runtime.metering import Metering
from proxy.store.claimed import PinState
from proxy.store.claims import Transaction, find_pins, find_unknowns, owner_counts
from tests.claims.made import Bench, until
from tests.support.claims import opened
from tests.support.proxying import Proxied, proxied
from tests.support.wire import answering, exchange, read_request, upstream

LEGACY = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nlegacy"
CANDIDATE = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncandidate"
PIN = Pin(("header:Idempotency-Key", "body:$.key"), "header:X-Merchant")


def table(legacy: int, candidate: int, stage: Stage, shadowing: Shadowing = Shadowing()) -> RouteTable:
    timeouts = Timeouts(1.0, 1.0, 1.0)
    backends = {
        name: Backend(name, "http", "127.0.0.1", port, timeouts=timeouts)
        for name, port in (("monolith", legacy), ("payments", candidate))
    }
    canary = Canary(50.0, ("header:X-Merchant",))
    route = Route("pay", "monolith", "payments", stage, timeouts=timeouts, pin=PIN, canary=canary, shadowing=shadowing)
    return RouteTable("t", (route,), backends, {}, "hash")


def post(key: str = "k", body: bytes = b"{}", *, method: bytes = b"POST") -> bytes:
    named = b"Idempotency-Key: %b\r\n" % key.encode() if key else b""
    return b"%b /pay HTTP/1.1\r\nHost: a\r\n%bContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (
        method,
        named,
        len(body),
        body,
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@asynccontextmanager
async def claimed(bench: Bench, routes: RouteTable) -> AsyncIterator[tuple[Proxied, Service]]:
    async with bench.serving() as service, bench.working("w") as client, proxied(routes, bench.folder) as proxy:
        proxy.gateway.begin_claims(Claiming(client, b"s" * 32, Metering(proxy.registry)))
        await until(lambda: client.connected, "it is there")
        yield proxy, service
        await until(lambda: not client._unanswered, "all is kept")


def kept(bench: Bench) -> list[tuple[str, PinState, int]]:
    with opened(f"sqlite:///{bench.folder / 'claims.db'}") as store:
        rows = store.within(lambda transaction: find_pins(transaction, 99))
    return [(row.system, row.state, len(row.holders)) for row in rows]


async def test_a_retry_goes_where_the_first_went_whatever_the_stage_is_then(bench: Bench) -> None:
    seen: list[bytes] = []
    async with upstream(answering(seen, LEGACY)) as old, upstream(answering([], CANDIDATE)) as new:
        tables = [table(old.port, new.port, stage) for stage in (Stage.LEGACY, Stage.CANDIDATE, Stage.SHADOW)]
        async with claimed(bench, tables[0]) as (proxy, _):
            assert (await exchange(proxy.port, post("k1"))).endswith(b"legacy")
            proxy.gateway.adopt(tables[1], proxy.gateway.upstreams)
            assert (await exchange(proxy.port, post("k1"))).endswith(b"legacy")
            assert (await exchange(proxy.port, post("k2"))).endswith(b"candidate")
            assert (await exchange(proxy.port, post("k1", method=b"GET"))).endswith(b"candidate")
            proxy.gateway.adopt(tables[2], proxy.gateway.upstreams)
            assert (await exchange(proxy.port, post("k2"))).endswith(b"candidate")
            assert (await exchange(proxy.port, post("", b'{"key": "k1"}'))).endswith(b"legacy")
            assert proxy.counted("strangler_claims_total") == {("plan",): 2, ("pin",): 3}
    assert sorted(kept(bench)) == [("candidate", "sent", 0), ("legacy", "sent", 0)]
    assert len(seen) == 3


async def test_a_refused_connect_does_not_bind_a_key_to_a_dead_system(bench: Bench, free_port: int) -> None:
    async with (
        upstream(answering([], LEGACY)) as old,
        claimed(bench, table(old.port, free_port, Stage.CANDIDATE)) as (proxy, _),
    ):
        answer = await exchange(proxy.port, post("k1"))
        assert answer.startswith(b"HTTP/1.1 503")
        proxy.gateway.adopt(table(old.port, free_port, Stage.LEGACY), proxy.gateway.upstreams)
        assert (await exchange(proxy.port, post("k1"))).endswith(b"legacy")
    assert kept(bench) == [("legacy", "sent", 0)]


async def test_bound_work_whose_system_is_down_is_503_and_never_goes_to_the_other(bench: Bench) -> None:
    async with upstream(answering([], LEGACY)) as old:
        async with upstream(answering([], CANDIDATE)) as new:
            dead = new.port
            async with claimed(bench, table(old.port, dead, Stage.CANDIDATE)) as (proxy, _):
                assert (await exchange(proxy.port, post("k1"))).endswith(b"candidate")
        async with claimed(bench, table(old.port, dead, Stage.LEGACY)) as (proxy, _):
            answer = await exchange(proxy.port, post("k1"))
            assert answer.startswith(b"HTTP/1.1 503")
            assert b"Retry-After" in answer


async def test_a_write_without_a_true_answer_is_listed_and_stays_bound(bench: Bench) -> None:
    async with (
        upstream(answering([], b"garbage\r\n\r\n", close=True)) as old,
        claimed(bench, table(old.port, old.port, Stage.LEGACY)) as (proxy, _),
    ):
        for key in ("k1", "", ""):
            answer = await exchange(proxy.port, post(key))
            assert b"outcome-unknown" in answer
            assert b"Retry-After" not in answer
        assert proxy.counted("strangler_unknown_outcomes_total") == {("pay",): 3}
    with opened(f"sqlite:///{bench.folder / 'claims.db'}") as store:
        found = store.within(lambda transaction: find_unknowns(transaction, 9))
    assert sorted(bool(row.token) for row in found) == [False, False, True]
    assert kept(bench) == [("legacy", "unknown", 0)]


async def test_while_nothing_can_be_told_nothing_is_sent(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PATIENCE", 0.2)
    seen: list[bytes] = []
    async with (
        upstream(answering(seen, LEGACY)) as old,
        claimed(bench, table(old.port, old.port, Stage.LEGACY)) as (proxy, service),
    ):
        monkeypatch.setattr(service, "_next", lambda: asyncio.sleep(3600))
        await asyncio.sleep(0)
        service._came.set()
        assert b"claims-unreachable" in await exchange(proxy.port, post("k1"))
        assert (await exchange(proxy.port, post("k1", method=b"GET"))).endswith(b"legacy")
        monkeypatch.undo()
        proxy.gateway.claiming.client._unanswered.clear()  # type: ignore[union-attr]
    assert len(seen) == 1


async def test_a_client_that_leaves_before_anything_is_sent_binds_nothing(bench: Bench) -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        gone.set()

    async with upstream(serve) as old, claimed(bench, table(old.port, old.port, Stage.LEGACY)) as (proxy, _):
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"POST /pay HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")
        await writer.drain()
        writer.transport.abort()
        await until(lambda: not proxy.connections, "it is gone")
        assert not gone.is_set()
    assert kept(bench) == []


async def test_a_body_in_which_a_key_is_looked_for_is_bounded(bench: Bench) -> None:
    async with (
        upstream(answering([], LEGACY)) as old,
        claimed(bench, table(old.port, old.port, Stage.LEGACY)) as (proxy, _),
    ):
        sized = await exchange(proxy.port, post("", b" " * (MAX_BODY + 1)))
        chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (MAX_BODY + 1, b" " * (MAX_BODY + 1))
        head = b"POST /pay HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        chunked = await exchange(proxy.port, head + chunks)
        large = await exchange(proxy.port, post("k1", b" " * (MAX_BODY + 1)))
    assert sized.startswith(b"HTTP/1.1 413")
    assert chunked.startswith(b"HTTP/1.1 413")
    assert large.endswith(b"legacy")


async def test_another_body_of_one_key_is_passed_on_and_counted(bench: Bench) -> None:
    async with (
        upstream(answering([], LEGACY)) as old,
        claimed(bench, table(old.port, old.port, Stage.LEGACY)) as (proxy, _),
    ):
        for body in (b"{}", b"{}", b'{"amount": 1}'):
            assert (await exchange(proxy.port, post("k1", body))).endswith(b"legacy")
    assert bench.counts["other-body"] == 1


PLACES = ("/pay/{id}", "$.id", "$.payment")


def owning(legacy: int, candidate: int, stage: Stage) -> RouteTable:
    made = table(legacy, candidate, stage)
    entity = Entity("payment", PLACES, "pay_[a-z0-9]+", aliases=("$.psp", "query:psp"))
    return replace(made, entities=(entity,))


def made(name: bytes, by: bytes = b"x") -> bytes:
    body = b'{"id": "pay_%b", "psp": "pay_psp%b", "by": "%b"}' % (name, name, by)
    return b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


def about(target: bytes, method: bytes = b"GET", body: bytes = b"") -> bytes:
    return (
        b"%b %b HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
        b"Connection: close\r\n\r\n%b" % (method, target, len(body), body)
    )


async def test_what_a_system_has_created_is_its_whatever_the_stage_is_then(bench: Bench) -> None:
    async with upstream(answering([], made(b"1", b"old"))) as old, upstream(answering([], made(b"2", b"new"))) as new:
        tables = [owning(old.port, new.port, stage) for stage in (Stage.LEGACY, Stage.CANDIDATE)]
        async with claimed(bench, tables[0]) as (proxy, _):
            assert b'"by": "old"' in await exchange(proxy.port, post(""))
            proxy.gateway.adopt(tables[1], proxy.gateway.upstreams)
            assert b'"by": "new"' in await exchange(proxy.port, post(""))
            for wire, by in (
                (about(b"/pay/pay_1"), b"old"),
                (about(b"/pay/pay_1/capture", b"POST"), b"old"),
                (about(b"/hook?psp=pay_psp1"), b"old"),
                (about(b"/hook", b"POST", b'{"psp": "pay_psp2"}'), b"new"),
                (about(b"/pay", b"POST", b'{"payment": "pay_1"}'), b"old"),
                (about(b"/pay/pay_2"), b"new"),
                (about(b"/pay/pay_9"), b"old"),
            ):
                assert b'"by": "%b"' % by in await exchange(proxy.port, wire), wire
            both = await exchange(proxy.port, about(b"/pay/pay_1", b"POST", b'{"payment": "pay_2"}'))
            assert both.startswith(b"HTTP/1.1 409")
            coded = about(b"/pay", b"POST", b"x").replace(b"Host: a", b"Host: a\r\nContent-Encoding: br")
            assert (await exchange(proxy.port, coded)).startswith(b"HTTP/1.1 400")


async def test_the_end_of_an_answer_waits_until_what_it_created_is_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "SOON", 30.0)  # nothing is decided alone here
    async with (
        upstream(answering([], made(b"1"))) as old,
        claimed(bench, owning(old.port, old.port, Stage.LEGACY)) as (proxy, service),
    ):
        hangs = asyncio.Event()
        transact = service._store.transact

        async def hanging(work: Callable[[Transaction], object]) -> object:
            await hangs.wait()
            return await transact(work)

        service._store.transact = hanging  # type: ignore[method-assign,assignment]
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(post(""))
        got = asyncio.ensure_future(reader.readuntil(b'"by": "x"}'))
        done, _ = await asyncio.wait([got], timeout=0.3)
        assert not done
        hangs.set()
        assert (await got).startswith(b"HTTP/1.1 201 Created")
        writer.close()


async def test_an_answer_that_created_is_released_from_the_journal_while_claims_are_away(bench: Bench) -> None:
    async with upstream(answering([], made(b"1"))) as old, bench.working("w", System.LEGACY) as client:
        async with proxied(owning(old.port, old.port, Stage.LEGACY), bench.folder) as proxy:
            proxy.gateway.begin_claims(Claiming(client, b"s" * 32, Metering(proxy.registry)))
            assert b"201 Created" in await exchange(proxy.port, post(""))
            assert client.alone == 1
        async with bench.serving():
            await until(lambda: not client._unanswered, "it is told")
    with opened(f"sqlite:///{bench.folder / 'claims.db'}") as store:
        assert store.within(owner_counts) == [("payment", "legacy", "monolith", 2, 0)]


async def test_an_answer_without_a_body_names_what_it_created_in_its_location(bench: Bench) -> None:
    wire = b"HTTP/1.1 201 Created\r\nLocation: /pay/pay_7\r\nContent-Length: 0\r\n\r\n"
    async with (
        upstream(answering([], wire)) as old,
        claimed(bench, owning(old.port, old.port, Stage.CANDIDATE)) as (proxy, _),
    ):
        assert b"Location: /pay/pay_7" in await exchange(proxy.port, post(""))
    with opened(f"sqlite:///{bench.folder / 'claims.db'}") as store:
        assert store.within(owner_counts) == [("payment", "candidate", "payments", 1, 0)]


async def test_an_answer_that_is_too_large_to_look_in_is_passed_on_and_counted(bench: Bench) -> None:
    body = b'{"id": "pay_1", "filler": "%b"}' % (b"x" * MAX_ANSWER)
    wire = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    async with (
        upstream(answering([], wire)) as old,
        claimed(bench, owning(old.port, old.port, Stage.LEGACY)) as (proxy, _),
    ):
        assert (await exchange(proxy.port, post(""))).endswith(body)
        assert proxy.counted("strangler_claims_total")[("answer-unread",)] == 1
