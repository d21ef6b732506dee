"""Several addresses of one backend, as real sockets: those that fail are left, tried again, and come back."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from proxy.http1.balance import FAILURES
from proxy.http1.balanced import Balanced, Endpoint
from proxy.http1.client import ClientConnection
from proxy.http1.pool import Address, PoolSettings
from proxy.http1.send import send
from proxy.http1.ticker import Ticker
from proxy.messages import Failure, FailureKind, Response
from tests.support.wire import ScriptedUpstream, answering, upstream

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Ahead(asyncio.AbstractEventLoop):
    """The running loop, with a clock that can be put forward."""

    def __init__(self) -> None:
        self.seconds = 0.0
        running = asyncio.get_running_loop()
        self.call_soon, self.call_later = running.call_soon, running.call_later  # type: ignore[method-assign]

    def time(self) -> float:
        return asyncio.get_running_loop().time() + self.seconds


class Asking:
    """Waits for a connection."""

    def __init__(self) -> None:
        self.got: asyncio.Future[ClientConnection | Failure] = asyncio.get_running_loop().create_future()

    def connected(self, connection: ClientConnection) -> None:
        self.got.set_result(connection)

    def response_failed(self, failure: Failure) -> None:
        self.got.set_result(failure)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def answer(name: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + name


@pytest.fixture
async def ahead() -> Ahead:
    return Ahead()


@pytest.fixture
async def ticker(ahead: Ahead) -> Ticker:
    return Ticker(ahead)


@pytest.fixture
async def servers() -> AsyncIterator[list[ScriptedUpstream]]:
    async with upstream(answering([], answer(b"a"))) as a, upstream(answering([], answer(b"b"))) as b:
        yield [a, b]


@asynccontextmanager
async def over(ticker: Ticker, *ports: int) -> AsyncIterator[Balanced]:
    addresses = [Address("127.0.0.1", port) for port in ports]
    balanced = Balanced(addresses, PoolSettings(4, 4, connect_timeout=0.5), ticker)
    yield balanced
    await balanced.close()


@pytest.fixture
def nobody() -> int:
    """A port at which nobody listens."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port: int = unheard.getsockname()[1]
    return port


async def ask(balanced: Balanced, seconds: float = 5.0) -> str:
    """The answer's body, or the kind of the failure."""
    outcome = await send(balanced.choose(), GET, timeout=seconds, max_body=100)
    return outcome.body.decode() if isinstance(outcome, Response) else outcome.kind.value


async def test_addresses_take_turns(ticker: Ticker, servers: list[ScriptedUpstream]) -> None:
    async with over(ticker, *[each.port for each in servers]) as balanced:
        assert [await ask(balanced) for _ in range(6)] == ["a", "b"] * 3
        assert [each.connections for each in servers] == [1, 1]


async def test_one_that_refuses_is_left_and_probed(
    ahead: Ahead, ticker: Ticker, servers: list[ScriptedUpstream], nobody: int
) -> None:
    async with over(ticker, servers[0].port, nobody) as balanced:
        said = [await ask(balanced) for _ in range(2 * FAILURES + 8)]
        assert said == ["a", "refused"] * FAILURES + ["a"] * 8
        ahead.seconds += 1.1
        assert [await ask(balanced) for _ in range(6)].count("refused") == 1
        ahead.seconds += 1.1
        assert [await ask(balanced) for _ in range(6)] == ["a"] * 6
        ahead.seconds += 1.0
        assert [await ask(balanced) for _ in range(6)].count("refused") == 1


async def test_one_that_is_silent_is_left_and_comes_back(
    ahead: Ahead, ticker: Ticker, servers: list[ScriptedUpstream]
) -> None:
    """It takes requests and closes without a word, then it is well again."""
    ill = True

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not ill:
            writer.write(answer(b"c"))
            await reader.read()

    async with upstream(converse) as other, over(ticker, servers[0].port, other.port) as balanced:
        assert [await ask(balanced) for _ in range(2 * FAILURES + 4)] == ["a", "reset"] * FAILURES + ["a"] * 4
        ill = False
        assert not balanced.balancer.healthy(1)
        ahead.seconds += 1.1
        assert "c" in [await ask(balanced) for _ in range(2)]
        assert balanced.balancer.healthy(1)


