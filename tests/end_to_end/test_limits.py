"""Each limit with its clear answer, at the limit and one beyond it, against the real process."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from proxy.http1.serving import ServerSettings
from proxy.messages import Stage
from proxy.routing.table import Timeouts
from tests.end_to_end.asking import Answered, Asker, once
from tests.end_to_end.counting import counting
from tests.end_to_end.deployment import Deployment, origin
from tests.end_to_end.serving import resident, routes, serve
from tests.support.process import Processes
from tests.support.proxying import proxied, table
from tests.support.wire import Conversation, answering, read_request, upstream

LINE = 8 * 1024
HEADER_BYTES = 32 * 1024
HEADERS = 100
BODY = 64 * 1024
CONNECTIONS = 60
HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0
KEEP_SECONDS = 75.0
GET = b"GET /0/ HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /0/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
QUICK = "connect: 1s, request: 1s, idle: 1s"
LATE = 1.0
"""Seconds by which a coarse timer and a busy machine may be late."""


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The proxy before a server that answers everything; bodies are bounded at 64 KiB."""
    folder = tmp_path_factory.mktemp("limited")
    processes = Processes(folder)
    try:
        text = routes([origin(processes)], limits=f"bodyBytes: {BODY}")
        yield serve(processes, folder / "serve", text)
    finally:
        processes.close()


def line_of(size: int) -> bytes:
    """A request whose first line is `size` bytes long."""
    path = b"/0/".ljust(size - len(b"GET  HTTP/1.1"), b"a")
    return b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path


def head_of(size: int) -> bytes:
    """A request whose head is `size` bytes long, in fields of about 4 KiB."""
    start = b"GET /0/ HTTP/1.1\r\nHost: a\r\n"
    fields = [b"X-%d: %b\r\n" % (index, b"v" * 4000) for index in range(8)]
    rest = size - len(start) - sum(map(len, fields[:-1])) - len(b"X-7: \r\n\r\n")
    return start + b"".join(fields[:-1]) + b"X-7: %b\r\n\r\n" % (b"v" * rest)


def fields_of(number: int) -> bytes:
    """A request with `number` header fields."""
    return b"GET /0/ HTTP/1.1\r\nHost: a\r\n" + b"X-A: 1\r\n" * (number - 1) + b"\r\n"


def sized(size: int) -> bytes:
    return b"POST /0/ HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"b" * size


