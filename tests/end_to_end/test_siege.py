"""Under siege: good traffic does not notice, slow clients are cut, and memory stays within its bounds.

The bounds: BASE for a worker that has done nothing; on top of it CARRIED for each request that is carried or waits for
a backend's connection, and WAITING for each connection that does nothing.
"""

import asyncio
import socket
from collections.abc import Coroutine
from pathlib import Path

import pytest

from proxy.http1.serving import ServerSettings
from proxy.messages import Stage
from tests.end_to_end.asking import Answered, read_answer
from tests.end_to_end.besieging import CLIENTS, GET, good_traffic, idle, slow_body, slow_head, stalled_body, upload
from tests.end_to_end.counting import counting
from tests.end_to_end.deployment import Deployment, origin
from tests.end_to_end.serving import descriptors, forget_peak, most_resident, resident, routes, serve
from tests.support.process import Processes
from tests.support.proxying import proxied, table
from tests.support.services import require_service
from tests.support.wire import read_request, upstream

BASE = 80 << 20
CARRIED = 768 << 10
WAITING = 32 << 10
HEAD_SECONDS, BODY_SECONDS, LATE = 10.0, 30.0, 1.0
PATIENT, MANY = "connect: 10s, request: 10s, idle: 60s", "maxConnections: 1000"
"""For a crowd that comes at once: the upstream's queue of connections is shorter than it."""
LIMIT = 8 << 20
"""Bytes of the largest body in the floods."""


async def besieged(run_process: Processes, folder: Path, idlers: int, heads: int, bodies: int, stalled: int) -> None:
    deployment = serve(run_process, folder, routes([origin(run_process)], timeouts=PATIENT, pool=MANY))
    pid, port = deployment.pid("worker"), deployment.port
    async with good_traffic(port) as good:
        idling = await idle(port, idlers)
        cut = [slow_head(port, 1.0) for _ in range(heads)]
        slow = [slow_body(port, 5, 2.0) for _ in range(bodies)]
        stuck = [stalled_body(port) for _ in range(stalled)]
        came, whole, stalls = await asyncio.gather(asyncio.gather(*cut), asyncio.gather(*slow), asyncio.gather(*stuck))
        again = await asyncio.gather(*(asker.ask(GET) for asker in idling))
    memory = most_resident(pid)
    for asker in idling:
        asker.close()
    await settled(pid)
    assert set(good.statuses) == {200}
    assert good.statuses[200] > 100
    assert good.opened == CLIENTS, "good clients lost their connections"
    assert told(came) == {408}
    assert all(seconds < HEAD_SECONDS + LATE for seconds, _ in came), max(seconds for seconds, _ in came)
    assert told(stalls) <= {408}
    assert all(seconds < BODY_SECONDS + LATE for seconds, _ in stalls), max(seconds for seconds, _ in stalls)
    assert {each.status for each in whole} == {200}
    assert {each.status for each in again} == {200}
    assert sum(asker.opened for asker in idling) == idlers, "an idle connection was not kept"
    assert memory < BASE + (idlers + heads + bodies + stalled) * WAITING, f"{memory >> 20} MiB"


def told(timings: list[tuple[float, Answered]]) -> set[int]:
    return {each.status for _, each in timings}


async def settled(pid: int) -> None:
    """Waits until no connection of the siege is left."""
    async with asyncio.timeout(10):
        while descriptors(pid) > 100:
            await asyncio.sleep(0.05)


async def test_good_traffic_does_not_notice_a_siege(run_process: Processes, tmp_path: Path) -> None:
    await besieged(run_process, tmp_path / "serve", 300, 100, 100, 0)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_good_traffic_does_not_notice_a_siege_of_three_thousand(run_process: Processes, tmp_path: Path) -> None:
    await besieged(run_process, tmp_path / "serve", 2000, 500, 250, 250)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("mode", ["-H", "-B", "-X"], ids=["slow heads", "slow bodies", "slow reads"])
async def test_good_traffic_does_not_notice_slowhttptest(run_process: Processes, tmp_path: Path, mode: str) -> None:
    program = require_service("slowhttptest")
    deployment = serve(run_process, tmp_path / "serve", routes([origin(run_process)], timeouts=PATIENT, pool=MANY))
    size = ("-c", "500", "-r", "200", "-i", "2", "-l", "40", "-p", "3")
    async with good_traffic(deployment.port) as good:
        attack = run_process([program, mode, *size, "-u", f"http://127.0.0.1:{deployment.port}/0/big"])
        async with asyncio.timeout(90):
            while attack.returncode is None:
                await asyncio.sleep(0.2)
    memory = most_resident(deployment.pid("worker"))
    assert set(good.statuses) == {200}
    assert memory < BASE + 500 * WAITING, f"{memory >> 20} MiB"


async def grown(deployment: Deployment, *clients: Coroutine[None, None, Answered]) -> tuple[list[Answered], int]:
    """The answers, and by how many bytes the worker was larger than before when it was largest."""
    pid = deployment.pid("worker")
    forget_peak(pid)
    before = resident(pid)
    answers = await asyncio.gather(*clients)
    return answers, most_resident(pid) - before


def sized(size: int) -> bytes:
    return b"POST /0/big HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"b" * size


def one_byte_chunks(method: bytes, size: int) -> bytes:
    head = b"%b /0/big HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" % method
    return head + b"1\r\nb\r\n" * size + b"0\r\n\r\n"


