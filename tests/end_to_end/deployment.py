"""A whole deployment as real processes: a primary, a shadow in a given state, and `strangler serve` between."""

import json
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.files import ROOT
from tests.support.polling import wait_until
from tests.support.ports import free_port
from tests.support.process import Process, Processes

ROUTES = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: unharmed}}
spec:
  defaults: {{compare: json, timeouts: {{connect: 1s, request: 3s, idle: 3s}}}}
  backends:
    - {{name: monolith, url: "http://127.0.0.1:{primary}", effects: live}}
    - {{name: payments, url: "http://127.0.0.1:{shadow}", effects: live}}
  comparePolicies: [{{name: json, contentTypes: [application/json], headers: {{include: [content-type]}}}}]
  routes:
    - name: all
      stage: {stage}
      matches: [{{path: {{type: PathPrefix, value: /}}}}]
      backendRefs: {{legacy: monolith, candidate: payments}}
      shadow: {{percent: 100, timeout: 2s, maxBody: 1Mi, maxInFlight: 50}}
"""


@dataclass
class Deployment:
    """Where things are. `folder` holds the store in a folder of its own, `store/`."""

    folder: Path
    port: int
    admin: int
    serve: Process

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder / 'store' / 'strangler.db'}"

    def status(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/api/v1/status", timeout=5) as answer:
            document: dict[str, Any] = json.load(answer)
            return document

    def metric(self, name: str, **labels: str) -> int:
        """The sum of the series of `name` that have these labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        found = [line for line in lines if line.startswith(name + "{") and all(label in line for label in wanted)]
        return sum(int(float(line.rsplit(" ", 1)[1])) for line in found)

    def pid(self, role: str) -> int:
        """The process of this role that is up now, or 0."""
        pids = [each["pid"] for each in self.status()["processes"] if each["role"] == role and each["pid"]]
        return int(pids[0]) if pids else 0


def origin(run_process: Processes, mode: str = "right") -> int:
    """Starts an origin server; its port."""
    port = free_port()
    script = ROOT / "tests" / "end_to_end" / "origin.py"
    run_process(
        [sys.executable, script, "--port", str(port), "--mode", mode], lambda process: "listening" in process.stdout
    )
    return port


def deploy(run_process: Processes, folder: Path, primary: int, shadow: int, *, stage: str = "shadow") -> Deployment:
    """Starts `strangler serve` and waits until it is ready."""
    (folder / "store").mkdir(parents=True)
    routes = folder / "routes.yaml"
    routes.write_text(ROUTES.format(primary=primary, shadow=shadow, stage=stage))
    port, admin = free_port(), free_port()
    command = [
        *(sys.executable, "-m", "proxy", "serve", "-c", str(routes), "--workers", "1"),
        *("--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"),
        *("--store", f"sqlite:///{folder / 'store' / 'strangler.db'}"),
    ]
    serve = run_process(command, lambda process: "carries payments on" in process.stderr, timeout=30)
    deployment = Deployment(folder, port, admin, serve)
    if stage == "shadow":
        eventually(lambda: _is_shadowing(deployment), "a copy has come out of the channel")
    return deployment


def _is_shadowing(deployment: Deployment) -> bool:
    talk(deployment.port, b"GET /warm HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    return deployment.metric("strangler_shadow_total") > 0


def talk(port: int, wire: bytes) -> bytes:
    """Sends one request that ends with `Connection: close`, and reads all that comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(wire)
        answer = b""
        while data := connection.recv(1 << 16):
            answer += data
        return answer


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Waits, and asks again while the admin API is away."""

    def holds() -> bool:
        try:
            return condition()
        except (urllib.error.URLError, OSError):
            return False

    wait_until(holds, what, 20)
