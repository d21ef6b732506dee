"""The law of the house: whatever shadow, channel, runner or store do, the client's bytes are the same."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.deployment import Deployment, deploy, eventually, origin, talk
from tests.support.ports import free_port
from tests.support.process import Processes

CLOSE = b"Host: pay.example\r\nConnection: close\r\n"
CONVERSATION = (
    b"GET /v1/payments/pay_00000001?expand=all HTTP/1.1\r\n" + CLOSE + b"\r\n",
    b"HEAD /v1/payments/pay_00000001 HTTP/1.1\r\n" + CLOSE + b"\r\n",
    b"GET /chunked HTTP/1.1\r\n" + CLOSE + b"\r\n",
    b"GET /empty HTTP/1.1\r\n" + CLOSE + b"\r\n",
    b"GET /missing HTTP/1.1\r\n" + CLOSE + b"\r\n",
    b"GET /odd HTTP/1.1\r\n" + CLOSE + b"\r\n",
    b"GET /big HTTP/1.1\r\n" + CLOSE + b"\r\n",
    b"POST /echo HTTP/1.1\r\n" + CLOSE + b"Content-Length: 5\r\n\r\nhello",
    b"PUT /echo HTTP/1.1\r\n" + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
    b"DELETE /v1/payments/pay_00000001 HTTP/1.1\r\n" + CLOSE + b"\r\n",
)

Trouble = Callable[[Deployment], "contextmanager[None]"]


def conversation(port: int) -> list[bytes]:
    return [talk(port, wire) for wire in CONVERSATION]


def direct(port: int) -> list[bytes]:
    """The same answers without a proxy; the server keeps its connection open, so the client closes it."""
    return [answer.replace(b"\r\nConnection: close", b"") for answer in conversation(port)]


@contextmanager
def _runner_stopped(deployment: Deployment) -> Iterator[None]:
    """The runner hangs, and more comes than the channel may hold."""
    pid = deployment.pid("runner")
    os.kill(pid, signal.SIGSTOP)
    try:
        eventually(lambda: _flood(deployment) > 0, "the channel is full")
        yield
        assert deployment.metric("strangler_dropped_total", reason="channel-full") > 0
    finally:
        os.kill(pid, signal.SIGCONT)


def _flood(deployment: Deployment) -> int:
    for _ in range(20):
        talk(deployment.port, CONVERSATION[6])
    return deployment.metric("strangler_dropped_total", reason="channel-full")


@contextmanager
def _runner_killed(deployment: Deployment) -> Iterator[None]:
    """The runner is killed, and started again by the supervisor."""
    pid = deployment.pid("runner")
    os.kill(pid, signal.SIGKILL)
    yield
    eventually(lambda: deployment.pid("runner") not in (0, pid), "another runner is up")
    eventually(lambda: talk(deployment.port, CONVERSATION[0]) != b"" and _compared(deployment) > 0, "it compares again")


def _compared(deployment: Deployment) -> int:
    return deployment.metric("strangler_comparisons_total", verdict="match")


@contextmanager
def _store_gone(deployment: Deployment) -> Iterator[None]:
    """The store's folder is gone, and cannot be made again."""
    shutil.rmtree(deployment.folder / "store")
    (deployment.folder / "store").write_text("a file where a folder was")
    before = _compared(deployment)
    yield
    eventually(lambda: _compared(deployment) > before, "the runner goes on comparing")
    (deployment.folder / "store").unlink()
    (deployment.folder / "store").mkdir()
    eventually(lambda: (deployment.folder / "store" / "strangler.db").stat().st_size > 0, "what waited is written")


@contextmanager
def _nothing(deployment: Deployment) -> Iterator[None]:
    yield


@contextmanager
def _control_killed(deployment: Deployment) -> Iterator[None]:
    os.kill(deployment.pid("control"), signal.SIGKILL)
    yield


ROWS = {
    "shadow off": ("right", "legacy", _nothing),
    "shadow fast": ("right", "shadow", _nothing),
    "shadow slow": ("slow", "shadow", _nothing),
    "shadow dead": ("dead", "shadow", _nothing),
    "shadow wrong": ("wrong", "shadow", _nothing),
    "shadow garbage": ("garbage", "shadow", _nothing),
    "channel full": ("right", "shadow", _runner_stopped),
    "runner killed": ("right", "shadow", _runner_killed),
    "store gone": ("right", "shadow", _store_gone),
    "control killed": ("right", "shadow", _control_killed),
}


@pytest.mark.parametrize("row", ROWS)
def test_the_clients_bytes_are_the_same(run_process: Processes, tmp_path: Path, row: str) -> None:
    mode, stage, trouble = ROWS[row]
    primary = origin(run_process)
    shadow = free_port() if mode == "dead" else origin(run_process, mode)
    deployment = deploy(run_process, tmp_path / "deployment", primary, shadow, stage=stage)
    expected = [
        answer.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        for answer in (_once(primary, w) for w in CONVERSATION)
    ]
    with trouble(deployment):
        for _ in range(3):
            for wire, answer, wanted in zip(CONVERSATION, conversation(deployment.port), expected, strict=True):
                assert _rechunked(answer) == _rechunked(wanted), wire


def _once(port: int, wire: bytes) -> bytes:
    """One answer of the origin itself, which does not close: read to the end that its framing gives."""
    import socket

    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(wire)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while data := connection.recv(1 << 16):
            answer += data
        return answer


def _rechunked(answer: bytes) -> bytes:
    """Chunk borders are the one thing that a hop may move (RFC 9112, section 7.1): chunked bodies are compared
    decoded.
    """
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"Transfer-Encoding: chunked" not in head:
        return answer
    decoded = b""
    while (line := body.partition(b"\r\n")) and (size := int(line[0], 16)):
        decoded += line[2][:size]
        body = line[2][size + 2 :]
    return head.replace(b"\r\nConnection: close", b"") + b"\r\n\r\n" + decoded
