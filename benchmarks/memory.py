"""The memory of our worker: what large bodies add to it, and what it is with many idle connections.

Law of this file: what a body adds is the peak while it streams less what the worker held before; the peak is the
kernel's (VmHWM of /proc/PID/status), so that nothing is missed between two looks.
"""

import http.client
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import bulk, idle, payload, processes
from benchmarks import lane as lanes
from benchmarks.contest import Say, Sizes
from benchmarks.contestant import PROXY, Contestant
from benchmarks.contestants import strangler
from benchmarks.lane import Lane
from benchmarks.upstreams import Mood, Upstreams

MB = 1_000_000
BODY = 100 * MB
IDLE = 1000
EXTRA, HELD = 8, 120
"""Targets, in MB."""
ROUNDS = 3
SHADOW = strangler.SHADOW
PROC = Path("/proc")
Stream = Callable[[int, int], None]
"""Sends or fetches so many bytes through a port."""


@dataclass(slots=True)
class Memory:
    """One row: megabytes in each round, and the most that they should be."""

    words: str
    target: float
    values: list[float] = field(default_factory=list)


def measure(standing: Upstreams, folder: Path, sizes: Sizes, say: Say) -> Iterator[Memory]:
    yield _told(_idle(standing, folder, sizes), say)
    with _bulk_upstream(folder) as port:
        for contestant in (strangler.LEGACY, SHADOW):
            for row in _streamed(contestant, port, folder, sizes):
                yield _told(row, say)


def _told(row: Memory, say: Say) -> Memory:
    say(f"{row.words}: {', '.join(f'{value:.1f}' for value in row.values)} MB")
    return row


def _idle(standing: Upstreams, folder: Path, sizes: Sizes) -> Memory:
    row = Memory(f"a worker with {IDLE:,} idle connections", HELD)
    with lanes.opened(strangler.LEGACY, folder, standing.legacy, standing.candidates[Mood.SAME]) as lane:
        lane.warm_up(sizes.warm)
        with idle.held(lane.scene.port, IDLE) as connections:
            row.values.append(resident(worker(lane)) / MB)
            if connections.open() != IDLE:
                raise processes.StartError(f"only {connections.open()} of {IDLE} connections stayed open")
    return row


def _streamed(contestant: Contestant, upstream: int, folder: Path, sizes: Sizes) -> list[Memory]:
    stage = "shadow" if contestant is SHADOW else "legacy"
    rows = [Memory(f"added by {BODY // MB} MB {way}, stage {stage}", EXTRA) for way in ("up", "down")]
    with lanes.opened(contestant, folder, upstream, upstream) as lane:
        lane.warm_up(sizes.warm)
        for _ in range(ROUNDS):
            for row, stream in zip(rows, (up, down), strict=True):
                row.values.append(added(worker(lane), stream, lane.scene.port) / MB)
                lane.settle()
    return rows


@contextmanager
def _bulk_upstream(parent: Path) -> Iterator[int]:
    folder, port = parent / "upstream-bulk", processes.free_port()
    folder.mkdir()
    body = folder / "body.json"
    body.write_bytes(payload.SAME)
    command = [sys.executable, "-P", bulk.__file__, "--port", str(port), "--body", str(body)]
    with processes.started("upstream bulk", command, folder, [port]):
        yield port


def added(pid: int, stream: Stream, port: int) -> int:
    """Bytes by which the peak of a process during `stream` is above what it held before."""
    forget_peak(pid)
    before = resident(pid)
    stream(port, BODY)
    return peak(pid) - before


def up(port: int, length: int) -> None:
    """POST `length` bytes; RuntimeError unless all of them arrived."""
    pieces = (bulk.PIECE[: length - start] for start in range(0, length, len(bulk.PIECE)))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/bulk", pieces, {"Content-Length": str(length)})
        response = connection.getresponse()
        said = response.read()
    finally:
        connection.close()
    if response.status != 200 or said != str(length).encode():
        raise RuntimeError(f"{length} bytes were sent; the answer was {response.status} {said[:100]!r}")


def down(port: int, length: int) -> None:
    """GET `length` bytes, reading nothing for a while half-way; RuntimeError unless all of them came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", f"/bulk/{length}")
        response = connection.getresponse()
        came = _read(response, length // 2)
        time.sleep(bulk.STALL)  # what is measured: a reader that is late
        came += _read(response, length)
    finally:
        connection.close()
    if response.status != 200 or came != length:
        raise RuntimeError(f"{length} bytes were asked for; {came} came with {response.status}")


def _read(response: http.client.HTTPResponse, most: int) -> int:
    came = 0
    while came < most and (part := response.read(min(len(bulk.PIECE), most - came))):
        came += len(part)
    return came


def worker(lane: Lane) -> int:
    """The pid of the one worker of a lane of ours."""
    (pid,) = lane.pids(PROXY)
    return pid


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return _bytes(pid, "VmRSS:")


def peak(pid: int) -> int:
    """Bytes of memory that a process held at its largest."""
    return _bytes(pid, "VmHWM:")


def forget_peak(pid: int) -> None:
    """Makes `peak` start again from what the process holds now; where that is not allowed, `added` may be too large."""
    with suppress(OSError):
        (PROC / str(pid) / "clear_refs").write_text("5")


def _bytes(pid: int, name: str) -> int:
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
