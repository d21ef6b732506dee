"""One client connection, as the conversation on its socket."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from proxy.http1.line import Malformed
from proxy.http1.server import ServerConnection
from proxy.http1.serving import ServerSettings
from proxy.http1.ticker import NEVER, Ticker
from proxy.messages import RequestHead
from tests.end_to_end.both_loops import until
from tests.end_to_end.pressing import dialled, received, taken
from tests.http1.holding import held
from tests.support.wire import exchange, read_until

GET = b"GET /%d HTTP/1.1\r\nHost: a.example\r\n\r\n"
QUICK = ServerSettings(head_timeout=0.3, idle_timeout=0.3, keep_alive=0.8, connections=3, last_call=0.4)


class Echo:
    """Answers each request with its target and body; `/later` a moment later, `/stream` without a length; `/half` is
    answered up to its last byte, which comes with `end`.
    """

    end: Callable[[], None]

    def __init__(self, connection: ServerConnection, head: RequestHead, log: list[str]) -> None:
        self.connection, self.head, self.body, self.log = connection, head, b"", log

    def start(self) -> None:
        self.log.append("start")
        if self.head.target == b"/early":
            self._answer()

    def request_body(self, data: bytes) -> None:
        self.body += data

    def request_end(self) -> None:
        if self.head.target == b"/later":
            asyncio.get_running_loop().call_later(0.05, self._answer)
        elif self.head.target == b"/half":
            self.connection.respond(200, b"OK", b"Content-Length: 5\r\n", 5)
            self.connection.send(b"half")
            self.connection.flush()
            Echo.end = self._end
        elif self.head.target != b"/never":
            self._answer()

    def request_flush(self) -> None: ...

    def client_gone(self) -> None:
        self.log.append("gone")

    def client_refused(self, status: int, detail: str) -> None:
        self.log.append("refused")
        refuse(self.connection, Malformed(status, detail))

    def pause_answer(self) -> None: ...

    def resume_answer(self) -> None: ...

    def _end(self) -> None:
        self.connection.send(b"|")
        self.connection.finish()

    def _answer(self) -> None:
        content = self.head.target + b"|" + self.body
        if self.head.target == b"/stream":
            self.connection.respond(200, b"OK", b"X-A: 1\r\n", None)
        else:
            self.connection.respond(200, b"OK", b"Content-Length: %d\r\n" % len(content), len(content))
        self.connection.send(content)
        self.connection.finish()


def refuse(connection: ServerConnection, fault: Malformed) -> None:
    connection.respond(fault.status, b"No", b"Content-Length: 0\r\n", 0)
    connection.finish()


class Bench:
    def __init__(self) -> None:
        self.log: list[str] = []
        self.connections: set[ServerConnection] = set()
        self.port = 0

    def drain(self) -> None:
        for connection in list(self.connections):
            connection.drain()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    loop = asyncio.get_running_loop()
    factory = partial(
        ServerConnection,
        lambda connection, head: Echo(connection, head, bench.log),
        refuse,
        QUICK,
        Ticker(loop),
        bench.connections,
    )
    server = await loop.create_server(factory, "127.0.0.1", 0)
    bench.port = server.sockets[0].getsockname()[1]
    yield bench
    server.close()
    for connection in list(bench.connections):
        connection.abort()


async def test_pipelined_requests_are_answered_in_turn_even_when_the_first_is_slow(bench: Bench) -> None:
    wire = (
        b"GET /later HTTP/1.1\r\nHost: a\r\n\r\n" + GET % 2 + b"GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    )
    answer = await exchange(bench.port, wire)
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.index(b"/later|") < answer.index(b"/2|") < answer.index(b"/3|")
    assert answer.endswith(b"Connection: close\r\n\r\n/3|")


async def test_a_request_cut_anywhere_is_the_same_request(bench: Bench) -> None:
    head = b"POST /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    wire = head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    whole = await exchange(bench.port, wire)
    assert whole.endswith(b"/p|abcde")
    for at in range(1, len(wire), 7):
        assert await exchange(bench.port, wire[:at], wire[at:]) == whole


async def test_an_answer_without_length_is_chunked_for_1_1_and_closed_for_1_0(bench: Bench) -> None:
    answer = await exchange(bench.port, b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n", until=b"0\r\n\r\n")
    assert answer == b"HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n/stream|\r\n0\r\n\r\n"
    answer = await exchange(bench.port, b"GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert answer == b"HTTP/1.1 200 OK\r\nX-A: 1\r\nConnection: close\r\n\r\n/stream|"


async def test_http_1_0_keeps_alive_only_when_it_asks(bench: Bench) -> None:
    assert b"Connection: close" in await exchange(bench.port, b"GET /1 HTTP/1.0\r\n\r\n")
    two = b"GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"
    answer = await exchange(bench.port, two)
    assert b"Connection: keep-alive" in answer
    assert answer.endswith(b"/2|")


async def test_expect_100_continue_is_answered_before_the_body(bench: Bench) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.write(b"POST /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"abc")
    assert (await reader.readuntil(b"/p|abc")).startswith(b"HTTP/1.1 200 OK")
    writer.close()


async def test_an_answer_before_the_end_of_the_request_closes_the_connection(bench: Bench) -> None:
    wire = b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc"
    answer = await exchange(bench.port, wire)
    assert answer.endswith(b"Connection: close\r\n\r\n/early|")


async def test_a_client_may_close_its_sending_side_and_still_be_answered(bench: Bench) -> None:
    answer = await exchange(bench.port, b"GET /later HTTP/1.1\r\nHost: a\r\n\r\n", half_close=True)
    assert answer.endswith(b"/later|")


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 9000, b"414"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 40000, b"431"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 40000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", b"408"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", b"408"),
    ],
)
async def test_what_is_no_whole_request_is_answered_and_the_connection_closed(
    bench: Bench, wire: bytes, status: bytes
) -> None:
    answer = await exchange(bench.port, wire)
    assert answer.startswith(b"HTTP/1.1 " + status), answer
    assert b"Connection: close" in answer


async def test_an_idle_connection_is_closed_without_a_word(bench: Bench) -> None:
    assert await exchange(bench.port) == b""


async def test_connections_beyond_the_bound_are_told_so(bench: Bench) -> None:
    held = [await asyncio.open_connection("127.0.0.1", bench.port) for _ in range(3)]
    assert (await exchange(bench.port)).startswith(b"HTTP/1.1 503")
    for _, writer in held:
        writer.close()


async def test_a_client_that_leaves_is_noticed_once(bench: Bench) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.write(b"GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
    async with asyncio.timeout(5):
        while "start" not in bench.log:
            await asyncio.sleep(0.005)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        while bench.connections:
            await asyncio.sleep(0.005)
    assert bench.log == ["start", "gone"]


async def test_draining_lets_the_answer_finish_which_says_that_it_is_the_last(bench: Bench) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.write(b"GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
    await until(lambda: "start" in bench.log, "the request has come")
    bench.drain()
    answer = await read_until(reader, None)
    assert b"Connection: close" in answer
    assert answer.endswith(b"/later|")
    writer.close()


async def test_draining_gives_what_idles_a_last_call(bench: Bench) -> None:
    """A request may be on its way when the drain begins; it is answered, and told that no other is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    await until(lambda: bench.connections, "it is connected")
    bench.drain()
    writer.write(GET % 1)
    assert await read_until(reader, None) == b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n/1|"
    writer.close()


