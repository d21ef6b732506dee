"""The way from one supervisor to the next: what is handed over, and a successor that does not come up."""

import asyncio
import errno
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.runtime import handover
from proxy.runtime.child import environment
from proxy.runtime.handover import VARIABLE, Successor, inherited
from proxy.runtime.sockets import EnvironmentFault
from tests.runtime.children import listening, port_of


def test_without_a_predecessor_there_is_nothing() -> None:
    assert inherited({"PATH": "/bin"}) is None


def test_what_was_handed_over_is_taken_out_of_the_environment_and_used() -> None:
    ours, theirs = os.pipe()
    os.set_inheritable(theirs, True)
    with listening() as payments, listening() as admin:
        ports = [port_of(payments), port_of(admin)]
        handed = {"listeners": [payments.detach()], "admin": admin.detach(), "ready": theirs}
    environ = {VARIABLE: json.dumps(handed), "PATH": "/bin"}
    found = inherited(environ)
    assert found is not None
    assert environ == {"PATH": "/bin"}
    assert [port_of(each) for each in (*found.listeners, found.admin)] == ports
    assert not os.get_inheritable(theirs), "the workers must not hold it open"
    found.say_ready()
    assert (os.read(ours, 10), os.read(ours, 10)) == (b"\x01", b"")
    os.close(ours)
    for each in (*found.listeners, found.admin):
        each.close()


def test_a_predecessor_that_has_gone_needs_not_be_told() -> None:
    ours, theirs = os.pipe()
    with listening() as payments, listening() as admin:
        handed = {"listeners": [payments.detach()], "admin": admin.detach(), "ready": theirs}
    found = inherited({VARIABLE: json.dumps(handed)})
    assert found is not None
    os.close(ours)
    found.say_ready()
    with pytest.raises(OSError) as raised:
        os.fstat(theirs)
    assert raised.value.errno == errno.EBADF
    for each in (*found.listeners, found.admin):
        each.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "{}",
        '{"listeners": 3, "admin": 4, "ready": 5}',
        '{"listeners": [99999], "admin": 99999, "ready": 99999}',
    ],
)
def test_what_nobody_hands_over_is_a_fault_that_says_what_to_do(text: str) -> None:
    environ = {VARIABLE: text}
    with pytest.raises(EnvironmentFault, match="STRANGLER_HANDOVER is not what a strangler hands over: .* Unset it."):
        inherited(environ)
    assert environ == {}


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    with listening() as payments, listening() as admin:
        yield payments, admin


def begun(
    sockets: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch, *arguments: str, **environ: str
) -> Successor:
    """A successor with this command line."""
    monkeypatch.setattr(sys, "argv", ["strangler", *arguments])
    return Successor(sockets[:1], sockets[1], {**environment(), **environ})


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


async def test_one_that_ends_at_once_carries_no_payments(
    sockets: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    successor = begun(sockets, monkeypatch, "version")
    assert not await successor.carries_payments()
    assert is_gone(successor.pid)
    assert port_of(sockets[0]), "ours is still open"


async def test_one_that_does_not_come_up_in_time_is_ended(
    sockets: tuple[socket.socket, socket.socket], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that sleeps, in place of ours."""
    monkeypatch.setattr(handover, "PATIENCE", 0.2)
    (tmp_path / "proxy").mkdir()
    (tmp_path / "proxy" / "__init__.py").touch()
    (tmp_path / "proxy" / "__main__.py").write_text("import time\ntime.sleep(60)\n")
    successor = begun(sockets, monkeypatch, PYTHONPATH=str(tmp_path))
    assert not is_gone(successor.pid)
    assert not await successor.carries_payments()
    assert is_gone(successor.pid)


async def test_one_that_says_so_does_and_has_the_sockets(
    sockets: tuple[socket.socket, socket.socket], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that answers one connection with its command line, in place of ours."""
    (tmp_path / "proxy").mkdir()
    (tmp_path / "proxy" / "__init__.py").touch()
    (tmp_path / "proxy" / "__main__.py").write_text(
        "import json, os, socket, sys\n"
        "handed = json.loads(os.environ['STRANGLER_HANDOVER'])\n"
        "os.write(handed['ready'], b'\\x01')\n"
        "listener = socket.socket(fileno=handed['listeners'][0])\n"
        "listener.setblocking(True)\n"
        "client, _ = listener.accept()\n"
        "client.sendall(' '.join(sys.argv[1:]).encode())\n"
    )
    successor = begun(sockets, monkeypatch, "serve", "--workers", "1", PYTHONPATH=str(tmp_path))
    assert await successor.carries_payments()
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(sockets[0]))
    assert await reader.read() == b"serve --workers 1"
    writer.close()
    await asyncio.to_thread(successor._process.wait)


async def test_one_that_cannot_be_started_is_an_error_and_leaves_nothing_open(
    sockets: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(FileNotFoundError):
        begun(sockets, monkeypatch, "serve")
    assert len(os.listdir("/proc/self/fd")) == before
