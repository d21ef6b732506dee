"""Who gets which connection, and when."""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy.http1.client import ClientConnection
from proxy.http1.pool import Address, Pool, PoolSettings
from proxy.http1.ticker import Ticker
from proxy.messages import Failure, FailureKind
from tests.end_to_end.both_loops import until
from tests.support.certificates import Authority
from tests.support.wire import ScriptedUpstream, upstream


class Asking:
    """Waits for a connection."""

    def __init__(self) -> None:
        self.got: asyncio.Future[ClientConnection | Failure] = asyncio.get_running_loop().create_future()

    def connected(self, connection: ClientConnection) -> None:
        self.got.set_result(connection)

    def response_failed(self, failure: Failure) -> None:
        self.got.set_result(failure)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedUpstream]:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with upstream(hold) as server:
        yield server


def pool(server: ScriptedUpstream, **settings: int) -> Pool:
    ticker = Ticker(asyncio.get_running_loop())
    return Pool(Address("127.0.0.1", server.port), PoolSettings(connect_timeout=0.3, **settings), ticker)


async def ask(connections: Pool, *, fresh: bool = False) -> ClientConnection | Failure:
    asking = Asking()
    now = connections.acquire(asking, fresh=fresh)
    if now is not None:
        return now
    async with asyncio.timeout(5):
        return await asking.got


async def test_the_youngest_idle_connection_is_used_first(server: ScriptedUpstream) -> None:
    connections = pool(server)
    first, second = await ask(connections), await ask(connections)
    assert isinstance(first, ClientConnection)
    assert isinstance(second, ClientConnection)
    assert first is not second
    connections.give_back(first)
    connections.give_back(second)
    assert await ask(connections) is second
    assert await ask(connections) is first
    await connections.close()


async def test_a_fresh_one_is_a_new_one(server: ScriptedUpstream) -> None:
    connections = pool(server)
    first = await ask(connections)
    assert isinstance(first, ClientConnection)
    connections.give_back(first)
    assert await ask(connections, fresh=True) is not first
    await connections.close()


async def test_who_waits_is_served_in_turn_when_one_comes_back(server: ScriptedUpstream) -> None:
    connections = pool(server, max_connections=1)
    held = await ask(connections)
    assert isinstance(held, ClientConnection)
    waiting = [Asking(), Asking()]
    for each in waiting:
        assert connections.acquire(each) is None
    connections.give_back(held)
    assert await waiting[0].got is held
    assert not waiting[1].got.done()
    connections.give_back(held)
    assert await waiting[1].got is held
    await connections.close()


async def test_who_waits_gets_a_new_connection_when_one_is_lost(server: ScriptedUpstream) -> None:
    connections = pool(server, max_connections=1)
    held = await ask(connections)
    assert isinstance(held, ClientConnection)
    waiting = Asking()
    assert connections.acquire(waiting) is None
    held.close()
    async with asyncio.timeout(5):
        got = await waiting.got
    assert isinstance(got, ClientConnection)
    assert got is not held
    await connections.close()


async def test_who_has_gone_is_not_served(server: ScriptedUpstream) -> None:
    connections = pool(server, max_connections=1)
    held = await ask(connections)
    assert isinstance(held, ClientConnection)
    gone = Asking()
    connections.acquire(gone)
    connections.forget(gone)
    connections.give_back(held)
    assert await ask(connections) is held
    assert not gone.got.done()
    await connections.close()


async def test_waiting_has_an_end_and_a_bound(server: ScriptedUpstream) -> None:
    connections = pool(server, max_connections=1, max_pending=1)
    await ask(connections)
    waiting = Asking()
    connections.acquire(waiting)
    beyond = await ask(connections)
    async with asyncio.timeout(5):
        late = await waiting.got
    for failure in (beyond, late):
        assert isinstance(failure, Failure)
        assert (failure.kind, failure.maybe_sent) == (FailureKind.POOL_FULL, False)
    await connections.close()


async def test_a_retired_pool_closes_what_idles_and_serves_whom_it_has(server: ScriptedUpstream) -> None:
    connections = pool(server, max_connections=2)
    idle, held, busy = await ask(connections), await ask(connections), Asking()
    assert isinstance(idle, ClientConnection)
    assert isinstance(held, ClientConnection)
    assert connections.acquire(busy) is None
    connections.retire()
    assert held.open
    connections.give_back(held)
    async with asyncio.timeout(5):
        assert await busy.got is held
    connections.give_back(held)
    connections.give_back(idle)
    assert (held.open, idle.open) == (False, False)
    await until(lambda: connections.size == 0, "nothing is held any more")


