"""The next table, taken by a real worker between two real systems while it carries requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from proxy.config.load import loads
from proxy.messages import Stage
from proxy.routing.override import Override, overridden
from proxy.runtime.link import Load, Ready, Refused, Start
from tests.end_to_end.both_loops import until
from tests.runtime.children import Spawned, listening, port_of, ready, start
from tests.runtime.tables import said, text
from tests.support.wire import ScriptedUpstream, exchange, read_request, upstream

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUND = b"GET /v1/refunds/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
REST = b"GET /other HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
SLOW = b"GET /v1/refunds/slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


class System:
    """One of the two: answers with its name, and what is asked for `slow` when it may. `ended`: connections that are
    over.
    """

    def __init__(self, name: bytes) -> None:
        self._answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(name), name)
        self.asked, self.may, self.ended = asyncio.Event(), asyncio.Event(), 0

    def shut(self) -> None:
        """Has what is slow wait again."""
        self.asked, self.may = asyncio.Event(), asyncio.Event()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                if b"slow" in await read_request(reader):
                    self.asked.set()
                    await self.may.wait()
                writer.write(self._answer)
        finally:
            self.ended += 1


@dataclass
class Bench:
    """A worker between two systems. `port` is that of its payments."""

    child: Spawned
    port: int
    legacy: System
    candidate: System
    servers: tuple[ScriptedUpstream, ScriptedUpstream]
    hash: str

    def table(self, **changes: str) -> str:
        return text(legacy=self.servers[0].port, candidate=self.servers[1].port, **changes)

    async def load(self, table: str, *overrides: Override) -> str | None:
        """The hash that the worker acknowledges."""
        self.child.link.send(Load(said(table), overrides))
        return (await self.child.hear(Ready)).table_hash

    async def ask(self, wire: bytes) -> bytes:
        """The body of the answer."""
        return (await exchange(self.port, wire)).partition(b"\r\n\r\n")[2]


@asynccontextmanager
async def between(folder: Path, role: str = "worker") -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        legacy, candidate = System(b"legacy"), System(b"candidate")
        servers = [await stack.enter_async_context(upstream(each.converse)) for each in (legacy, candidate)]
        payments = stack.enter_context(listening())
        table = text(legacy=servers[0].port, candidate=servers[1].port)
        listeners = (payments,) if role == "worker" else ()
        first: Start = msgspec.structs.replace(start(folder, *listeners), document=said(table))
        child = await stack.enter_async_context(ready(role, first, folder, *listeners))
        yield Bench(child, port_of(payments), legacy, candidate, (servers[0], servers[1]), loads(table).hash)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    async with between(tmp_path_factory.mktemp("worker")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def bench(shared: Bench) -> Bench:
    """With the table that it began with."""
    await shared.load(shared.table())
    shared.legacy.shut()
    return shared


def override(stage: Stage) -> Override:
    return Override("refund", stage, None, 0.0, 60.0, "jo", "why not")


async def test_the_next_table_is_acknowledged_by_its_hash_and_carries_what_comes(bench: Bench) -> None:
    assert await bench.ask(REFUND) == b"legacy"
    table = bench.table(stage="candidate")
    assert await bench.load(table) == loads(table).hash != bench.hash
    assert await bench.ask(REFUND) == b"candidate"
    assert await bench.load(bench.table()) == bench.hash
    assert await bench.ask(REFUND) == b"legacy"


async def test_overrides_are_part_of_the_table(bench: Bench) -> None:
    given = override(Stage.CANDIDATE)
    assert await bench.load(bench.table(), given) == overridden(loads(bench.table()), (given,)).hash
    assert await bench.ask(REFUND) == b"candidate"
    assert await bench.load(bench.table()) == bench.hash


async def test_what_cannot_be_made_is_refused_with_its_reason_and_changes_nothing(bench: Bench) -> None:
    bench.child.link.send(Load(b"{}", ()))
    assert (await bench.child.hear(Refused)).reason == "these bytes are no packed route table"
    assert await bench.ask(REFUND) == b"legacy"
    assert await bench.load(bench.table(stage="candidate")) != bench.hash


async def test_a_certificate_that_is_not_there_is_refused_too(bench: Bench) -> None:
    secure = f'url: "https://127.0.0.1:{bench.servers[1].port}", tls: {{ca: nowhere.pem}}'
    plain = f'url: "http://127.0.0.1:{bench.servers[1].port}"'
    bench.child.link.send(Load(said(bench.table(stage="candidate").replace(plain, secure)), ()))
    assert "nowhere.pem" in (await bench.child.hear(Refused)).reason
    assert await bench.ask(REFUND) == b"legacy"


async def test_a_request_keeps_the_table_that_it_began_with(bench: Bench) -> None:
    slow = asyncio.create_task(bench.ask(SLOW))
    await bench.legacy.asked.wait()
    await bench.load(bench.table(stage="candidate"))
    assert await bench.ask(REFUND) == b"candidate"
    assert not slow.done()
    bench.legacy.may.set()
    assert await slow == b"legacy"


async def test_connections_to_what_has_not_changed_are_kept(bench: Bench) -> None:
    assert await bench.ask(REST) == b"legacy"
    await bench.load(bench.table(), override(Stage.CANDIDATE))
    assert await bench.ask(REFUND) == b"candidate"
    before = [server.connections for server in bench.servers]
    for stage in ("candidate", "legacy", "candidate"):
        await bench.load(bench.table(stage=stage))
        assert [await bench.ask(REST), await bench.ask(REFUND)] == [b"legacy", stage.encode()]
    assert [server.connections for server in bench.servers] == before


async def test_what_no_table_names_any_more_is_closed_with_its_last_request(bench: Bench) -> None:
    """The connection that idles ends at once, the busy one when its request has its answer."""
    assert await bench.ask(REST) == b"legacy"
    before = bench.legacy.ended
    slow = asyncio.create_task(bench.ask(SLOW))
    await bench.legacy.asked.wait()
    assert await bench.ask(REST) == b"legacy"
    opened, other = bench.servers[0].connections, 'url: "http://localhost'
    await bench.load(bench.table(stage="candidate").replace('url: "http://127.0.0.1', other, 1))
    await until(lambda: bench.legacy.ended == before + 1, "the idle one has ended")
    assert not slow.done()
    bench.legacy.may.set()
    assert await slow == b"legacy"
    await until(lambda: bench.legacy.ended == before + 2, "the busy one has ended")
    assert await bench.ask(REST) == b"legacy"
    assert bench.servers[0].connections == opened + 1


async def test_of_several_that_came_meanwhile_the_newest_is_in_force_in_the_end(bench: Bench) -> None:
    tables = [said(bench.table(name=f"number-{number}")) for number in range(30)]
    for each in tables:
        bench.child.link.send(Load(each, ()))
    last = loads(bench.table(name="number-29")).hash
    acknowledged = 0
    while (await bench.child.hear(Ready)).table_hash != last:
        acknowledged += 1
    assert acknowledged < 29


async def test_a_runner_takes_tables_too(tmp_path: Path) -> None:
    async with between(tmp_path, "runner") as bench:
        table = bench.table(stage="shadow")
        assert await bench.load(table) == loads(table).hash
        bench.child.link.send(Load(b"{}", ()))
        assert "no packed route table" in (await bench.child.hear(Refused)).reason
