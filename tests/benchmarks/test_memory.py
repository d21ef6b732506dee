import http.client
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from benchmarks import bulk, memory, payload, processes

HOARDER = """
import http.server, sys
class Hoarder(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        said = str(len(self.rfile.read(int(self.headers["Content-Length"])))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Hoarder).serve_forever()
"""


@contextmanager
def hoarder(folder: Path) -> Iterator[tuple[int, int]]:
    """The port and the pid of a server that holds a whole body before it answers."""
    port = processes.free_port()
    with processes.started("hoarder", [sys.executable, "-c", HOARDER, str(port)], folder, [port]) as pid:
        yield port, pid


@contextmanager
def upstream(folder: Path) -> Iterator[tuple[int, int]]:
    port, body = processes.free_port(), folder / "body"
    body.write_bytes(payload.SAME)
    command = [sys.executable, "-P", bulk.__file__, "--port", str(port), "--body", str(body)]
    with processes.started("bulk", command, folder, [port]) as pid:
        yield port, pid


def test_a_body_that_is_held_whole_is_seen_each_time_and_then_forgotten(tmp_path: Path) -> None:
    with hoarder(tmp_path) as (port, pid):
        for _ in range(2):
            assert memory.added(pid, memory.up, port) > memory.BODY * 0.9
            assert memory.added(pid, lambda _port, _length: None, port) < 4 * memory.MB


def test_a_body_that_streams_adds_next_to_nothing(tmp_path: Path) -> None:
    with upstream(tmp_path) as (port, pid):
        for stream in (memory.up, memory.down):
            assert memory.added(pid, stream, port) < 4 * memory.MB


def test_the_upstream_counts_what_it_gets_gives_what_is_asked_for_and_else_the_payment(tmp_path: Path) -> None:
    with upstream(tmp_path) as (port, _):
        memory.up(port, 3 * memory.MB + 1)
        memory.down(port, 3 * memory.MB + 1)
        assert processes.get(port, payload.PATH) == (200, payload.SAME)


def test_it_gives_not_a_byte_more(tmp_path: Path) -> None:
    with upstream(tmp_path) as (port, _), closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as client:
        for path, length in (("/bulk/100001", 100_001), (payload.PATH, payload.SIZE)):
            client.request("GET", path)
            assert len(client.getresponse().read()) == length


def test_an_answer_that_is_not_the_right_one_is_no_measurement(tmp_path: Path) -> None:
    with hoarder(tmp_path) as (port, _), pytest.raises(RuntimeError, match="with 501"):
        memory.down(port, memory.MB)