async def test_a_flood_of_the_largest_bodies_stays_within_its_bound_and_beyond_it_is_told_503(
    run_process: Processes, tmp_path: Path
) -> None:
    """40 bodies for an upstream that takes 10 and reads them slowly."""
    reading = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reading.wait()
        while True:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with upstream(slow) as seen:
        text = routes(
            [seen.port],
            limits=f"bodyBytes: {LIMIT}",
            timeouts="connect: 10s, request: 20s, idle: 20s",
            pool="maxConnections: 10, maxPending: 15",
        )
        deployment = serve(run_process, tmp_path / "serve", text)
        asyncio.get_running_loop().call_later(2.0, reading.set)
        answers, growth = await grown(deployment, *(upload(deployment.port, sized(LIMIT)) for _ in range(40)))
    assert sorted(each.status for each in answers) == [200] * 25 + [503] * 15
    assert all(each.retry_after for each in answers if each.status == 503)
    assert growth < 25 * CARRIED, f"{growth >> 20} MiB"


@pytest.mark.slow  # on a loaded machine the upstream in the test itself is late
async def test_a_flood_of_one_byte_chunks_stays_within_its_bound(run_process: Processes, tmp_path: Path) -> None:
    """A read with a body is copied to the channel in stage shadow, so its copy is in the bound too."""
    size = 128 << 10
    async with counting(1) as (lane,):
        text = routes([lane.port], limits=f"bodyBytes: {size}", stage="shadow")
        deployment = serve(run_process, tmp_path / "serve", text)
        wire = one_byte_chunks(b"GET", size)
        answers, growth = await grown(deployment, *(upload(deployment.port, wire) for _ in range(20)))
        assert {each.status for each in answers} == {200}
    assert growth < 20 * CARRIED, f"{growth >> 20} MiB"


async def test_a_flood_of_pipelined_requests_whose_answers_nobody_reads(run_process: Processes, tmp_path: Path) -> None:
    """Each request of 40 bytes has an answer of 16 kB: what is not read is not asked for."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 16000\r\n\r\n" + b"a" * 16_000

    async def generous(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            writer.write(answer)
            await writer.drain()

    async with upstream(generous) as seen:
        deployment = serve(run_process, tmp_path / "serve", routes([seen.port]))
        pid = deployment.pid("worker")
        before = resident(pid)
        greedy = [socket.create_connection(("127.0.0.1", deployment.port)) for _ in range(5)]
        await asyncio.gather(*(asyncio.to_thread(each.sendall, GET * 4000) for each in greedy))
        async with good_traffic(deployment.port) as good:
            async with asyncio.timeout(20):
                while good.statuses[200] < 300:
                    await asyncio.sleep(0.02)
        growth = most_resident(pid) - before
        for each in greedy:
            each.close()
    assert set(good.statuses) == {200}
    assert growth < 5 * CARRIED, f"{growth >> 20} MiB for 5 clients"


WIRES = {
    "head": b"GET /0/ HTTP/1.1\r\nHost: a\r\nX: " + b"v" * 32_000 + b"\r\n\r\n",
    "fields": b"GET /0/ HTTP/1.1\r\nHost: a\r\n" + b"A: 1\r\n" * 98 + b"\r\n",
    "chunks": one_byte_chunks(b"GET", 16 << 10),
    "trailers": one_byte_chunks(b"GET", 1)[:-2] + b"T: 1\r\n" * 1000 + b"\r\n",
    "body": sized(64 << 10),
}


async def test_one_request_never_costs_more_than_a_hundred_times_its_size(
    run_process: Processes, tmp_path: Path
) -> None:
    """One of each kind at a time, in some thousand segments."""
    async with counting(1) as (lane,):
        text = routes([lane.port], limits="bodyBytes: 64Ki", stage="shadow")
        deployment = serve(run_process, tmp_path / "serve", text)
        await upload(deployment.port, GET)
        for kind, wire in WIRES.items():
            answers, growth = await grown(deployment, in_segments(deployment.port, wire, max(7, len(wire) // 2000)))
            assert answers[0].status == 200, kind
    assert growth < 100 * len(wire), f"{kind}: {growth} bytes for {len(wire)}"


async def in_segments(port: int, wire: bytes, size: int) -> Answered:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for at in range(0, len(wire), size):
        writer.write(wire[at : at + size])
        await asyncio.sleep(0)
    answered, _ = await read_answer(reader)
    writer.close()
    return answered


@pytest.mark.parametrize("answers", [1, 4000], ids=["in an answer", "between answers"])
async def test_a_client_that_does_not_read_is_let_go(tmp_path: Path, answers: int) -> None:
    """Time-outs of half a second, inside this process: the connection is gone and its upstream's too."""
    big = 16 << 20 if answers == 1 else 16_000

    async def generous(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % big + b"a" * big)
            await writer.drain()

    settings = ServerSettings(idle_timeout=0.5, keep_alive=60)
    async with upstream(generous) as seen, proxied(table(seen.port, stage=Stage.LEGACY), tmp_path, settings) as proxy:
        greedy = socket.create_connection(("127.0.0.1", proxy.port))
        await asyncio.to_thread(greedy.sendall, GET * answers)
        async with asyncio.timeout(10):
            while not proxy.connections:
                await asyncio.sleep(0.01)
            while proxy.connections:
                await asyncio.sleep(0.01)
        greedy.close()
