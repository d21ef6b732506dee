"""The origin and a whole `serve` in front of it, one worker, for all tests of a module.

Law of this file: every bound that a client could meet by being slow on a loaded machine is far away, and a route copies
what it may, so that what is seen is seen with shadowing on.
"""

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.end_to_end.deployment import Deployment, eventually, origin, talk
from tests.support.files import ROOT
from tests.support.ports import free_port
from tests.support.process import Processes

ROUTES = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: clients}}
spec:
  limits: {{bodyBytes: 128Mi}}
  defaults: {{compare: json, timeouts: {{connect: 10s, request: 60s, idle: 60s}}}}
  backends:
    - {{name: monolith, url: "http://127.0.0.1:{primary}", effects: live, pool: {{idleTimeout: 60s}}}}
    - {{name: payments, url: "http://127.0.0.1:{shadow}", effects: live}}
  comparePolicies: [{{name: json, contentTypes: [application/json], headers: {{include: [content-type]}}}}]
  routes:
    - name: all
      stage: {stage}
      matches: [{{path: {{type: PathPrefix, value: /}}}}]
      backendRefs: {{legacy: monolith, candidate: payments}}
      shadow: {{percent: 100, timeout: 2s, maxBody: 256Ki, maxInFlight: 50}}
"""


@dataclass(frozen=True, slots=True)
class Serving:
    """The origin's port, and the proxy that stands in front of it."""

    origin: int
    deployment: Deployment

    @property
    def proxy(self) -> int:
        return self.deployment.port

    @property
    def worker(self) -> int:
        """The process of the one worker."""
        return self.deployment.pid("worker")

    def ask(self, path: str) -> bytes:
        """Asks the origin itself; what is asked under /-/ is not written down."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.origin}/-/{path}", timeout=20) as answer:
            told: bytes = answer.read()
            return told

    def requests(self) -> dict[str, Any]:
        """What the origin has seen since this was asked the last time."""
        read: dict[str, Any] = json.loads(self.ask("requests"))
        return read


@contextmanager
def serving(folder: Path) -> Iterator[Serving]:
    """Starts all of it, every read copied to a second server, and ends all of it."""
    processes = Processes(folder)
    try:
        primary = start_origin(processes)
        deployment = serve(processes, folder, primary, origin(processes), "shadow")
        eventually(lambda: _copied(deployment), "a copy has come out of the channel")
        started = Serving(primary, deployment)
        started.requests()
        yield started
    finally:
        processes.close()


@contextmanager
def in_front_of(folder: Path, primary: int) -> Iterator[Deployment]:
    """The proxy alone, in front of what a test serves on `primary` by itself; nothing is copied."""
    processes = Processes(folder)
    try:
        yield serve(processes, folder, primary, primary, "legacy")
    finally:
        processes.close()


def start_origin(processes: Processes) -> int:
    port = free_port()
    script = ROOT / "tests" / "end_to_end" / "clients_origin.py"
    processes([sys.executable, script, "--port", str(port)], lambda process: "listening" in process.stdout, timeout=30)
    return port


def serve(processes: Processes, folder: Path, primary: int, shadow: int, stage: str) -> Deployment:
    """`python -m proxy serve`, one worker, once it carries traffic."""
    routes = folder / "routes.yaml"
    routes.write_text(ROUTES.format(primary=primary, shadow=shadow, stage=stage))
    port, admin = free_port(), free_port()
    command: list[str | Path] = [
        *(sys.executable, "-m", "proxy", "serve", "-c", routes, "--workers", "1"),
        *("--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"),
        *("--store", f"sqlite:///{folder / 'strangler.db'}"),
    ]
    started = processes(command, lambda process: "carries payments on" in process.stderr, timeout=30)
    return Deployment(folder, port, admin, started)


def _copied(deployment: Deployment) -> bool:
    talk(deployment.port, b"GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    return deployment.metric("strangler_shadow_total") > 0
