"""The peers in .cache/envs hand on the true answer, and those that mirror do so; one that is not there is skipped."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks import lane as lanes
from benchmarks import payload, processes
from benchmarks.contestant import Contestant
from benchmarks.contestants import envoy, mitmproxy, traefik
from tests.support.polling import wait_until

PEERS = [
    (traefik.PLAIN, traefik.BINARY, False),
    (traefik.MIRROR, traefik.BINARY, True),
    (mitmproxy.PLAIN, mitmproxy.BINARY, False),
    (envoy.PLAIN, envoy.BINARY, False),
    (envoy.MIRROR, envoy.BINARY, True),
]
LOOKED_FOR = "/v1/looked-for"


class Origin(ThreadingHTTPServer):
    """Answers every GET with the payment, and remembers what was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Origin

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        self.send_response(200)
        self.send_header("Content-Length", str(payload.SIZE))
        self.end_headers()
        self.wfile.write(payload.SAME)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def origins() -> Iterator[tuple[Origin, Origin]]:
    both = Origin(), Origin()
    yield both
    for each in both:
        each.shutdown()
        each.server_close()


@pytest.mark.parametrize(("contestant", "binary", "mirrors"), PEERS, ids=[each[0].name for each in PEERS])
def test_a_peer_hands_on_what_is_asked_for(
    tmp_path: Path, origins: tuple[Origin, Origin], contestant: Contestant, binary: Path, mirrors: bool
) -> None:
    if not binary.exists():
        pytest.skip(f"{contestant.name} is not in .cache/envs; `make bench` puts it there")
    legacy, candidate = origins
    with lanes.opened(contestant, tmp_path, legacy.server_port, candidate.server_port) as lane:
        assert processes.get(lane.scene.port, LOOKED_FOR) == (200, payload.SAME)
        asked = LOOKED_FOR, f"127.0.0.1:{lane.scene.port}"
        assert asked in legacy.asked
        if mirrors:
            wait_until(lambda: LOOKED_FOR in [path for path, _ in candidate.asked], "the copy has come")
        else:
            assert candidate.asked == []