def chunked(size: int, each: int = 1000) -> bytes:
    pieces = [b"b" * min(each, size - at) for at in range(0, size, each)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return b"POST /0/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


ROWS = {
    "request line at 8 KiB": (line_of(LINE), 200),
    "request line beyond": (line_of(LINE + 1), 414),
    "request line that never ends": (b"GET /0/" + b"a" * (2 * LINE), 414),
    "header bytes at 32 KiB": (head_of(HEADER_BYTES), 200),
    "header bytes beyond": (head_of(HEADER_BYTES + 1), 431),
    "header bytes that never end": (b"GET /0/ HTTP/1.1\r\nHost: a\r\nX: " + b"v" * HEADER_BYTES, 431),
    "100 header fields": (fields_of(HEADERS), 200),
    "101 header fields": (fields_of(HEADERS + 1), 431),
    "sized body at its limit": (sized(BODY), 200),
    "sized body beyond": (sized(BODY + 1), 413),
    "chunked body at its limit": (chunked(BODY), 200),
    "chunked body beyond": (chunked(BODY + 1), 413),
    "body of 1-byte chunks at its limit": (chunked(BODY, 1), 200),
    "body of 1-byte chunks beyond": (chunked(BODY + 1, 1), 413),
}


@pytest.mark.parametrize("row", ROWS)
async def test_a_request_at_a_limit_passes_and_one_beyond_it_is_told_so(limited: Deployment, row: str) -> None:
    wire, status = ROWS[row]
    asker = Asker(limited.port)
    answered = await asker.ask(wire)
    assert (answered.status, answered.whole) == (status, True)
    assert answered.problem == {200: "", 413: "request-too-large"}.get(status, "request-refused")
    assert (await asker.ask(GET)).status == 200
    assert asker.opened == (2 if b"\r\nConnection: close\r\n" in answered.head else 1)
    assert status in (200, 413) or asker.opened == 2, "what could not be read to its end was not the end"
    asker.close()


async def test_what_is_beyond_the_bodys_limit_is_never_executed(run_process: Processes, tmp_path: Path) -> None:
    async with counting(1) as (lane,):
        deployment = serve(run_process, tmp_path / "serve", routes([lane.port], limits=f"bodyBytes: {BODY}"))
        for wire in (sized(BODY + 1), chunked(BODY + 1), chunked(3 * BODY)):
            assert (await once(deployment.port, wire)).status == 413
        assert lane.executed == {}
        assert (await once(deployment.port, chunked(BODY))).status == 200
        assert sum(lane.executed.values()) == 1


async def test_connections_beyond_their_number_get_503_and_those_before_them_nothing(
    run_process: Processes, tmp_path: Path
) -> None:
    async with counting(1) as (lane,):
        text = routes([lane.port], limits=f"connections: {CONNECTIONS}")
        port = serve(run_process, tmp_path / "serve", text).port
        askers = [Asker(port) for _ in range(CONNECTIONS)]
        assert [(await asker.ask(GET)).status for asker in askers] == [200] * CONNECTIONS
        refused = await once(port, b"")
        assert (refused.status, refused.problem) == (503, "request-refused")
        assert [(await asker.ask(GET)).status for asker in askers] == [200] * CONNECTIONS
        assert sum(asker.opened for asker in askers) == CONNECTIONS
        askers[0].close()
        async with asyncio.timeout(5):
            while (await once(port, GET)).status != 200:
                await asyncio.sleep(0.05)
        for asker in askers:
            asker.close()


async def test_pipelined_requests_wait_in_the_clients_kernel_and_not_in_our_memory(
    run_process: Processes, tmp_path: Path
) -> None:
    """The first answer does not come; what the client may send meanwhile is bounded, and all is answered in turn."""
    released = asyncio.Event()
    number = 0

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal number
        while True:
            await read_request(reader)
            await released.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%08d" % number)
            number += 1

    async with upstream(hold) as seen:
        deployment = serve(run_process, tmp_path / "serve", routes([seen.port], timeouts="request: 30s"))
        pid = deployment.pid("worker")
        before = resident(pid)
        sent, client = await pushed(deployment.port, GET, 32 << 20)
        assert sent < 16 << 20, "nobody stopped the client"
        assert resident(pid) - before < 4 << 20
        released.set()
        answers = await asyncio.to_thread(client.recv, 1 << 16)
        while answers.count(b"\r\n\r\n") < 200:
            answers += await asyncio.to_thread(client.recv, 1 << 16)
        client.close()
    bodies = [piece[:8] for piece in answers.split(b"\r\n\r\n")[1:200]]
    assert bodies == [b"%08d" % index for index in range(199)]


async def pushed(port: int, request: bytes, most: int) -> tuple[int, socket.socket]:
    """Bytes that a client gets rid of until nobody has taken any for half a second; at most `most`."""
    client = socket.create_connection(("127.0.0.1", port))
    client.settimeout(0.5)
    sent, block = 0, request * (65536 // len(request))
    while sent < most:
        try:
            sent += await asyncio.to_thread(client.send, block[sent % len(block) :])
        except TimeoutError:
            break
    client.settimeout(10)
    return sent, client


async def timed(asker: Asker, *pieces: bytes, every: float = 0.0) -> tuple[float, Answered]:
    """Seconds until the answer, and the answer; `every` seconds a piece until it comes."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    await asker.send(pieces[0])
    answer = loop.create_task(read(asker))
    for piece in pieces[1:]:
        await asyncio.wait([answer], timeout=every)
        if answer.done():
            break
        await asker.send(piece)
    answered = await answer
    asker.close()
    return loop.time() - started, answered


async def read(asker: Asker) -> Answered:
    return await asker.answer(patience=KEEP_SECONDS + 10)


async def test_a_head_that_does_not_come_in_time_is_told_408(limited: Deployment) -> None:
    """Whether nothing follows, or a byte now and then: the time is that of the whole head."""
    start = b"GET /0/ HTTP/1.1\r\nHost: a\r\n"
    stalled = timed(Asker(limited.port), start)
    dripped = timed(Asker(limited.port), start, *[b"X"] * 100, every=0.5)
    second = Asker(limited.port)
    assert (await second.ask(start + b"\r\n")).status == 200
    for seconds, answered in await asyncio.gather(stalled, dripped, timed(second, start)):
        assert (answered.status, answered.problem) == (408, "request-refused")
        assert HEAD_SECONDS - LATE < seconds < HEAD_SECONDS + LATE


async def test_a_client_that_stalls_is_told_so_and_its_upstream_is_not_blamed(tmp_path: Path) -> None:
    """Inside this process, so that the times are short: the upstream's is a fifth of the client's."""
    seen: list[bytes] = []
    async with upstream(answering(seen, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as server:
        routing = table(server.port, stage=Stage.LEGACY, timeouts=Timeouts(1.0, 1.0, 0.2))
        async with proxied(routing, tmp_path, ServerSettings(idle_timeout=1.0)) as proxy:
            seconds, answered = await timed(Asker(proxy.port), sized(1000)[:-1].replace(b"/0/", b"/"))
    assert (answered.status, answered.problem, seen) == (408, "request-refused", [])
    assert seconds >= 1.0


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_a_body_that_stalls_is_told_408_and_an_idle_connection_is_closed(limited: Deployment) -> None:
    idle = Asker(limited.port)
    assert (await idle.ask(GET)).status == 200
    stalled = timed(Asker(limited.port), sized(1000)[:-1])
    (took, answered), (kept, closed) = await asyncio.gather(stalled, timed(idle, b""))
    assert (answered.status, answered.problem) == (408, "request-refused")
    assert BODY_SECONDS - LATE < took < BODY_SECONDS + LATE
    assert closed.status == 0
    assert KEEP_SECONDS - LATE < kept < KEEP_SECONDS + LATE


@asynccontextmanager
async def deaf() -> AsyncIterator[int]:
    """A port whose queue of connections is full: a connect to it is never answered."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = listener.getsockname()[1]
    fillers = [socket.socket() for _ in range(4)]
    try:
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port
    finally:
        for each in (*fillers, listener):
            each.close()


def saying(start: bytes) -> Conversation:
    """Reads a request, says `start`, and nothing more."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(start)
        await reader.read()

    return say


async def stare(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes a connection and reads nothing."""
    await asyncio.Event().wait()


async def flooded(port: int) -> tuple[float, Answered]:
    """A body of 8 MiB, more than the kernels between take; the answer is read while it is sent."""
    asker = Asker(port)
    await asker.send(b"POST /3/ HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (8 << 20))
    sending = asyncio.create_task(asker.send(b"b" * (8 << 20)))
    timing = await timed(asker, b"")
    await sending
    return timing


def to(lane: int, wire: bytes) -> bytes:
    return wire.replace(b" /0/", b" /%d/" % lane)


async def test_each_time_out_of_an_upstream_has_its_answer(run_process: Processes, tmp_path: Path) -> None:
    """Lanes: takes no connection, does not answer, stalls in its answer, does not read."""
    half_head, half_body = b"HTTP/1.1 200 OK\r\nX-Half: a he", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
    async with (
        deaf() as lane0,
        upstream(saying(half_head)) as lane1,
        upstream(saying(half_body)) as lane2,
        upstream(stare) as lane3,
    ):
        ports = [lane0, lane1.port, lane2.port, lane3.port]
        port = serve(run_process, tmp_path / "serve", routes(ports, timeouts=QUICK)).port
        asked = [timed(Asker(port), to(lane, wire)) for lane in range(3) for wire in (GET, POST)]
        timings = await asyncio.gather(*asked, flooded(port))
    told = [(each.status, each.problem, each.retry_after, each.whole) for _, each in timings]
    assert told == [
        (504, "upstream-unreachable", False, True),
        (503, "upstream-unreachable", True, True),
        (504, "upstream-timeout", False, True),
        (504, "outcome-unknown", False, True),
        (200, "", False, False),
        (200, "", False, False),
        (504, "outcome-unknown", False, True),
    ]
    assert [each.body for _, each in timings[4:6]] == [b"half", b"half"]
    assert all(0.9 < seconds < 1.0 + 2 * LATE for seconds, _ in timings), timings


async def test_a_backend_that_is_full_says_when_to_come_again(run_process: Processes, tmp_path: Path) -> None:
    async with upstream(saying(b"")) as seen:
        pool = "maxConnections: 2, maxPending: 1"
        text = routes([seen.port], timeouts="connect: 2s, request: 4s", pool=pool)
        deployment = serve(run_process, tmp_path / "serve", text)
        answers = await asyncio.gather(*(timed(Asker(deployment.port), POST) for _ in range(5)))
    told = sorted((each.status, each.problem, each.retry_after) for _, each in answers)
    assert told == [(503, "upstream-busy", True)] * 3 + [(504, "outcome-unknown", False)] * 2
    assert sum(seconds < 1.5 for seconds, _ in answers) == 2, "those beyond the queue are told at once"


async def test_a_backend_without_a_queue_serves_as_many_as_it_has_connections(
    run_process: Processes, tmp_path: Path
) -> None:
    async with counting(1) as (lane,):
        text = routes([lane.port], pool="maxConnections: 2, maxPending: 0")
        deployment = serve(run_process, tmp_path / "serve", text)
        answers = await asyncio.gather(*(once(deployment.port, POST) for _ in range(2)))
    assert [each.status for each in answers] == [200, 200]
