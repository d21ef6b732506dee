"""One upstream connection, as the conversation on its socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from proxy.http1.client import ClientConnection
from proxy.http1.ticker import NEVER, Ticker
from proxy.messages import Failure, FailureKind, ResponseHead
from tests.support.wire import Conversation, answering, read_request, upstream


class Waiting:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.log: list[object] = []
        self.over = asyncio.Event()

    def response_head(self, head: ResponseHead) -> None:
        self.log.append(head.status)

    def response_informed(self, head: ResponseHead) -> None:
        self.log.append(("informed", head.status))

    def response_body(self, data: bytes) -> None:
        self.log.append(data)

    def response_end(self) -> None:
        self.log.append("end")
        self.over.set()

    def response_flush(self) -> None: ...

    def response_failed(self, failure: Failure) -> None:
        self.log.append(failure.kind)
        self.over.set()

    def pause_request(self) -> None:
        self.log.append("pause")

    def resume_request(self) -> None:
        self.log.append("resume")


class Offering(Waiting):
    """Has offered to switch, and takes the connection over if it `may`."""

    def __init__(self, connection: ClientConnection, *, may: bool) -> None:
        super().__init__()
        self.connection, self.may = connection, may
        self.rest = b""

    def response_switched(self, head: ResponseHead) -> bool:
        self.log.append((head.status, head.connection))
        if self.may:
            _, self.rest = self.connection.detach()
            self.over.set()
        return self.may


@asynccontextmanager
async def connected(conversation: Conversation) -> AsyncIterator[tuple[ClientConnection, list[bool]]]:
    released: list[bool] = []
    async with upstream(conversation) as server:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: ClientConnection(Ticker(loop), lambda _, reusable: released.append(reusable)),
            "127.0.0.1",
            server.port,
        )
        yield connection, released
        connection.close()


async def ask(
    connection: ClientConnection, head: bytes = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", *, finish: bool = True
) -> Waiting:
    waiting = Waiting()
    connection.begin(waiting, head, to_head=False, chunked=False, timeout=0.3, idle=0.3)
    if finish:
        connection.finish()
    connection.flush()
    async with asyncio.timeout(5):
        await waiting.over.wait()
    return waiting


async def test_a_whole_answer_gives_the_connection_back() -> None:
    async with connected(answering([], b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as (connection, released):
        for served in range(3):
            assert connection.served == served
            assert (await ask(connection)).log == [200, b"ok", "end"]
        assert released == [True] * 3


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
async def test_a_connection_that_cannot_be_trusted_or_is_over_is_not_used_again(wire: bytes) -> None:
    async with connected(answering([], wire)) as (connection, released):
        assert (await ask(connection)).log == [200, b"ok", "end"]
        assert not connection.open
        async with asyncio.timeout(5):
            while not released:
                await asyncio.sleep(0.005)
        assert released == [False]


async def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    async def chatty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await reader.read()

    async with connected(chatty) as (connection, released):
        async with asyncio.timeout(5):
            while connection.open:
                await asyncio.sleep(0.005)
            while not released:
                await asyncio.sleep(0.005)
        assert released == [False]


async def test_an_answer_before_the_end_of_the_request_ends_the_connection_after_it() -> None:
    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    async with connected(hasty) as (connection, _):
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
        assert (await ask(connection, head, finish=False)).log == [413, "end"]
        assert not connection.open


@pytest.mark.parametrize("begun", [False, True])
async def test_silence_is_a_time_out_before_and_within_an_answer(begun: bool) -> None:
    async def stalling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        if begun:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        await reader.read()

    async with connected(stalling) as (connection, _):
        assert (await ask(connection)).log == ([200, b"o"] if begun else []) + [FailureKind.TIMEOUT]
        assert connection.silent is not begun


@pytest.mark.parametrize(
    ("answers", "last", "silent"),
    [
        (0, "close", True),
        (1, "close", False),
        (1, "stall", True),
        (0, "garbage", False),
        (0, "leave", False),
    ],
)
async def test_silent_is_only_what_no_byte_was_answered_to(answers: int, last: str, silent: bool) -> None:
    """A kept connection that was closed meanwhile, and a client that leaves, say nothing of the upstream."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(answers):
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await read_request(reader)
        if last == "garbage":
            writer.write(b"nonsense\r\n\r\n")
        if last != "close":
            await reader.read()

    async with connected(converse) as (connection, released):
        for _ in range(answers):
            await ask(connection)
        if last == "leave":
            connection.begin(
                Waiting(), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", to_head=False, chunked=False, timeout=9, idle=9
            )
            connection.finish()
            connection.flush()
            connection.abandon()
        else:
            await ask(connection)
        async with asyncio.timeout(5):
            while False not in released:
                await asyncio.sleep(0.005)
        assert connection.silent is silent


async def test_an_upstream_that_does_not_read_pauses_the_request() -> None:
    reading = asyncio.Event()

    async def lazy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reading.wait()
        await read_request(reader)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.read()

    async with connected(lazy) as (connection, _):
        waiting = Waiting()
        body = b"a" * 30_000_000
        head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.begin(waiting, head, to_head=False, chunked=False, timeout=10, idle=10)
        connection.send(body)
        connection.flush()
        async with asyncio.timeout(5):
            while not waiting.log:
                await asyncio.sleep(0)
        assert waiting.log == ["pause"]
        connection.finish()
        reading.set()
        async with asyncio.timeout(10):
            await waiting.over.wait()
        assert waiting.log == ["pause", "resume", 204, "end"]


@pytest.mark.parametrize("may", [True, False])
async def test_a_101_is_given_to_whoever_offered_and_is_garbage_if_that_does_not_take_it(may: bool) -> None:
    switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nbehind"
    async with connected(answering([], switch)) as (connection, released):
        offering = Offering(connection, may=may)
        head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        connection.begin(offering, head, to_head=False, chunked=False, timeout=5, idle=5)
        connection.may_switch(offering)
        connection.finish()
        connection.flush()
        async with asyncio.timeout(5):
            await offering.over.wait()
        assert offering.log == [(101, b",upgrade")] + ([] if may else [FailureKind.GARBAGE])
        assert offering.rest == (b"behind" if may else b"")
        assert connection.open is may
        if may:
            assert connection.deadline == NEVER
            assert released == []  # it is its pool's until the transport ends, and then no more
            connection.connection_lost(None)
        async with asyncio.timeout(5):
            while not released:
                await asyncio.sleep(0.005)
        assert released == [False]
        assert FailureKind.RESET not in offering.log


async def test_an_offer_is_forgotten_with_its_exchange() -> None:
    switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    answers = iter([b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", switch])
    async with connected(answering([], lambda _: next(answers))) as (connection, released):
        offering = Offering(connection, may=True)
        head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        connection.begin(offering, head, to_head=False, chunked=False, timeout=5, idle=5)
        connection.may_switch(offering)
        connection.finish()
        connection.flush()
        async with asyncio.timeout(5):
            await offering.over.wait()
        assert offering.log == [403, "end"]
        assert released == [True]
        assert (await ask(connection)).log == [FailureKind.GARBAGE]
        assert offering.log == [403, "end"]
