"""An upgrade by SIGUSR2: another supervisor takes the sockets over, and nobody who pays notices."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from proxy.config.load import loads
from proxy.store.audit import open_audit
from tests.end_to_end.both_loops import until
from tests.end_to_end.deployment import Deployment, eventually
from tests.runtime.serving import serve
from tests.runtime.tables import BROKEN, text
from tests.support.polling import wait_until
from tests.support.process import Processes, members
from tests.support.wire import answering, exchange, read_request, upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = b"GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSE = b"GET /v1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """What it started is gone at the end, its successors included."""
    started = Processes(tmp_path)
    yield started
    with suppress(AssertionError):
        started.close()


class Upgraded:
    """A running strangler, and the supervisors that come after the first; all of them end with the block."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.first = deployment.serve

    def pid(self) -> int:
        """Of the supervisor that answers."""
        return int(self.deployment.status()["pid"])

    def hash(self) -> str:
        """Of the table in force."""
        return str(self.deployment.status()["table"]["hash"])

    async def upgrade(self) -> int:
        """The process that has taken over. The one before may answer too, until it has stopped listening."""
        before = await asyncio.to_thread(self.pid)
        seen = [before]
        os.kill(before, signal.SIGUSR2)

        def another_answers() -> bool:
            seen.append(self.pid())
            return seen[-1] != before

        await asyncio.to_thread(eventually, another_answers, "another supervisor answers")
        return seen[-1]

    async def end(self) -> None:
        group = self.first.pid
        for pid in {await asyncio.to_thread(self.pid), group}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        await asyncio.to_thread(wait_until, lambda: members(group) == [], "all of them have ended")


async def started(processes: Processes, folder: Path, table: str) -> Upgraded:
    return Upgraded(await asyncio.to_thread(serve, processes, folder / "deployment", table))


class Client:
    """Asks again and again on one connection, and opens another when it is told to."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.answers: list[bytes] = []
        self.opened = 0
        self.enough = asyncio.Event()

    async def run(self) -> None:
        """AssertionError or an error of the connection where a request has no answer."""
        while not self.enough.is_set():
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            self.opened += 1
            while not self.enough.is_set():
                writer.write(GET)
                head = await reader.readuntil(b"\r\n\r\n")
                assert await reader.readexactly(2) == b"ok"
                self.answers.append(head)
                if b"Connection: close" in head:
                    break
            writer.close()


async def test_an_upgrade_loses_no_request_and_leaves_no_process(processes: Processes, tmp_path: Path) -> None:
    seen: list[bytes] = []
    async with upstream(answering(seen, OK)) as server:
        upgraded = await started(processes, tmp_path, text(legacy=server.port, candidate=server.port))
        port, first = upgraded.deployment.port, upgraded.first
        clients = [Client(port) for _ in range(4)]
        running = [asyncio.create_task(each.run()) for each in clients]
        second = await upgraded.upgrade()
        assert second != first.pid
        await until(lambda: all(each.opened > 1 for each in clients), "each has had to connect again", 20)
        before = len(seen)
        await until(lambda: len(seen) > before + 20, "the new one carries payments")
        for each in clients:
            each.enough.set()
        await asyncio.gather(*running)
        assert await asyncio.to_thread(first.wait, 25) == 0
        assert sum(len(each.answers) for each in clients) == len(seen), "each was sent once"
        assert all(each.opened == 2 for each in clients), "each was told once that its connection ends"
        assert {each[:12] for client in clients for each in client.answers} == {b"HTTP/1.1 200"}
        assert (await exchange(port, CLOSE)).endswith(b"ok")
        assert len(members(first.pid)) == 4, "a supervisor, a worker, a runner and a control process"
        assert await _upgrades(upgraded.deployment) == [f"process {second} took over"]
        await upgraded.end()
    said = first.stderr
    assert f"upgrade: process {second} is to take over" in said
    assert "Traceback" not in said


async def test_the_successor_has_the_file_as_it_is_now_and_the_request_at_hand_its_answer(
    processes: Processes, tmp_path: Path
) -> None:
    asked, may = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/slow" in await read_request(reader):
            asked.set()
            await may.wait()
        writer.write(OK)
        await reader.read()

    async with upstream(slow) as server:
        upgraded = await started(processes, tmp_path, text(legacy=server.port, candidate=server.port))
        port, first = upgraded.deployment.port, upgraded.first
        at_hand = asyncio.create_task(exchange(port, CLOSE.replace(b"/v1", b"/slow")))
        await asked.wait()
        newer = text(name="newer", legacy=server.port, candidate=server.port)
        (upgraded.deployment.folder / "routes.yaml").write_text(newer)
        await upgraded.upgrade()
        await asyncio.to_thread(eventually, lambda: upgraded.hash() == loads(newer).hash, "it has the newer file")
        assert (await exchange(port, CLOSE)).endswith(b"ok")
        assert not at_hand.done()
        assert first.returncode is None, "it waits for the request"
        may.set()
        assert (await at_hand).endswith(b"ok")
        assert await asyncio.to_thread(first.wait, 25) == 0
        await upgraded.end()


async def test_one_that_cannot_come_up_changes_nothing_and_another_try_may(
    processes: Processes, tmp_path: Path
) -> None:
    async with upstream(answering([], OK)) as server:
        good = text(legacy=server.port, candidate=server.port)
        upgraded = await started(processes, tmp_path, good)
        deployment, first = upgraded.deployment, upgraded.first
        reader, writer = await asyncio.open_connection("127.0.0.1", deployment.port)
        (deployment.folder / "routes.yaml").write_text(BROKEN)
        [kept] = (deployment.folder / "store").glob("*.last-routes.yaml")
        await asyncio.to_thread(wait_until, lambda: "the new routes.yaml is not used" in first.stderr, "it is refused")
        kept.unlink()
        first.signal(signal.SIGUSR2)
        said = "upgrade: the new process did not come to carry payments; this one goes on"
        await asyncio.to_thread(wait_until, lambda: said in first.stderr, "the new one has given up")
        assert upgraded.pid() == first.pid
        writer.write(GET)
        assert await reader.readexactly(len(OK)) == OK
        assert (await exchange(deployment.port, CLOSE)).endswith(b"ok")
        (deployment.folder / "routes.yaml").write_text(good)
        assert await upgraded.upgrade() != first.pid
        writer.close()
        await asyncio.to_thread(first.wait, 25)
        await upgraded.end()


async def _upgrades(deployment: Deployment) -> list[str]:
    """What the audit log says of them."""
    async with open_audit(deployment.store) as log:
        return [link.reason for _, link in await log.latest(10, action="upgrade") if link is not None]
