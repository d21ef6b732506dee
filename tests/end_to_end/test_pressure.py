"""Who does not read, and who does not send: what waits for them is bounded, and so is how long it waits."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.http1.server import PIPELINED
from proxy.http1.serving import ServerSettings
from proxy.http1.ticker import PERIOD
from proxy.messages import Stage
from proxy.routing.table import Match, PathKind, PathMatch, PoolLimits, Timeouts
from tests.end_to_end.both_loops import on_both_loops, until
from tests.end_to_end.pressing import (
    GET,
    LAST,
    MUCH,
    OK,
    PATIENT,
    READ,
    accept,
    dialled,
    drained,
    inflight,
    listening,
    pool,
    port_of,
    received,
    sized,
    taken,
    turns,
    upstream_waiting,
    waiting,
)
from tests.support.proxying import Proxied, proxied, table
from tests.support.wire import answering, exchange, read_request, upstream


def by_path(request: bytes) -> bytes:
    return OK if request.startswith(b"GET /ok ") else sized(int(request.split(b" ")[1][1:]))


@asynccontextmanager
async def serving(
    folder: Path, settings: ServerSettings, **backend: object
) -> AsyncIterator[tuple[Proxied, list[bytes]]]:
    """Before an upstream that answers `/N` with N bytes, and the requests that it has seen."""
    seen: list[bytes] = []
    async with upstream(answering(seen, by_path)) as server:
        routes = table(server.port, stage=Stage.LEGACY, timeouts=PATIENT, **backend)  # type: ignore[arg-type]
        async with proxied(routes, folder, settings) as proxy:
            yield proxy, seen


def asking(size: int, last: bool = False) -> bytes:
    return (LAST if last else GET).replace(b"GET / ", b"GET /%d " % size)


# Clients that do not read


@on_both_loops
@pytest.mark.parametrize(
    ("wire", "then"),
    [
        pytest.param(asking(8_000_000), b"", id="in the middle of an answer"),
        pytest.param(asking(600_000), b"", id="after a whole answer"),
        pytest.param(asking(600_000, last=True), b"", id="after the last answer"),
        pytest.param(asking(8_000_000), GET * 6000, id="while it goes on sending"),
        pytest.param(asking(100_000) * 40, b"", id="between answers"),
    ],
)
async def test_a_client_that_takes_nothing_is_cut_and_leaves_its_upstream_connection(
    tmp_path: Path, wire: bytes, then: bytes
) -> None:
    settings = ServerSettings(idle_timeout=0.2)
    async with serving(tmp_path, settings, pool=PoolLimits(1, 10, 1.5)) as (proxy, _):
        with dialled(proxy.port) as client:
            client.send(wire)
            await until(lambda: any(waiting(each)[0] for each in proxy.connections), "an answer waits for it")
            sending = asyncio.create_task(asyncio.get_running_loop().sock_sendall(client, then))
            await until(lambda: not proxy.connections, "it is cut")
            await asyncio.gather(sending, return_exceptions=True)
            assert (await drained(client))[1] in (errno.ECONNRESET, errno.EPIPE)
            other = await exchange(proxy.port, LAST.replace(b"GET / ", b"GET /ok "))
        assert other.endswith(b"ok")
        await until(lambda: inflight(proxy) == 0, "nothing is in flight")


@on_both_loops
async def test_a_client_that_reads_slowly_and_steadily_gets_all_of_it(tmp_path: Path) -> None:
    size = 900_000
    async with serving(tmp_path, ServerSettings(idle_timeout=0.4)) as (proxy, _):
        with dialled(proxy.port) as client:
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(client, asking(size, last=True))
            got = b""
            while data := await loop.sock_recv(client, 25_000):
                got += data
                await asyncio.sleep(0.04)
    assert len(got.partition(b"\r\n\r\n")[2]) == size


@on_both_loops
async def test_answers_never_pile_up_for_a_client_that_pipelines_and_does_not_read(tmp_path: Path) -> None:
    size = 200_000
    async with serving(tmp_path, ServerSettings(idle_timeout=30.0)) as (proxy, seen):
        with dialled(proxy.port) as client:
            await asyncio.get_running_loop().sock_sendall(client, asking(size) * 300)
            await until(lambda: seen, "it is served")
            [connection] = proxy.connections
            await until(lambda: waiting(connection)[0], "an answer waits for it")
            await turns(proxy)
            unsent, unread = waiting(connection)
            assert unsent <= READ + size
            assert unread <= PIPELINED + READ
            assert len(seen) < 20


@on_both_loops
async def test_answers_of_our_own_never_pile_up_either(tmp_path: Path) -> None:
    async with upstream(answering([], OK)) as server:
        routes = table(server.port, stage=Stage.LEGACY)
        only = replace(routes.routes[0], matches=(Match(PathMatch(PathKind.EXACT, "/only")),))
        async with proxied(replace(routes, routes=(only,)), tmp_path, ServerSettings(idle_timeout=30.0)) as proxy:
            with dialled(proxy.port) as client:
                sending = asyncio.create_task(asyncio.get_running_loop().sock_sendall(client, GET * 400_000))
                await until(lambda: proxy.connections, "it is connected")
                [connection] = proxy.connections
                await until(lambda: waiting(connection)[0], "an answer waits for it")
                await turns(proxy)
                unsent, unread = waiting(connection)
                assert unsent <= READ
                assert unread <= PIPELINED + READ
                assert not sending.done()
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)


@on_both_loops
async def test_a_pause_outlives_the_wait_for_the_next_connection(tmp_path: Path) -> None:
    written = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Each request needs a new connection; the one for /big is answered without end."""
        nonlocal written
        size = 50_000_000 if b"/big" in await read_request(reader) else 100_000
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % size)
        for _ in range(size // 100_000):
            writer.write(b"x" * 100_000)
            await writer.drain()
            written += 100_000

    async with upstream(once) as server:
        routes = table(server.port, stage=Stage.LEGACY, timeouts=PATIENT)
        async with proxied(routes, tmp_path, ServerSettings(idle_timeout=30.0)) as proxy:
            with dialled(proxy.port) as client:
                wire = GET * 8 + GET.replace(b"GET / ", b"GET /big ")
                await asyncio.get_running_loop().sock_sendall(client, wire)
                await until(lambda: proxy.connections, "it is connected")
                [connection] = proxy.connections
                await until(lambda: waiting(connection)[0], "an answer waits for it")
                await turns(proxy)
                assert waiting(connection)[0] <= 2 * READ
                await taken(client, 900_000)  # it reads on: now the endless one flows
                await until(lambda: waiting(connection)[0], "the endless answer waits for it")
                await turns(proxy)
                assert waiting(connection)[0] <= 2 * READ
                assert written < 20_000_000


@on_both_loops
async def test_an_idle_connection_is_closed_in_time_after_a_slow_read(tmp_path: Path) -> None:
    size, times = 200_000, 10
    async with serving(tmp_path, ServerSettings(idle_timeout=5.0, keep_alive=0.3)) as (proxy, _):
        with dialled(proxy.port) as client:
            await asyncio.get_running_loop().sock_sendall(client, asking(size) * times)
            await until(lambda: any(waiting(each)[0] for each in proxy.connections), "an answer waits for it")
            got, ending = await drained(client)
    assert (got.count(b"200 OK"), ending) == (times, 0)


# Clients that do not send


@on_both_loops
@pytest.mark.parametrize(
    ("framing", "idle"),
    [
        (b"Content-Length: 100\r\n\r\nabc", 0.05),
        (b"Content-Length: 100\r\n\r\nabc", 0.2),
        (b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc", 0.05),
    ],
)
async def test_an_upload_that_stalls_is_the_clients_fault_whoever_would_notice_first(
    tmp_path: Path, framing: bytes, idle: float
) -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with upstream(silent) as server:
        routes = table(server.port, timeouts=Timeouts(1.0, idle, idle))
        async with proxied(routes, tmp_path, ServerSettings(idle_timeout=0.2)) as proxy:
            answer = await exchange(proxy.port, b"POST / HTTP/1.1\r\nHost: a\r\n" + framing)
            assert answer.startswith(b"HTTP/1.1 408"), answer
            await until(lambda: pool(proxy).size == 0, "the connection that got a part is gone")
            assert inflight(proxy) == 0


@on_both_loops
async def test_a_body_that_drips_is_cut_though_its_bytes_come_in_time(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with upstream(silent) as server:
        routes = table(server.port, stage=Stage.LEGACY, timeouts=PATIENT)
        async with proxied(routes, tmp_path, ServerSettings(idle_timeout=0.3, body_rate=1000)) as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            dripping = asyncio.create_task(drip(writer))
            answer = await asyncio.wait_for(reader.read(12), 3)
            dripping.cancel()
            await asyncio.gather(dripping, return_exceptions=True)
            writer.close()
    assert answer == b"HTTP/1.1 408"


async def drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.05)


# Upstreams that do not read


@on_both_loops
@pytest.mark.parametrize("framing", ["sized", "chunked"])
async def test_no_more_of_an_upload_is_taken_than_its_upstream_reads(tmp_path: Path, framing: str) -> None:
    sent = 0

    async def send_all(client: object) -> None:
        nonlocal sent
        head = b"Content-Length: 60000000" if framing == "sized" else b"Transfer-Encoding: chunked"
        piece = b"x" * 600_000 if framing == "sized" else b"927c0\r\n" + b"x" * 600_000 + b"\r\n"
        wire = b"POST / HTTP/1.1\r\nHost: a\r\n%b\r\n\r\n" % head + piece
        for _ in range(100):
            await loop.sock_sendall(client, wire)  # type: ignore[arg-type]
            wire = piece
            sent += len(piece)

    loop = asyncio.get_running_loop()
    with listening(4096) as server:
        routes = table(port_of(server), stage=Stage.LEGACY, timeouts=PATIENT, limits=MUCH)
        async with proxied(routes, tmp_path, ServerSettings(idle_timeout=30.0)) as proxy:
            with dialled(proxy.port, buffer=1 << 20) as client:  # much of it comes before there is a connection
                sending = asyncio.create_task(send_all(client))
                await until(lambda: proxy.connections, "it is connected")
                [connection] = proxy.connections
                await until(lambda: upstream_waiting(proxy), "its body waits for the upstream")
                await turns(proxy)
                assert upstream_waiting(proxy) <= PIPELINED + 2 * READ
                assert waiting(connection)[1] <= READ
                assert not sending.done()
                assert sent < 20_000_000
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)


@on_both_loops
async def test_a_body_that_waits_for_its_upstream_is_not_cut_for_its_rate(tmp_path: Path) -> None:
    half, loop = 2_000_000, asyncio.get_running_loop()
    with listening() as server:
        routes = table(port_of(server), stage=Stage.LEGACY, timeouts=PATIENT, limits=MUCH)
        async with proxied(routes, tmp_path, ServerSettings(idle_timeout=0.5, body_rate=10_000_000)) as proxy:
            with dialled(proxy.port) as client:
                wire = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (2 * half) + b"x" * half
                sending = asyncio.create_task(loop.sock_sendall(client, wire))
                with await accept(server) as there:
                    there.setblocking(False)
                    await until(lambda: upstream_waiting(proxy), "its body waits for the upstream")
                    await asyncio.sleep(1.0)  # more than it would be given, were it the client that waits
                    got = len((await received(there, b"\r\n\r\n")).partition(b"\r\n\r\n")[2])
                    got += await taken(there, half - got)
                    await sending
                    await asyncio.sleep(2 * PERIOD)  # less than a client is given: it is looked at, and not cut
                    await loop.sock_sendall(client, b"x" * half)
                    await taken(there, 2 * half - got)
                    there.send(OK)
                    assert (await received(client, b"ok")).startswith(b"HTTP/1.1 200")
