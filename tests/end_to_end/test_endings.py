"""How one conversation ends, and that nothing of it is left for the next: no byte, no connection, no count."""

import asyncio
import errno
import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.http1.server import ServerConnection
from proxy.messages import Headers, Stage
from proxy.routing.route import Route
from proxy.routing.table import PoolLimits, RouteTable, Semantics
from tests.end_to_end.both_loops import on_both_loops, until
from tests.end_to_end.pressing import (
    GET,
    LAST,
    MUCH,
    OK,
    PATIENT,
    accept,
    dialled,
    drained,
    inflight,
    listening,
    pool,
    port_of,
    received,
    sized,
)
from tests.support.proxying import proxied, table
from tests.support.wire import answering, exchange, read_request, read_until, upstream

POST = b"POST /%b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


def problem(answer: bytes) -> str:
    document: dict[str, str] = json.loads(answer[answer.index(b"{") :])
    return document["type"]


async def get(port: int, path: bytes) -> bytes:
    return await exchange(port, LAST.replace(b"GET / ", b"GET /%b " % path))


# Answers that come before the request is whole


@on_both_loops
@pytest.mark.parametrize("first", ["answer", "request"])
async def test_an_early_answer_in_one_turn_with_the_end_of_the_body_leaves_a_connection_to_nobody(
    tmp_path: Path, first: str
) -> None:
    with listening() as server:
        routes = table(port_of(server), stage=Stage.LEGACY, timeouts=PATIENT)
        async with proxied(routes, tmp_path) as proxy:
            with dialled(proxy.port) as client:
                client.send(POST % (b"one", 100) + b"a" * 50)
                with await accept(server) as upstream_one:
                    got = await received(upstream_one, b"a" * 50)
                    sends = [(upstream_one, OK), (client, b"a" * 50)]
                    for sock, data in sends if first == "answer" else sends[::-1]:
                        sock.send(data)  # no turn of the loop between these two
                    assert (await received(client, b"\r\n\r\nok")).startswith(b"HTTP/1.1 200")
                    asked = asyncio.create_task(exchange(proxy.port, POST % (b"two", 5) + b"hello", until=b"ok"))
                    with await accept(server) as upstream_two:
                        second = await received(upstream_two, b"hello")
                        upstream_two.send(OK)
                        assert (await asked).startswith(b"HTTP/1.1 200")
                    got += (await drained(upstream_one))[0]
    assert got.count(b"POST") == 1
    assert second.startswith(b"POST /two")


@on_both_loops
async def test_an_early_answer_frees_the_slot_though_the_upstream_neither_reads_nor_closes(tmp_path: Path) -> None:
    with listening(4096) as server:
        routes = table(port_of(server), stage=Stage.LEGACY, timeouts=PATIENT, limits=MUCH, pool=PoolLimits(1, 5, 1.5))
        async with proxied(routes, tmp_path) as proxy:
            with dialled(proxy.port) as client:
                wire = POST % (b"large", 20_000_000) + b"x" * 10_000_000
                sending = asyncio.create_task(asyncio.get_running_loop().sock_sendall(client, wire))
                with await accept(server) as stuck:
                    await received(stuck, b"xxx")
                    stuck.send(sized(2, b"413 No"))
                    assert (await received(client, b"xx")).startswith(b"HTTP/1.1 413")
                    await until(lambda: pool(proxy).size == 0, "the slot is free")
                    asked = asyncio.create_task(get(proxy.port, b"next"))
                    with await accept(server) as there:
                        await received(there, b"\r\n\r\n")
                        there.send(OK)
                        assert (await asked).endswith(b"ok")
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)