async def test_a_kept_connection_that_was_closed_says_nothing_of_its_address(
    ticker: Ticker, servers: list[ScriptedUpstream]
) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(b"c"))
        await reader.readuntil(b"\r\n\r\n")

    async with upstream(converse) as closing, over(ticker, closing.port, servers[0].port) as balanced:
        for _ in range(2 * FAILURES):
            assert sorted([await ask(balanced), await ask(balanced)]) in (["a", "c"], ["a", "reset"])
        assert not balanced.balancer.troubled(0)


async def test_an_idle_connection_that_is_closed_does_not_end_a_rest(
    ticker: Ticker, servers: list[ScriptedUpstream]
) -> None:
    async with over(ticker, *[each.port for each in servers]) as balanced:
        pools = [balanced.choose(), balanced.choose()]
        assert [await ask(balanced) for _ in range(2)] == ["a", "b"]
        for _ in range(FAILURES):
            balanced.balancer.failed(1, ticker.now())
        balanced.retire()
        await until(lambda: all(pool.size == 0 for pool in pools))
        assert not balanced.balancer.healthy(1)


async def test_what_is_given_back_goes_to_its_own_address(ticker: Ticker, servers: list[ScriptedUpstream]) -> None:
    async with over(ticker, *[each.port for each in servers]) as balanced:
        waiting = [Asking(), Asking()]
        for each in waiting:
            balanced.acquire(each)
        async with asyncio.timeout(5):
            got = [await each.got for each in waiting]
        for connection in reversed(got):
            assert isinstance(connection, ClientConnection)
            balanced.give_back(connection)
        pools = [balanced.choose(), balanced.choose()]
        assert [each.busy for each in pools if isinstance(each, Endpoint)] == [0, 0]
        assert [await ask(balanced) for _ in range(4)] == ["a", "b"] * 2
        assert [each.connections for each in servers] == [1, 1]


async def test_who_leaves_early_says_nothing_and_ends_the_probe(ahead: Ahead, ticker: Ticker, nobody: int) -> None:
    asked = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()

    async with upstream(hold) as slow, over(ticker, slow.port, nobody) as balanced:
        balancer = balanced.balancer
        for _ in range(FAILURES):
            balancer.failed(0, ticker.now())
        ahead.seconds += 1.1
        leaving = asyncio.ensure_future(send(balanced.choose(), GET, timeout=5, max_body=100))
        async with asyncio.timeout(5):
            await asked.wait()
        assert [balancer.choose(ticker.now(), [0, 0]) for _ in range(4)] == [1] * 4
        leaving.cancel()
        await until(lambda: balancer.choose(ticker.now(), [0, 0]) == 0)
        assert not balancer.healthy(0)
        assert balancer.choose(ticker.now(), [0, 0]) == 1


async def test_who_waits_can_leave_and_what_came_can_be_given_back(
    ticker: Ticker, servers: list[ScriptedUpstream]
) -> None:
    async with over(ticker, *[each.port for each in servers]) as balanced:
        gone, staying = Asking(), Asking()
        assert balanced.acquire(gone) is None
        assert balanced.acquire(staying) is None
        balanced.forget(gone)
        async with asyncio.timeout(5):
            connection = await staying.got
        assert isinstance(connection, ClientConnection)
        balanced.give_back(connection)
        assert connection.open
        assert not gone.got.done()
        await until(lambda: all(each.connections == 1 for each in servers))


async def test_bounds_are_those_of_each_address(ticker: Ticker) -> None:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with upstream(hold) as one, upstream(hold) as other:
        addresses = [Address("127.0.0.1", one.port), Address("127.0.0.1", other.port)]
        balanced = Balanced(addresses, PoolSettings(max_connections=1, max_pending=0, connect_timeout=0.5), ticker)
        waiting = [Asking() for _ in range(3)]
        for each in waiting:
            balanced.acquire(each)
        async with asyncio.timeout(5):
            got = [await each.got for each in waiting]
        assert [isinstance(each, ClientConnection) for each in got] == [True, True, False]
        assert isinstance(got[2], Failure)
        assert got[2].kind is FailureKind.POOL_FULL
        balanced.retire()
        await balanced.close()


async def test_what_belongs_to_no_address_is_closed(ticker: Ticker, servers: list[ScriptedUpstream]) -> None:
    async with over(ticker, servers[0].port) as one, over(ticker, servers[1].port) as other:
        asking = Asking()
        one.acquire(asking)
        async with asyncio.timeout(5):
            connection = await asking.got
        assert isinstance(connection, ClientConnection)
        other.give_back(connection)
        await until(lambda: not connection.open)
