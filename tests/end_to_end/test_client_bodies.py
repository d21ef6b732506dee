"""Large bodies, up and down, by real clients: they come whole, and the worker stays as small as it was.

The bound is that of the issue: the worker's memory at its peak is less than 8 MiB above what it was before any of it.
The peak is the kernel's own (VmHWM, set back before each transfer), so nothing is missed between two looks.
"""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.clients.drivers import DRIVERS, run_driver
from tests.end_to_end.clients.serving import Serving, serving
from tests.end_to_end.clients.task import Scenario, Step, blocks, summary

EXTRA = 8 << 20
"""Bytes of memory that any number of large bodies, one after the other, may cost a worker."""
MEGABYTE = 1_000_000
STALLED = 0.5
"""Seconds without progress after which a transfer is held to have stopped."""
SIZES = [
    pytest.param(50 * MEGABYTE, id="50MB"),
    pytest.param(100 * MEGABYTE, id="100MB", marks=pytest.mark.slow),
]

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read from Linux's /proc"),
]


@dataclass(frozen=True, slots=True)
class Worker:
    """The one worker's memory in bytes, and what it was before any large body."""

    pid: int
    before: int

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    @property
    def extra(self) -> int:
        """What the highest peak since it was forgotten lies above what was before."""
        return memory(self.pid, "VmHWM") - self.before


def memory(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:"))) << 10


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("bodies")) as started:
        yield started


@pytest.fixture(scope="module")
def before(stand: Serving) -> int:
    return memory(stand.worker, "VmRSS")


@pytest.fixture
def worker(stand: Serving, before: int) -> Worker:
    found = Worker(stand.worker, before)
    found.forget_peak()
    return found


def body_of(stand: Serving, client: str, step: Step) -> Any:
    """The body that `client` gets through the proxy."""
    seen = run_driver(client, f"http://127.0.0.1:{stand.proxy}", [Scenario("large", (step,), (200,))])
    assert "error" not in seen["large"], seen
    return seen["large"]["steps"][0]["body"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("client", DRIVERS)
@pytest.mark.parametrize("kind", ["bytes", "stream"])
def test_a_large_body_comes_down(stand: Serving, worker: Worker, client: str, kind: str, size: int) -> None:
    assert body_of(stand, client, Step(f"/{kind}/{size}")) == summary(blocks(size))
    assert worker.extra < EXTRA


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("client", DRIVERS)
@pytest.mark.parametrize("chunked", [False, True], ids=["sized", "chunked"])
def test_a_large_body_goes_up(stand: Serving, worker: Worker, client: str, chunked: bool, size: int) -> None:
    step = Step("/sink", "PUT", (("Content-Type", "application/octet-stream"),), size=size, chunked=chunked)
    sent = summary(blocks(size))
    assert body_of(stand, client, step) == summary([f"{size} {sent['sha256']}".encode()])
    assert worker.extra < EXTRA


@pytest.mark.parametrize("size", SIZES)
def test_a_client_that_does_not_read_holds_the_origin_back(stand: Serving, worker: Worker, size: int) -> None:
    with socket.create_connection(("127.0.0.1", stand.proxy), timeout=60) as connection:
        connection.sendall(b"GET /bytes/%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % size)
        assert stalled_at(stand) < size
        assert worker.extra < EXTRA
        with connection.makefile("rb") as answer:
            while answer.readline() != b"\r\n":
                pass
            assert summary(iter(lambda: answer.read(1 << 16), b"")) == summary(blocks(size))
    assert worker.extra < EXTRA


def stalled_at(stand: Serving) -> int:
    """How much of a large body the origin has sent once it sends no more."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < STALLED:
        sent = int(stand.ask("sent"))
        if sent != last:
            last, since = sent, time.monotonic()
    return last


@pytest.mark.parametrize("size", SIZES)
def test_an_origin_that_does_not_read_holds_the_client_back(stand: Serving, worker: Worker, size: int) -> None:
    stand.requests()
    with socket.create_connection(("127.0.0.1", stand.proxy), timeout=60) as connection:
        connection.sendall(b"POST /held-sink/large HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
        body = memoryview(b"".join(blocks(size)))
        taken = taken_before_stalling(connection, body)
        assert taken < size
        assert worker.extra < EXTRA
        stand.ask("release/large")
        connection.sendall(body[taken:])
        wanted = f"{size} {summary(blocks(size))['sha256']}".encode()
        answer = b""
        while not answer.endswith(wanted):
            data = connection.recv(1 << 16)
            assert data, answer
            answer += data
    assert worker.extra < EXTRA


def taken_before_stalling(connection: socket.socket, body: memoryview) -> int:
    """How many bytes the other side takes before it takes no more."""
    taken = 0
    connection.settimeout(STALLED)
    try:
        while taken < len(body):
            taken += connection.send(body[taken : taken + (1 << 16)])
    except TimeoutError:
        pass
    connection.settimeout(60)
    return taken
