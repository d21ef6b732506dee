"""One whole request and its whole answer, against real sockets that behave and misbehave."""

import asyncio

import pytest

from proxy.http1.pool import Address, Pool, PoolSettings
from proxy.http1.send import send
from proxy.http1.ticker import Ticker
from proxy.messages import Failure, FailureKind, Response
from tests.support.wire import answering, read_request, upstream

GET = b"GET /v1 HTTP/1.1\r\nHost: a.example\r\n\r\n"
POST = b"POST /v1 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabc"


@pytest.fixture
async def ticker() -> Ticker:
    return Ticker(asyncio.get_running_loop())


def pool(port: int, ticker: Ticker, **settings: float) -> Pool:
    return Pool(Address("127.0.0.1", port), PoolSettings(connect_timeout=0.5, **settings), ticker)  # type: ignore[arg-type]


async def test_a_response_comes_whole_however_it_is_framed(ticker: Ticker) -> None:
    for wire, close in (
        (b"HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 3\r\n\r\nabc", False),
        (b"HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nabc", True),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            False,
        ),
    ):
        seen: list[bytes] = []
        async with upstream(answering(seen, wire, close=close)) as server:
            connections = pool(server.port, ticker)
            outcome = await send(connections, GET, timeout=2, max_body=100)
            assert isinstance(outcome, Response), outcome
            assert (outcome.status, outcome.body) == (200, b"abc")
            assert seen == [GET]
            await connections.close()


async def test_connections_are_kept_and_used_again(ticker: Ticker) -> None:
    async with upstream(answering([], b"HTTP/1.1 204 No Content\r\n\r\n")) as server:
        connections = pool(server.port, ticker)
        for _ in range(20):
            assert isinstance(await send(connections, GET, timeout=2, max_body=0), Response)
        assert server.connections == 1
        await connections.close()


async def test_an_idle_connection_is_closed_before_the_upstream_does_it(ticker: Ticker) -> None:
    closed = asyncio.Event()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.read()
        closed.set()

    async with upstream(converse) as server:
        connections = pool(server.port, ticker, idle_timeout=0.1)
        await send(connections, GET, timeout=2, max_body=0)
        async with asyncio.timeout(5):
            await closed.wait()
        await connections.close()


async def test_a_closed_kept_connection_is_not_used_again(ticker: Ticker) -> None:
    async with upstream(answering([], b"HTTP/1.1 204 No Content\r\n\r\n", close=True)) as server:
        connections = pool(server.port, ticker)
        for _ in range(3):
            assert isinstance(await send(connections, GET, timeout=2, max_body=0), Response)
            async with asyncio.timeout(5):
                while connections.size:
                    await asyncio.sleep(0.005)
        assert server.connections == 3
        await connections.close()


@pytest.mark.parametrize(
    ("wire", "kind"),
    [
        (b"", FailureKind.RESET),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", FailureKind.RESET),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", FailureKind.RESET),
        (b"HTTP/1.1 200", FailureKind.RESET),
        (b"\x16\x03\x01 nonsense\r\n\r\n", FailureKind.GARBAGE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", FailureKind.GARBAGE),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", FailureKind.GARBAGE),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20, FailureKind.GARBAGE),
        (b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 70000, FailureKind.GARBAGE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b"a" * 200, FailureKind.TOO_LARGE),
    ],
)
async def test_what_is_no_whole_answer_is_a_failure_of_its_kind(ticker: Ticker, wire: bytes, kind: FailureKind) -> None:
    async with upstream(answering([], wire, close=True)) as server:
        connections = pool(server.port, ticker)
        outcome = await send(connections, POST, timeout=2, max_body=100)
        assert isinstance(outcome, Failure), outcome
        assert (outcome.kind, outcome.maybe_sent) == (kind, True)
        assert server.connections == 1, "nothing is sent twice"
        await connections.close()


async def test_a_slow_answer_is_a_time_out(ticker: Ticker) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na")
        await reader.read()

    async with upstream(converse) as server:
        connections = pool(server.port, ticker)
        outcome = await send(connections, GET, timeout=0.1, max_body=100)
        assert isinstance(outcome, Failure)
        assert outcome.kind is FailureKind.TIMEOUT
        await connections.close()


async def test_nobody_there_is_provably_unsent(ticker: Ticker, free_port: int) -> None:
    connections = pool(free_port, ticker)
    outcome = await send(connections, POST, timeout=2, max_body=100)
    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.maybe_sent) == (FailureKind.REFUSED, False)
    await connections.close()


async def test_who_finds_the_pool_full_is_told_so_at_once_or_after_the_wait(ticker: Ticker) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with upstream(converse) as server:
        connections = pool(server.port, ticker, max_connections=1, max_pending=1)
        held = asyncio.create_task(send(connections, GET, timeout=3, max_body=0))
        async with asyncio.timeout(5):
            while not server.connections:
                await asyncio.sleep(0.005)
        waiting = asyncio.create_task(send(connections, GET, timeout=3, max_body=0))
        await asyncio.sleep(0)
        refused = await send(connections, GET, timeout=3, max_body=0)
        late = await waiting
        for outcome in (refused, late):
            assert isinstance(outcome, Failure)
            assert (outcome.kind, outcome.maybe_sent) == (FailureKind.POOL_FULL, False)
        held.cancel()
        await connections.close()


async def test_a_cancelled_sender_leaves_no_connection_behind(ticker: Ticker) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with upstream(converse) as server:
        connections = pool(server.port, ticker)
        task = asyncio.create_task(send(connections, GET, timeout=3, max_body=0))
        async with asyncio.timeout(5):
            while not server.connections:
                await asyncio.sleep(0.005)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            while connections.size:
                await asyncio.sleep(0.005)
        await connections.close()
