"""A proxy worker as a real process: payments on its socket, its link, and the channel's other end are the test's."""

import asyncio
import json
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.channel.receiver import LocalReceiver
from proxy.channel.tally import Tally
from proxy.messages import Exchange
from proxy.routing.table import Limits
from proxy.runtime.link import Load, Reading, Ready, Stop
from proxy.runtime.worker import drain, server_settings
from tests.end_to_end.both_loops import until
from tests.end_to_end.deployment import ROUTES
from tests.runtime.children import Spawned, listening, port_of, ready, start
from tests.runtime.tables import said
from tests.support.files import ROOT
from tests.support.ports import listens
from tests.support.proxying import table
from tests.support.wire import Conversation, answering, exchange, read_request, read_until, upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = b"GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSE = b"GET /v1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def working(folder: Path, conversation: Conversation) -> AsyncIterator[tuple[Spawned, int]]:
    """A worker before this upstream, and the port of its payments; nobody else holds its listening socket."""
    with listening() as payments:
        async with upstream(conversation) as server:
            port, first = port_of(payments), start(folder, payments, legacy=server.port)
            async with ready("worker", first, folder, payments) as child:
                payments.close()
                yield child, port


@pytest.mark.parametrize(
    ("role", "barred"),
    [
        ("worker", ("aiohttp", "alembic", "click", "deepdiff", "jinja2", "pydantic", "rich", "sqlalchemy", "yaml")),
        ("supervisor", ("aiohttp", "alembic", "deepdiff", "jinja2", "sqlalchemy")),
    ],
)
def test_what_is_not_needed_to_carry_payments_is_not_imported(role: str, barred: tuple[str, ...]) -> None:
    """A start, also after a crash, is short: nothing of the store, the dashboard or the reading of YAML is in it."""
    code = f"import sys, proxy.runtime.{role}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, timeout=60, text=True)
    assert {name.partition(".")[0] for name in run.stdout.split()}.isdisjoint(barred)


class Gate:
    """An upstream that answers when it may."""

    def __init__(self) -> None:
        self.asked, self.may = asyncio.Event(), asyncio.Event()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        self.asked.set()
        await self.may.wait()
        writer.write(OK)
        await reader.read()


def requests(reading: Reading) -> dict[tuple[str, ...], int]:
    counters = reading.snapshot.counters
    return {each.labels: each.value for each in counters if each.name == "strangler_requests_total"}


async def test_a_payment_waits_for_nobody_on_the_right_of_the_channel(tmp_path: Path) -> None:
    """There is no runner: the request is carried, and its copy is dropped and counted."""
    async with working(tmp_path, answering([], OK)) as (child, port):
        assert (await exchange(port, CLOSE)).endswith(b"\r\n\r\nok")
        child.link.send(Stop(5.0))
        async with asyncio.timeout(10):
            while requests(last := await child.hear(Reading)) != {("all", "legacy", "2xx"): 1}:
                pass
        drops = {each.labels: each.value for each in last.snapshot.counters if each.name == "strangler_dropped_total"}
        assert drops == {("channel-down",): 1}
        assert await child.ended() == 0


