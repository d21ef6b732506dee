"""A shadow runner as a real process: the channel's other end, its link, the shadow and the store are the test's."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from proxy.channel.local import LocalSender
from proxy.channel.tally import Tally
from proxy.messages import Exchange, Hop, Observation, Plan, Request, Response, Stage, System
from proxy.runtime.link import Reading, Stop
from proxy.runtime.runner import NICENESS
from proxy.store.queries import open_queries
from tests.runtime.children import Spawned, ready, spawned, start
from tests.support.wire import Conversation, answering, read_request, upstream

JSON = ((b"Content-Type", b"application/json"),)
SAME = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}'


def copied(name: str, body: bytes = b'{"a":1}') -> Exchange:
    return Exchange(
        id=name,
        started_at=1_700_000_000.0,
        table="abc",
        hop=Hop(b"192.0.2.7", False, False),
        request=Request(b"GET", b"/v1/payments/1", ((b"Host", b"shop.example"),), b""),
        plan=Plan("all", Stage.SHADOW, System.LEGACY, "monolith", "payments", "stage shadow"),
        primary=Observation(System.LEGACY, "monolith", Response(200, b"OK", JSON, body), 0.012),
    )


@asynccontextmanager
async def running(folder: Path, shadow: Conversation) -> AsyncIterator[tuple[Spawned, LocalSender, list[bytes]]]:
    """A runner before this shadow, and the sending end of its channel, connected."""
    async with upstream(shadow) as server, ready("runner", start(folder, candidate=server.port), folder) as child:
        sender = LocalSender(folder / "channel.sock", batch_seconds=0.001)
        sender.start()
        async with asyncio.timeout(5):
            while not sender.connected:
                await asyncio.sleep(0.005)
        yield child, sender, server.requests
        await sender.close(0)


async def counted(child: Spawned, name: str, number: int) -> dict[tuple[str, ...], int]:
    """The counts of this name, once they add up to `number`."""
    while True:
        counters = (await child.hear(Reading)).snapshot.counters
        counts = {each.labels: each.value for each in counters if each.name == name}
        if sum(counts.values()) >= number:
            return counts


async def verdicts(folder: Path) -> dict[str, str]:
    """By exchange, what is in the store; waits for none."""
    found = {}
    async with open_queries(f"sqlite:///{folder / 'strangler.db'}") as queries:
        for name in ("same", "other"):
            exchange = await queries.exchange(name)
            if exchange is not None:
                found[name] = exchange.verdict.value
    return found


async def test_what_comes_is_shadowed_compared_and_stored_and_garbage_is_counted(tmp_path: Path) -> None:
    seen: list[bytes] = []
    async with running(tmp_path, answering(seen, SAME)) as (child, sender, _):
        assert os.getpriority(os.PRIO_PROCESS, child.process.pid) == os.getpriority(os.PRIO_PROCESS, 0) + NICENESS
        if sys.platform == "linux":
            assert os.sched_getscheduler(child.process.pid) == os.SCHED_IDLE
        assert sender.offer(copied("same"))
        assert sender.offer(copied("other", b'{"a":2}'))
        sender.send_tally(Tally("worker-0:1", 1_700_000_000.0, (("dropped", "channel-full", 7),)))
        _, writer = await asyncio.open_unix_connection(str(tmp_path / "channel.sock"))
        writer.write(b"\xff" * 100)
        assert await counted(child, "strangler_dropped_total", 1) == {("garbage",): 1}
        writer.close()
        assert await counted(child, "strangler_comparisons_total", 2) == {("all", "match"): 1, ("all", "mismatch"): 1}
        child.link.send(Stop(4.0))
        assert await child.ended() == 0
    assert [wire.count(b"X-Strangler-Shadow: 1\r\n") for wire in seen] == [1, 1]
    assert await verdicts(tmp_path) == {"same": "match", "other": "mismatch"}
    async with open_queries(f"sqlite:///{tmp_path / 'strangler.db'}") as queries:
        report = await queries.report(None, None)
    assert [(each.reason, each.count) for each in report.dropped] == [("channel-full", 7), ("garbage", 1)]


async def test_what_was_taken_in_is_finished_before_it_ends(tmp_path: Path) -> None:
    asked, may = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        asked.set()
        await may.wait()
        writer.write(SAME)
        await reader.read()

    async with running(tmp_path, slow) as (child, sender, _):
        sender.offer(copied("same"))
        await asked.wait()
        child.link.send(Stop(10.0))
        async with asyncio.timeout(5):
            while sender.connected:  # it takes nothing in any more
                await asyncio.sleep(0.005)
        may.set()
        assert await child.ended() == 0
    assert await verdicts(tmp_path) == {"same": "match"}


async def test_what_is_not_finished_in_time_is_counted(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()

    async with running(tmp_path, silent) as (child, sender, _):
        sender.offer(copied("same"))
        await asked.wait()
        child.link.send(Stop(0.2))
        assert await counted(child, "strangler_dropped_total", 1) == {("runner-stopped",): 1}
        assert await child.ended() == 0
    async with open_queries(f"sqlite:///{tmp_path / 'strangler.db'}") as queries:
        report = await queries.report(None, None)
    assert [(each.reason, each.count) for each in report.dropped] == [("runner-stopped", 1)]


async def test_a_store_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, answering([], SAME)) as (child, sender, _):
        (tmp_path / "strangler.db").mkdir()
        sender.offer(copied("same"))
        assert await counted(child, "strangler_comparisons_total", 1) == {("all", "match"): 1}
        async with asyncio.timeout(5):
            while "the store cannot be written, payments go on" not in child.stderr.read_text():
                await asyncio.sleep(0.01)
        (tmp_path / "strangler.db").rmdir()
        async with asyncio.timeout(10):
            while "the store is back" not in child.stderr.read_text():
                await asyncio.sleep(0.01)
    assert await verdicts(tmp_path) == {"same": "match"}


async def test_without_its_key_it_takes_nothing_in(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short")
    async with spawned("runner", start(tmp_path), tmp_path) as child:
        assert await child.ended() == 1
    assert "the redaction key file" in child.stderr.read_text()
    assert not (tmp_path / "channel.sock").exists()
