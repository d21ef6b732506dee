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


def spread(name: str, *servers: ScriptedUpstream) -> Backend:
    """A backend with several addresses."""
    return replace(backend(name, servers[0].port), addresses=tuple(("127.0.0.1", each.port) for each in servers))


async def test_a_backend_with_several_addresses_asks_them_in_turn(
    servers: tuple[ScriptedUpstream, ScriptedUpstream],
) -> None:
    pools = upstreams(spread("a", *servers), backend("b", servers[0].port))
    assert [each.port for each in pools.addresses("a")] == [each.port for each in servers]
    assert len({pools.pool("a") for _ in range(4)}) == 2
    assert (pools.pool("b") is pools.pool("b"), pools.balancer("b")) == (True, None)
    held = [await ask(pools, "a") for _ in range(2)]
    assert [each.connections for each in servers] == [1, 1]
    beyond = Asking()
    assert pools.acquire("a", beyond) is None
    pools.forget("a", beyond)
    for each in held:
        assert isinstance(each, ClientConnection)
        pools.give_back("a", each)
    assert {await ask(pools, "a"), await ask(pools, "a")} == set(held)
    assert not beyond.got.done()
    await pools.close()


async def test_the_next_table_takes_over_what_is_known_of_addresses(
    servers: tuple[ScriptedUpstream, ScriptedUpstream],
) -> None:
    before = upstreams(spread("a", *servers), spread("b", *servers))
    both = [await ask(before, "b") for _ in range(2)]
    after = before.followed_by({"a": spread("a", *servers), "b": spread("b", *reversed(servers))})
    assert after.balancer("a") is before.balancer("a")
    assert after.balancer("b") is not before.balancer("b")
    for each in both:
        assert isinstance(each, ClientConnection)
        before.give_back("b", each)
        assert not each.open
    await after.close()
    await before.close()


async def test_each_of_several_addresses_is_verified_by_the_name_that_is_said(
    servers: tuple[ScriptedUpstream, ScriptedUpstream],
) -> None:
    places = (("localhost", 1), ("127.0.0.1", 2))
    ours = replace(backend("a", 1), scheme="https", addresses=places)
    named = replace(ours, name="b", tls=BackendTls(server_name="pay.internal"))
    pools = Upstreams({"a": ours, "b": named}, Ticker(asyncio.get_running_loop()))
    assert [each.server_name for each in pools.addresses("a")] == ["localhost", "127.0.0.1"]
    assert [each.server_name for each in pools.addresses("b")] == ["pay.internal"] * 2
    await pools.close()


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


async def test_the_next_table_takes_over_the_pools_that_it_does_not_change(
    servers: tuple[ScriptedUpstream, ScriptedUpstream],
) -> None:
    same, other = backend("a", servers[0].port), backend("b", servers[1].port)
    before = upstreams(same, other)
    kept, ended = await ask(before, "a"), await ask(before, "b")
    assert isinstance(kept, ClientConnection)
    assert isinstance(ended, ClientConnection)
    before.give_back("a", kept)
    before.give_back("b", ended)
    wider = replace(other, pool=PoolLimits(max_connections=2))
    after = before.followed_by({"a": same, "b": wider, "c": replace(same, name="c")})
    assert after.pool("a") is before.pool("a")
    assert len({after.pool(name) for name in "abc"} | {before.pool("b")}) == 4
    assert await ask(after, "a") is kept
    assert not ended.open
    assert isinstance(await ask(after, "b"), ClientConnection)
    assert [server.connections for server in servers] == [1, 2]
    await after.close()
    await before.close()


async def test_a_request_that_began_before_asks_those_that_it_began_with(
    servers: tuple[ScriptedUpstream, ScriptedUpstream],
) -> None:
    before = upstreams(backend("a", servers[0].port), backend("gone", servers[0].port))
    after = before.followed_by({"a": backend("a", servers[1].port)})
    for name in ("a", "gone"):
        late = await ask(before, name)
        assert isinstance(late, ClientConnection)
        before.give_back(name, late)
        assert not late.open
    new = await ask(after, "a")
    assert isinstance(new, ClientConnection)
    after.give_back("a", new)
    assert new.open
    assert [server.connections for server in servers] == [2, 1]
    await after.close()
    await before.close()


async def test_a_table_may_be_followed_by_one_that_takes_a_backend_away_and_brings_it_back(
    servers: tuple[ScriptedUpstream, ScriptedUpstream],
) -> None:
    """Each time with a pool of its own: one that was retired is not used again."""
    first = upstreams(backend("a", servers[0].port))
    third = first.followed_by({}).followed_by({"a": backend("a", servers[0].port)})
    connection = await ask(third, "a")
    assert isinstance(connection, ClientConnection)
    third.give_back("a", connection)
    assert connection.open
    await third.close()
