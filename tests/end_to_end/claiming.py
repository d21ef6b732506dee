"""Two ledgers that remember what they executed, a strangler before them, and what may never be true of both together.

Law of this file: a ledger executes a write at most once for each key, as a payment system does, and remembers every
request that reached it; what must hold is asked of the ledgers, never of the strangler.
"""

import base64
import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.polling import wait_until
from tests.support.ports import free_port
from tests.support.process import Process, Processes

SYSTEMS = ("legacy", "candidate")
ROUTES = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: claims}}
spec:
  defaults:
    timeouts: {{connect: 300ms, request: 600ms, idle: 5s}}
    pin: {{key: ["header:Idempotency-Key", "body:$.key"], scope: "jwt:sub", ttl: 1h}}
  backends:
    - {{name: monolith, url: "http://127.0.0.1:{legacy}"}}
    - {{name: payments, url: "http://127.0.0.1:{candidate}"}}
  entities:
    - name: payment
      place: ["/v1/payments/{{id}}", "/v2/payments/{{id}}", $.id]
      pattern: "pay_[a-z0-9_]+"
      aliases: [$.psp]
  groups:
    - {{name: all, stage: {stage}, canary: {{weight: {weight}, hashOn: ["jwt:sub"]}}}}
  routes:
    - name: create
      group: all
      matches: [{{method: POST, path: {{type: Exact, value: /v1/payments}}}}]
      backendRefs: {{legacy: monolith, candidate: payments}}
    - name: rest
      group: all
      matches: [{{path: {{type: PathPrefix, value: /}}}}]
      backendRefs: {{legacy: monolith, candidate: payments}}
"""


@dataclass
class Ledger:
    """One system. `executed`: how often each key was; `entities`: what it has created; `strangers`: ids that it was
    asked about and does not have. `silent`: it takes requests and answers nothing.
    """

    name: str
    port: int
    executed: Counter[str] = field(default_factory=Counter)
    entities: set[str] = field(default_factory=set)
    strangers: list[str] = field(default_factory=list)
    silent: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        ledger = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                ledger.serve(self)

            do_GET = do_POST

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Nobody listens any more; kept connections end with their next request."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def is_up(self) -> bool:
        return self._server is not None

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", "0")))
        if not self.is_up:
            request.close_connection = True
            return
        said: dict[str, Any] = json.loads(body) if body else {}
        answer = self._done(request, said)
        if self.silent:
            request.close_connection = True
            return
        content = json.dumps(answer).encode()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def _done(self, request: BaseHTTPRequestHandler, said: dict[str, Any]) -> dict[str, str]:
        with self.lock:
            key = request.headers.get("Idempotency-Key") or said.get("key")
            if key is not None:
                self.executed[f"{merchant_of(request.headers['Authorization'])}/{key}"] += 1
            named = next((part for part in request.path.split("/") if part.startswith("pay_")), None)
            psp = said.get("psp")
            if named is None and psp is None:
                new = f"pay_{key}_{merchant_of(request.headers['Authorization'])}"
                self.entities |= {new, f"{new}_psp"}
                return {"id": new, "psp": f"{new}_psp", "by": self.name}
            if (named or psp) not in self.entities:
                self.strangers.append(str(named or psp))
            return {"by": self.name, **({"id": named} if named else {})}


def token(merchant: str, nonce: int) -> str:
    """Another one each time, of the same merchant."""
    claims = base64.urlsafe_b64encode(json.dumps({"sub": merchant, "n": nonce}).encode()).decode().rstrip("=")
    return f"Bearer e30.{claims}.{nonce}"


def merchant_of(authorization: str) -> str:
    part = authorization.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["sub"])


@dataclass
class Answered:
    """`by`: the system that answered; None: the strangler's own answer, of the type `problem`, or none at all."""

    status: int
    by: str | None
    problem: str
    id: str | None = None


