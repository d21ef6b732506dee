"""Processes that the benchmarks start. Law of this file: what is started here has ended when its `with` block is left.

Each gets a process group of its own, so that Ctrl-C reaches only the benchmark, which then ends the others in order.
"""

import http.client
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks import cpu

PORTS = range(20_000, 32_000)
PATIENCE = 30.0
"""Seconds for a process to listen, and for it to end after SIGTERM half of that before SIGKILL."""


class StartError(RuntimeError):
    """A process did not come up: which, and the last lines that it wrote."""


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago, below those that Linux gives to clients' ends of connections."""
    for port in random.sample(PORTS, 100):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise StartError("no free port among 100 tried of 127.0.0.1")


@contextmanager
def started(name: str, command: Sequence[str], folder: Path, ports: Sequence[int]) -> Iterator[int]:
    """Run `command` in `folder`; yields its pid once every one of `ports` accepts. Output goes to folder/output.txt."""
    output = folder / "output.txt"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
    try:
        for port in ports:
            _wait_for(name, process, port, output)
        yield process.pid
    finally:
        _end(process)


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body of one GET; OSError or HTTPException if there is none within 5 s."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _wait_for(name: str, process: "subprocess.Popen[bytes]", port: int, output: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    state = "does not listen" if process.poll() is None else f"ended with {process.returncode}"
    tail = output.read_text(errors="replace").strip()[-800:]
    raise StartError(f"{name} {state} (port {port}): {tail or 'no output'}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM to the parent, later SIGKILL to all of its family still there. A stopped child is woken to hear it."""
    members = _members(process.pid)
    _signal(members, signal.SIGCONT)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE / 2)
    members |= _members(process.pid)
    _signal(members, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + PATIENCE
    while any(map(_alive, members)) and time.monotonic() < deadline:
        time.sleep(0.01)


def _members(root: int) -> set[int]:
    """The family of `root`, and whoever is in its process group though its own parent has died."""
    return {stat.pid for stat in cpu.family(root)} | {stat.pid for stat in cpu.all_stats() if stat.group == root}


def _alive(pid: int) -> bool:
    """Whether it still runs; one that is dead and only waits to be reaped by its parent does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