@pytest.fixture
def soft_limit() -> Iterator[None]:
    """Fewer file descriptors than may be had, as a login shell gives them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard - 1, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("soft_limit")
async def test_it_takes_all_the_file_descriptors_that_it_may_have(tmp_path: Path) -> None:
    async with working(tmp_path, answering([], OK)) as (child, _):
        soft, hard = resource.prlimit(child.process.pid, resource.RLIMIT_NOFILE)
    assert soft == hard


async def test_copies_and_counts_go_to_the_channel(tmp_path: Path) -> None:
    async with working(tmp_path, answering([], OK)) as (_, port), asyncio.timeout(20):
        receiver = LocalReceiver(tmp_path / "channel.sock")
        await receiver.start()
        copy, tally = None, None
        while not (copy and tally and {each[:2]: each[2] for each in tally.counts}["copies", "taken"]):
            await exchange(port, CLOSE)  # the first ones may come before the channel is up
            message = await receiver.get()
            copy, tally = (message, tally) if isinstance(message, Exchange) else (copy, message)
        assert isinstance(tally, Tally)
        await receiver.close()
    assert copy.request.target == b"/v1"
    assert copy.plan.shadow == "payments"
    assert tally.source.startswith("worker-0:")


async def test_it_drains_what_is_at_hand_and_takes_nothing_new(tmp_path: Path) -> None:
    gate = Gate()
    async with working(tmp_path, gate.converse) as (child, port):
        idle, idle_writer = await asyncio.open_connection("127.0.0.1", port)
        asking = asyncio.create_task(exchange(port, GET))
        await gate.asked.wait()
        child.link.send(Stop(10.0))
        assert await read_until(idle, None) == b""
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        assert not asking.done()
        gate.may.set()
        assert await asking == OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        assert await child.ended() == 0
        idle_writer.close()


async def test_a_request_that_was_on_its_way_when_the_drain_began_is_answered(tmp_path: Path) -> None:
    """Its client could not know, and cannot tell whether it may be sent again."""
    async with working(tmp_path, answering([], OK)) as (child, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        assert await read_until(reader, b"ok") == OK
        child.link.send(Stop(10.0))
        await until(lambda: not listens(port), "it takes no connections")
        writer.write(GET)
        assert await read_until(reader, None) == OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        assert await child.ended() == 0
        writer.close()


class Ending:
    """A connection as a drain sees it: it ends when it is told to drain."""

    def __init__(self, connections: "set[Ending]") -> None:
        self._connections = connections
        self.aborted = False

    def drain(self) -> None:
        self._connections.discard(self)

    def abort(self) -> None:
        self.aborted = True


@pytest.mark.parametrize("others", [0, 1])
async def test_a_connection_that_was_accepted_just_before_the_drain_is_told_too(others: int) -> None:
    connections: set[Ending] = set()
    connections.update(Ending(connections) for _ in range(others))
    late = Ending(connections)
    asyncio.get_running_loop().call_soon(connections.add, late)
    async with asyncio.timeout(5):
        await drain(connections, 10.0)  # type: ignore[arg-type]
    assert not connections
    assert not late.aborted


async def test_the_limits_of_the_next_table_hold_for_the_next_connections(tmp_path: Path) -> None:
    async with working(tmp_path, answering([], OK)) as (child, port):
        long = GET.replace(b"/v1", b"/" + b"a" * 2000).replace(b"Host", b"Connection: close\r\nHost")
        assert (await exchange(port, long)).startswith(b"HTTP/1.1 200 ")
        told = ROUTES.format(primary=1, shadow=1, stage="shadow").replace(
            "spec:", "spec:\n  limits: {requestLine: 1Ki}"
        )
        child.link.send(Load(said(told), ()))
        await child.hear(Ready)
        assert (await exchange(port, long)).startswith(b"HTTP/1.1 414 ")


async def test_what_is_not_finished_in_time_is_cut(tmp_path: Path) -> None:
    gate = Gate()
    async with working(tmp_path, gate.converse) as (child, port):
        asking = asyncio.create_task(exchange(port, GET))
        await gate.asked.wait()
        child.link.send(Stop(0.1))
        assert await asking in (b"", b"<reset>")
        assert await child.ended() == 0


async def test_what_is_no_request_is_refused_and_counted(tmp_path: Path) -> None:
    async with working(tmp_path, answering([], OK)) as (child, port):
        answer = await exchange(port, b"nonsense\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["type"] == "bad-request"
        child.link.send(Stop(1.0))
        async with asyncio.timeout(10):
            while requests(await child.hear(Reading)) != {("", "none", "4xx"): 1}:
                pass


def test_the_bounds_of_a_connection_are_the_tables() -> None:
    limits = Limits(header_bytes=1, request_line=2, headers=3, connections=5000)
    settings = server_settings(replace(table(1), limits=limits), 7)
    assert (settings.header_bytes, settings.request_line, settings.headers, settings.connections) == (1, 2, 3, 7)