async def test_a_retired_pool_keeps_no_idle_connection(server: ScriptedUpstream) -> None:
    connections = pool(server)
    idle = await ask(connections)
    assert isinstance(idle, ClientConnection)
    connections.give_back(idle)
    assert idle.open
    connections.retire()
    assert not idle.open
    await until(lambda: connections.size == 0, "nothing is held any more")


async def test_a_retired_pool_still_serves_a_request_that_began_with_it(server: ScriptedUpstream) -> None:
    """It has the table from before, and asks only now; its wait has the bound that every wait has."""
    connections = pool(server, max_connections=1)
    connections.retire()
    held = await ask(connections)
    assert isinstance(held, ClientConnection)
    late = await ask(connections)
    assert isinstance(late, Failure)
    assert late.kind is FailureKind.POOL_FULL
    connections.give_back(held)
    assert not held.open


async def test_a_retired_pool_needs_no_clock_once_it_has_served(server: ScriptedUpstream) -> None:
    ticker = Ticker(asyncio.get_running_loop())
    connections = Pool(Address("127.0.0.1", server.port), PoolSettings(), ticker)
    assert watched(ticker, connections)
    held = await ask(connections)
    assert isinstance(held, ClientConnection)
    connections.retire()
    assert watched(ticker, connections)
    connections.give_back(held)
    await until(lambda: not watched(ticker, connections), "it is forgotten")
    unused = Pool(Address("127.0.0.1", server.port), PoolSettings(), ticker)
    unused.retire()
    assert not watched(ticker, unused)


async def test_a_retired_pool_needs_no_clock_either_where_nobody_answers_or_who_asked_has_gone() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        ticker, address = Ticker(asyncio.get_running_loop()), Address("127.0.0.1", nobody.getsockname()[1])
        connections = Pool(address, PoolSettings(), ticker)
        connections.retire()
        assert isinstance(await ask(connections), Failure)
        assert not watched(ticker, connections)
        gone = Asking()
        connections.acquire(gone)
        assert watched(ticker, connections)
        connections.forget(gone)
        await until(lambda: not watched(ticker, connections), "it is forgotten")


def watched(ticker: Ticker, connections: Pool) -> bool:
    return connections in ticker._watched


async def test_a_new_tls_connection_is_used_though_its_tickets_wait_to_be_read(tmp_path: Path) -> None:
    """TLS 1.3 servers send them right after the handshake; a plain connection with unread bytes is never used."""
    authority = Authority(tmp_path)
    pair, accepted = authority.issue("a"), 0
    answering = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    answering.load_cert_chain(pair.certificate, pair.key)

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal accepted
        accepted += 1
        await reader.read()

    server = await asyncio.start_server(hold, "127.0.0.1", 0, ssl=answering)
    context = ssl.create_default_context(cafile=str(authority.certificate))
    for _ in range(20):
        address = Address("127.0.0.1", server.sockets[0].getsockname()[1], context, "localhost")
        connections = Pool(address, PoolSettings(connect_timeout=5), Ticker(asyncio.get_running_loop()))
        assert isinstance(await ask(connections), ClientConnection)
        await connections.close()
    server.close()
    assert accepted == 20


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "the TLS handshake failed: "),
        (b"\x15\x03\x03\x00\x02\x02\x28", "the TLS handshake failed: sslv3 alert handshake failure"),
        (b"", "the connection ended during the TLS handshake"),
    ],
)
async def test_what_a_handshake_fails_of_is_said(answer: bytes, said: str) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 14)
        writer.write(answer)

    async with upstream(refuse) as server:
        address = Address("127.0.0.1", server.port, ssl.create_default_context(), "localhost")
        connections = Pool(address, PoolSettings(connect_timeout=5), Ticker(asyncio.get_running_loop()))
        failure = await ask(connections)
        await connections.close()
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.maybe_sent) == (FailureKind.REFUSED, False)
    assert failure.detail.startswith(f"127.0.0.1:{server.port}: {said}")


async def test_a_handshake_that_is_not_answered_ends_with_the_time_to_connect(server: ScriptedUpstream) -> None:
    address = Address("127.0.0.1", server.port, ssl.create_default_context(), "localhost")
    connections = Pool(address, PoolSettings(connect_timeout=0.2), Ticker(asyncio.get_running_loop()))
    failure = await ask(connections)
    await connections.close()
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.maybe_sent) == (FailureKind.CONNECT_TIMEOUT, False)
    assert failure.detail.endswith("no connection within 0.2 s")


async def test_a_refusal_is_said_in_the_words_of_the_system() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        connections = Pool(Address("127.0.0.1", port), PoolSettings(), Ticker(asyncio.get_running_loop()))
        failure = await ask(connections)
        await connections.close()
    assert isinstance(failure, Failure)
    assert failure.detail == f"127.0.0.1:{port}: {os.strerror(111)}"
