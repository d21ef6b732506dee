import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.gateway.ports import Connection
from proxy.http1.client import ClientConnection
from proxy.http1.ticker import Ticker
from proxy.messages import Failure, FailureKind
from proxy.routing.table import Backend, BackendTls, PoolLimits, Timeouts
from proxy.runtime.upstreams import Upstreams
from tests.support.certificates import Authority
from tests.support.wire import ScriptedUpstream, upstream


class Asking:
    """Waits for a connection."""

    def __init__(self) -> None:
        self.got: asyncio.Future[Connection | Failure] = asyncio.get_running_loop().create_future()

    def connected(self, connection: Connection) -> None:
        self.got.set_result(connection)

    def response_failed(self, failure: Failure) -> None:
        self.got.set_result(failure)


async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.fixture
async def servers() -> AsyncIterator[tuple[ScriptedUpstream, ScriptedUpstream]]:
    async with upstream(hold) as one, upstream(hold) as other:
        yield one, other


def backend(name: str, port: int) -> Backend:
    limits = PoolLimits(max_connections=1, max_pending=1, idle_timeout=5.0)
    return Backend(name, "http", "127.0.0.1", port, pool=limits, timeouts=Timeouts(0.3, 1.0, 1.0))


def upstreams(*backends: Backend) -> Upstreams:
    return Upstreams({each.name: each for each in backends}, Ticker(asyncio.get_running_loop()))


async def ask(pools: Upstreams, name: str) -> Connection | Failure:
    asking = Asking()
    now = pools.acquire(name, asking)
    if now is not None:
        return now
    async with asyncio.timeout(5):
        return await asking.got


async def test_each_backend_has_a_pool_of_its_own(servers: tuple[ScriptedUpstream, ScriptedUpstream]) -> None:
    pools = upstreams(backend("a", servers[0].port), backend("b", servers[1].port))
    first, second = await ask(pools, "a"), await ask(pools, "b")
    assert isinstance(first, ClientConnection)
    assert isinstance(second, ClientConnection)
    assert [server.connections for server in servers] == [1, 1]
    pools.give_back("a", first)
    pools.give_back("b", second)
    assert await ask(pools, "b") is second
    assert await ask(pools, "a") is first
    await pools.close()


async def test_a_full_pool_is_no_matter_to_another(servers: tuple[ScriptedUpstream, ScriptedUpstream]) -> None:
    """Also where both are one address: a shadow's connections are never a payment's."""
    pools = upstreams(backend("live", servers[0].port), backend("copy", servers[0].port))
    held = await ask(pools, "copy")
    assert isinstance(held, ClientConnection)
    waiting = Asking()
    assert pools.acquire("copy", waiting) is None
    beyond = await ask(pools, "copy")
    assert isinstance(beyond, Failure)
    assert (beyond.kind, beyond.maybe_sent) == (FailureKind.POOL_FULL, False)
    assert isinstance(await ask(pools, "live"), ClientConnection)
    pools.forget("copy", waiting)
    pools.give_back("copy", held)
    assert not waiting.got.done()
    await pools.close()


async def test_a_fresh_connection_can_be_asked_for(servers: tuple[ScriptedUpstream, ScriptedUpstream]) -> None:
    wide = replace(backend("a", servers[0].port), pool=PoolLimits(max_connections=2, max_pending=2))
    pools = upstreams(wide)
    first = await ask(pools, "a")
    assert isinstance(first, ClientConnection)
    pools.give_back("a", first)
    asking = Asking()
    assert pools.acquire("a", asking, fresh=True) is None
    async with asyncio.timeout(5):
        assert await asking.got is not first
    await pools.close()


async def test_the_connect_time_out_is_the_backends() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for client in (first, second):  # the backlog is full from here on: the kernel lets the next ones wait
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        pools = upstreams(backend("slow", full.getsockname()[1]))
        failure = await ask(pools, "slow")
        await pools.close()
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.maybe_sent) == (FailureKind.CONNECT_TIMEOUT, False)
    assert "within 0.3 s" in failure.detail


async def test_tls_is_asked_for_where_the_scheme_says_so(servers: tuple[ScriptedUpstream, ScriptedUpstream]) -> None:
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.read(3))

    async with upstream(listen) as server:
        pools = upstreams(replace(backend("a", server.port), scheme="https"))
        assert isinstance(await ask(pools, "a"), Failure)
        await pools.close()
    assert heard.result()[:2] == b"\x16\x03"  # a TLS handshake record


async def test_the_name_that_is_asked_for_is_the_hosts_or_the_one_that_is_said(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair, names = authority.issue("a", "DNS:localhost,DNS:pay.internal"), []
    answering = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    answering.load_cert_chain(pair.certificate, pair.key)
    answering.sni_callback = lambda _, name, __: names.append(name)
    server = await asyncio.start_server(hold, "127.0.0.1", 0, ssl=answering)
    ours = replace(
        backend("a", server.sockets[0].getsockname()[1]), scheme="https", host="localhost", timeouts=Timeouts(5)
    )
    named = replace(ours, name="b", tls=BackendTls(server_name="pay.internal."))
    context = ssl.create_default_context(cafile=str(authority.certificate))
    pools = Upstreams({"a": ours, "b": named}, Ticker(asyncio.get_running_loop()), {"a": context, "b": context})
    for name in "ab":
        assert isinstance(await ask(pools, name), ClientConnection)
    await pools.close()
    server.close()
    assert names == ["localhost", "pay.internal"]


async def test_close_ends_all_connections(servers: tuple[ScriptedUpstream, ScriptedUpstream]) -> None:
    pools = upstreams(backend("a", servers[0].port), backend("b", servers[1].port))
    held = [await ask(pools, name) for name in "ab"]
    await pools.close()
    assert not any(each.open for each in held if isinstance(each, ClientConnection))
