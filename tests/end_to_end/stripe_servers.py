"""Starts the processes of the real-input test: localstripe servers, and the proxy between them and the SDK.

Law of this file: every process listens on 127.0.0.1 only, is known to answer before it is handed out, and has ended
when its context is left; what it wrote is in a file beside its other files.
"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAUNCHER = Path(__file__).parent / "localstripe_launcher.py"
ROUTES = Path(__file__).parent / "stripe.routes.yaml"
STRANGLER = Path(sys.executable).parent / "strangler"
COMPARED = re.compile(r'^strangler_comparisons_total\{[^}]*route="warm-up"[^}]*\} [1-9]', re.MULTILINE)
START_SECONDS = 40.0
STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running `strangler serve`: where the SDK goes, where the operator goes, and where the findings are."""

    url: str
    admin: str
    store: str


@contextmanager
def localstripe(python: Path, log: Path) -> Iterator[str]:
    """A localstripe with empty books; gives its URL."""
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [str(python), "-I", str(LAUNCHER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            _wait_until(lambda: _status(url, "/v1/products") == 401, process, log)
            yield url
        finally:
            _stop(process)


@contextmanager
def strangler(legacy: str, candidate: str, folder: Path) -> Iterator[Proxy]:
    """The proxy in front of two servers, with a new store in `folder`."""
    listen, admin = _free_address(), _free_address()
    store = f"sqlite:///{folder / 'strangler.db'}"
    command = [str(STRANGLER), "serve", "-c", str(ROUTES), "--listen", listen, "--admin", admin, "--workers", "1"]
    log = folder / "strangler.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, "--store", store],
            env={**os.environ, "LEGACY_URL": legacy, "CANDIDATE_URL": candidate},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait_until(lambda: _status(f"http://{admin}", "/readyz") == 200, process, log)
            _wait_until(lambda: _compares(f"http://{listen}", f"http://{admin}"), process, log)
            yield Proxy(f"http://{listen}", f"http://{admin}", store)
        finally:
            _stop(process)


def report(proxy: Proxy) -> list[dict[str, Any]]:
    """The routes of `strangler report`, as it prints them for programs."""
    command = [str(STRANGLER), "report", "--store", proxy.store, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    routes: list[dict[str, Any]] = json.loads(done.stdout)["report"]["routes"]
    return [route for route in routes if route["route"] != "warm-up"]


def _free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def _status(url: str, path: str) -> int | None:
    return _get(url, path)[0]


def _compares(url: str, admin: str) -> bool:
    """Whether copies are compared by now; asking sends one more. The proxy itself is ready before that, by design."""
    _get(url, "/warm-up")
    return bool(COMPARED.search(_get(admin, "/metrics")[1]))


def _get(url: str, path: str) -> tuple[int | None, str]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return None, ""
    finally:
        connection.close()


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[str] | subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{process.args!r} did not get ready (exit {process.poll()}); it wrote:\n{said}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