class Strangler:
    """One strangler before two ledgers."""

    def __init__(self, processes: Processes, folder: Path, workers: int = 2) -> None:
        self.legacy, self.candidate = (Ledger(name, free_port()) for name in SYSTEMS)
        for ledger in (self.legacy, self.candidate):
            ledger.start()
        self._folder, self._nonce = folder, 0
        (folder / "store").mkdir(parents=True)
        self.port, self._admin = free_port(), free_port()
        self.write("legacy")
        command = [
            *(sys.executable, "-m", "proxy", "serve", "-c", str(folder / "routes.yaml"), "--workers", str(workers)),
            *("--listen", f"127.0.0.1:{self.port}", "--admin", f"127.0.0.1:{self._admin}", "--store", self.store),
        ]
        ready = "carries payments on"
        self.process: Process = processes(command, lambda process: ready in process.stderr, timeout=60)
        self.reached("legacy")

    @property
    def store(self) -> str:
        return f"sqlite:///{self._folder / 'store' / 'strangler.db'}"

    def ledger(self, name: str) -> Ledger:
        return self.legacy if name == "legacy" else self.candidate

    def write(self, stage: str, weight: float = 50.0, *, breaking: bool = False) -> None:
        text = ROUTES.format(legacy=self.legacy.port, candidate=self.candidate.port, stage=stage, weight=f"{weight:g}")
        if breaking:
            self._nonce += 1
            note = f"# strangler: flipped all legacy -> {stage} by test at 2026-01-01T00:00:{self._nonce % 60:02}Z"
            text = f'{note} breaking the glass: "test {self._nonce}"\n{text}'
        draft = self._folder / "draft.yaml"
        draft.write_text(text)
        os.replace(draft, self._folder / "routes.yaml")

    def flip(self, stage: str, weight: float = 50.0) -> None:
        """In force in every worker when it returns."""
        self.write(stage, weight, breaking=True)
        self.reached(stage, weight)

    def reached(self, stage: str, weight: float = 50.0) -> None:
        def there() -> bool:
            try:
                status = self.status()
            except (OSError, HTTPException, ValueError):
                return False
            workers = [each for each in status["processes"] if each["role"] == "worker"]
            routes = [each for each in status["routes"] if each["stage"] == stage]
            wanted = stage != "canary" or all(each["weight"] == weight for each in routes)
            table = status["table"]["hash"]
            return wanted and len(routes) == 2 and all(each["tableHash"] == table for each in workers)

        wait_until(there, f"{stage} is in force", 30)

    def status(self) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self._admin, timeout=5)
        connection.request("GET", "/api/v1/status")
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return found

    def kill(self, role: str, index: int = 0) -> None:
        """-9; another one takes its place."""
        for each in self.status()["processes"]:
            if each["role"] == role and each["index"] == index and each["pid"] and each["state"] != "down":
                with suppress(ProcessLookupError):
                    os.kill(each["pid"], signal.SIGKILL)

    def ask(
        self, method: str, path: str, merchant: str, key: str | None = None, said: dict[str, str] | None = None
    ) -> Answered:
        """With a token that nobody has seen before."""
        self._nonce += 1
        headers = {"Authorization": token(merchant, self._nonce), "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        connection = HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, json.dumps(said or {}), headers)
            answer = connection.getresponse()
            content = answer.read()
            document = json.loads(content) if content else {}
            return Answered(answer.status, document.get("by"), document.get("type", ""), document.get("id"))
        except (OSError, HTTPException, ValueError):
            return Answered(0, None, "")
        finally:
            connection.close()

    def complaints(self) -> Iterator[str]:
        """What may never be."""
        both = self.legacy.executed.keys() & self.candidate.executed.keys()
        if both:
            yield f"executed by both systems: {sorted(both)}"
        for ledger in (self.legacy, self.candidate):
            if ledger.strangers:
                yield f"{ledger.name} was asked about what it did not create: {ledger.strangers}"

    def close(self) -> None:
        for ledger in (self.legacy, self.candidate):
            ledger.stop()


@contextmanager
def strangler(processes: Processes, folder: Path, workers: int = 2) -> Iterator[Strangler]:
    found = Strangler(processes, folder, workers)
    try:
        yield found
    finally:
        found.close()
