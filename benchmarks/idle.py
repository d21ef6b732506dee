"""Connections that are open and silent. Law of this file: each was in use once, so that it is one of keep-alive."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks import payload

SPARE = 200
"""Descriptors that the benchmark needs for itself."""
PATIENCE = 10.0
ASK = f"GET {payload.PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


@dataclass(frozen=True, slots=True)
class Idle:
    """Connections of ours, kept open."""

    sockets: tuple[socket.socket, ...]

    def open(self) -> int:
        """How many of them the other side has not closed."""
        return sum(map(_is_open, self.sockets))


@contextmanager
def held(port: int, count: int) -> Iterator[Idle]:
    """`count` connections to a port of 127.0.0.1, each after one answer; OSError if there may not be so many."""
    _make_room(count + SPARE)
    with ExitStack() as stack:
        yield Idle(tuple(stack.enter_context(_used_once(port)) for _ in range(count)))


def _make_room(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))


def _used_once(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    connection.sendall(ASK)
    answer = b""
    while not answer.endswith(payload.SAME):
        part = connection.recv(65536)
        if not part:
            connection.close()
            raise ConnectionError(f"port {port} closed a connection after {answer[:100]!r}")
        answer += part
    connection.setblocking(False)
    return connection


def _is_open(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