@on_both_loops
async def test_a_connection_that_still_holds_a_part_of_the_last_request_is_not_used_again(tmp_path: Path) -> None:
    with listening(4096) as server:
        routes = table(port_of(server), stage=Stage.LEGACY, timeouts=PATIENT)
        async with proxied(routes, tmp_path) as proxy:
            with dialled(proxy.port) as client:
                client.send(POST % (b"one", 60_000))
                with await accept(server) as stuck:
                    await received(stuck, b"\r\n\r\n")
                    [connection] = pool(proxy)._all
                    assert connection._transport is not None
                    connection._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
                    await asyncio.get_running_loop().sock_sendall(client, b"x" * 60_000)
                    await until(lambda: connection._whole and not connection._outlet._pieces, "all was handed over")
                    assert connection._outlet.unsent
                    stuck.send(OK)
                    assert (await received(client, b"ok")).startswith(b"HTTP/1.1 200")
                    asked = asyncio.create_task(exchange(proxy.port, POST % (b"two", 5) + b"hello", until=b"ok"))
                    with await accept(server) as there:
                        assert (await received(there, b"hello")).startswith(b"POST /two")
                        there.send(OK)
                        assert (await asked).startswith(b"HTTP/1.1 200")


# Repeating


@on_both_loops
@pytest.mark.parametrize(
    ("semantics", "rest", "times", "kind"),
    [
        (Semantics.WRITE, b"", 1, "outcome-unknown"),
        (Semantics.READ, b"", 2, None),
        (Semantics.READ, b"HTTP/1.1 2", 1, "upstream-reset"),
        (Semantics.READ, b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n", 1, "upstream-reset"),
        (Semantics.WRITE, b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 2", 1, "outcome-unknown"),
    ],
)
async def test_a_kept_connection_that_ends_is_no_reason_to_repeat_what_may_have_begun(
    tmp_path: Path, semantics: Semantics, rest: bytes, times: int, kind: str | None
) -> None:
    seen: list[bytes] = []

    async def once_and_a_part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (OK, rest) if server.connections == 1 else (OK, OK):
            seen.append((await read_request(reader)).split(b" ")[1])
            writer.write(answer)
            await writer.drain()

    async with upstream(once_and_a_part) as server:
        routes = table(server.port)
        route = replace(routes.routes[0], semantics=semantics)
        async with proxied(replace(routes, routes=(route,)), tmp_path) as proxy:
            assert (await get(proxy.port, b"warm")).endswith(b"ok")
            answer = await get(proxy.port, b"pay")
    assert seen == [b"/warm"] + [b"/pay"] * times
    if kind is None:
        assert answer.endswith(b"ok")
    else:
        assert problem(answer) == kind
        assert b"HTTP/1.1 502" in answer


@on_both_loops
async def test_a_connection_that_ended_after_its_answer_is_given_to_nobody_who_waits(tmp_path: Path) -> None:
    seen: list[bytes] = []
    wire = LAST.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\nabc")
    async with (
        upstream(answering(seen, OK, close=True)) as server,
        proxied(table(server.port, pool=PoolLimits(3, 400, 1.5), timeouts=PATIENT), tmp_path) as proxy,
    ):
        answers = await asyncio.gather(*(exchange(proxy.port, wire) for _ in range(40)))
    assert [answer for answer in answers if not answer.startswith(b"HTTP/1.1 200")] == []
    assert len(seen) == 40


# Draining and half-closing


@on_both_loops
async def test_a_drained_connection_whose_head_is_out_ends_with_its_answer(tmp_path: Path) -> None:
    go = asyncio.Event()

    async def halting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
        await go.wait()
        writer.write(b"cd")
        await reader.read()

    async with upstream(halting) as server, proxied(table(server.port), tmp_path) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(GET)
        await read_until(reader, b"ab")
        [connection] = proxy.connections
        connection.drain()
        go.set()
        async with asyncio.timeout(2):
            assert await reader.read() == b"cd"
            await until(lambda: not proxy.connections, "it is gone")
        writer.close()


@on_both_loops
@pytest.mark.parametrize("times", [1, 2, 5])
async def test_a_client_that_sends_no_more_gets_the_answers_of_all_that_it_has_sent(tmp_path: Path, times: int) -> None:
    async with upstream(answering([], OK)) as server, proxied(table(server.port), tmp_path) as proxy:
        answer = await exchange(proxy.port, GET * times, half_close=True)
        await until(lambda: not proxy.connections, "it is gone", 1.0)
    assert answer.count(b"HTTP/1.1 200 OK") == times
    assert answer.count(b"Connection: close") == 1
    assert answer.endswith(b"Connection: close\r\n\r\nok")


@on_both_loops
@pytest.mark.parametrize("early", [False, True])
async def test_an_upstream_that_only_closes_its_sending_side_has_ended_its_answer(tmp_path: Path, early: bool) -> None:
    length = 20_000_000 if early else 3
    with listening(4096) as server:
        routes = table(port_of(server), stage=Stage.LEGACY, timeouts=PATIENT, limits=MUCH)
        async with proxied(routes, tmp_path) as proxy:
            with dialled(proxy.port) as client:
                wire = POST % (b"up", length) + b"x" * min(length, 5_000_000)
                sending = asyncio.create_task(asyncio.get_running_loop().sock_sendall(client, wire))
                with await accept(server) as there:
                    await received(there, b"xxx")
                    there.send(b"HTTP/1.1 413 No\r\nConnection: close\r\n\r\nno")
                    there.shutdown(socket.SHUT_WR)
                    answer = await received(client, b"2\r\nno\r\n0\r\n\r\n")
                    await until(lambda: pool(proxy).size == 0, "the slot is free")
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
    assert answer.startswith(b"HTTP/1.1 413")


# Counting, and our own mistakes


@on_both_loops
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
@pytest.mark.parametrize("framing", [b"Content-Length: 40\r\n\r\nab", b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"])
async def test_an_answer_that_breaks_off_is_counted_once(tmp_path: Path, version: bytes, framing: bytes) -> None:
    go = asyncio.Event()

    async def truncating(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n" + framing)
        await go.wait()

    async with upstream(truncating) as server, proxied(table(server.port), tmp_path) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(GET.replace(b"1.1", version))
        await read_until(reader, b"ab")
        assert inflight(proxy) == 1
        go.set()
        await read_until(reader, None)
        writer.close()
        await until(lambda: not proxy.connections, "it is gone")
        assert proxy.counted("strangler_requests_total") == {("pay", "legacy", "2xx"): 1}
        assert inflight(proxy) == 0


@on_both_loops
async def test_a_mistake_of_ours_ends_the_connection_that_met_it_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = RouteTable.find

    def failing(
        self: RouteTable, method: bytes, target: bytes, headers: Headers, now: float, body: bytes | None
    ) -> Route | None:
        if target == b"/bad":
            raise RuntimeError("a mistake")
        return find(self, method, target, headers, now, body)

    go = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            if b"/slow" in await read_request(reader):
                await go.wait()
            writer.write(OK)

    monkeypatch.setattr(RouteTable, "find", failing)
    async with upstream(slow) as server, proxied(table(server.port, timeouts=PATIENT), tmp_path) as proxy:
        other = asyncio.create_task(get(proxy.port, b"slow"))
        await until(lambda: server.connections, "another waits for its answer")
        with dialled(proxy.port) as client:
            client.send(GET)
            assert (await received(client, b"ok")).startswith(b"HTTP/1.1 200")
            client.send(LAST.replace(b"GET / ", b"GET /bad "))
            assert await drained(client) == (b"", errno.ECONNRESET)
        go.set()
        assert (await other).endswith(b"ok")
        assert (await get(proxy.port, b"after")).endswith(b"ok")
        await until(lambda: not proxy.connections, "all have gone")
        assert inflight(proxy) == 0


@on_both_loops
async def test_a_mistake_of_ours_in_the_middle_of_a_body_ends_only_its_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = ServerConnection._read_body

    def failing(self: ServerConnection) -> bool:
        if b"bad" in self._buffer:
            raise RuntimeError("a mistake")
        return read(self)

    monkeypatch.setattr(ServerConnection, "_read_body", failing)
    async with upstream(answering([], OK)) as server, proxied(table(server.port), tmp_path) as proxy:
        with dialled(proxy.port) as client:
            client.send(POST % (b"one", 6) + b"goo")
            await until(lambda: pool(proxy).size, "it goes on its way")
            client.send(b"bad")
            assert await drained(client) == (b"", errno.ECONNRESET)
        await until(lambda: pool(proxy).size == 0, "the connection that got a part is gone")
        assert (await get(proxy.port, b"after")).endswith(b"ok")
        assert inflight(proxy) == 0