async def test_draining_closes_what_still_idles_after_the_last_call_and_not_before(bench: Bench) -> None:
    loop = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    await until(lambda: bench.connections, "it is connected")
    began = loop.time()
    bench.drain()
    assert await read_until(reader, None) == b""
    assert 0.4 <= loop.time() - began < 2.0
    writer.close()


async def test_draining_after_an_answer_has_begun_leaves_a_last_call_behind_it(bench: Bench) -> None:
    """Its head is out already and has not said that the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.write(b"GET /half HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (await read_until(reader, b"half")).endswith(b"Content-Length: 5\r\n\r\nhalf")
    bench.drain()
    Echo.end()
    assert await reader.readexactly(1) == b"|"
    [connection] = bench.connections
    assert connection.deadline - asyncio.get_running_loop().time() <= 0.4
    writer.write(GET % 2)
    assert (await read_until(reader, None)).endswith(b"Connection: close\r\n\r\n/2|")
    writer.close()


async def test_a_connection_that_is_joined_reads_no_further_request_and_has_no_deadline_of_its_own(
    bench: Bench,
) -> None:
    never = b"GET /never HTTP/1.1\r\nHost: a\r\n\r\n"
    async with held(b"hello") as (far, upstream):
        with dialled(bench.port) as client:
            client.sendall(never + GET % 1)
            await until(lambda: bench.log == ["start"], "the request has come")
            [connection] = bench.connections
            connection.inform(101, b"Switching Protocols", b"Upgrade: x\r\n")
            connection.join(upstream)
            assert await received(client, b"hello") == b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nhello"
            assert await received(far, GET % 1) == GET % 1
            assert connection.deadline == NEVER
            connection.drain()
            far.sendall(b"still")
            assert await received(client, b"still") == b"still"
            connection.abort()
            await until(lambda: not bench.connections, "it has ended")
            await until(lambda: upstream.ends == [None], "so has the other")
    assert bench.log == ["start", "gone"]


async def test_a_client_that_takes_nothing_when_it_is_joined_stops_the_other_side(bench: Bench) -> None:
    async with held() as (far, upstream):
        with dialled(bench.port) as client:
            client.sendall(b"GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
            await until(lambda: bench.log == ["start"], "the request has come")
            [connection] = bench.connections
            hints = 0
            while not connection._outlet.stalled:
                connection.inform(103, b"Early Hints", b"Link: %b\r\n" % (b"x" * 100_000))
                hints += 1
                await asyncio.sleep(0)
            connection.join(upstream)
            assert not upstream.transport.is_reading()
            assert connection.deadline == NEVER
            assert await taken(client, hints * 100_000) > hints * 100_000
            await until(upstream.transport.is_reading, "it is read again")
            far.sendall(b"heard")
            assert (await received(client, b"heard")).endswith(b"heard")
