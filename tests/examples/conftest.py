"""Both systems as real processes on one freshly migrated database, and a plain HTTP client for each."""

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from examples import servers

STARTS_WITHIN = 20.0  # seconds, on a machine busy with other tests; usually it takes half of one


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, its headers as they came, its body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        values = [value.decode() for key, value in self.headers if key.decode().lower() == name]
        return values[0] if values else None


@dataclass(frozen=True, slots=True)
class Client:
    """Asks one system, on a new connection each time."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, path: str, body: object = None, key: str | None = None) -> Answer:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.send(method, path, raw, {} if key is None else {"Idempotency-Key": key})

    def send(self, method: str, path: str, raw: bytes, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, raw or None, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            pairs = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders())
            return Answer(answer.status, pairs, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("examples") / "payments.db"
    servers.prepare(path)
    return path


@pytest.fixture(scope="session")
def monolith(database: Path) -> Iterator[Client]:
    with started(servers.MONOLITH, database) as client:
        yield client


@pytest.fixture(scope="session")
def service(database: Path) -> Iterator[Client]:
    with started(servers.SERVICE, database) as client:
        yield client


@contextmanager
def started(application: str, database: Path) -> Iterator[Client]:
    port = _free_port()
    process = subprocess.Popen(
        servers.command(application, port), cwd=servers.ROOT, env=servers.environment(database), stderr=subprocess.PIPE
    )
    try:
        yield _until_healthy(Client(port), process)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _until_healthy(client: Client, process: subprocess.Popen[bytes]) -> Client:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"it ended at once: {process.communicate()[1].decode()[-2000:]}")
        try:
            if client.call("GET", "/healthz").status == 200:
                return client
        except OSError:
            time.sleep(0.02)
    pytest.fail(f"not healthy within {STARTS_WITHIN} s")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
