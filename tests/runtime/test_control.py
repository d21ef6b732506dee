"""The control process, over its link and over HTTP."""

import asyncio
import json
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from proxy.control.asks import Changed
from proxy.control.client import Refusal, send
from proxy.control.state import ProcessState, ProcessStatus, Role, StatusDocument
from proxy.runtime.link import Ask, Status, Stop, Told
from tests.end_to_end.deployment import eventually
from tests.runtime.children import Spawned, listening, port_of, ready, start
from tests.support.ports import listens

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def document(version: str) -> str:
    worker = ProcessStatus(Role.WORKER, 0, 1, ProcessState.ACCEPTING, 0, "abc", NOON)
    return StatusDocument(version=version, started_at=NOON, processes=(worker,)).to_json().decode()


@dataclass
class Control:
    """The running process, and where it listens."""

    child: Spawned
    port: int

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                code: int = answer.status
                return code
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def version(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/status", timeout=5) as answer:
            return str(json.load(answer)["version"])


@pytest.fixture
async def control(tmp_path: Path) -> AsyncIterator[Control]:
    with listening() as admin:
        port, first = port_of(admin), start(tmp_path, admin)
        async with ready("control", first, tmp_path, admin) as child:
            admin.close()
            yield Control(child, port)


async def test_it_serves_what_it_was_told_last(control: Control) -> None:
    assert (control.status("/healthz"), control.status("/readyz")) == (200, 503)
    assert control.version() == "1.2.3"
    control.child.link.send(Status(document("told")))
    eventually(lambda: control.version() == "told", "the document is served")
    assert control.status("/readyz") == 200
    control.child.link.send(Status(document("told again")))
    eventually(lambda: control.version() == "told again", "the next one is served")


async def test_what_is_no_status_changes_nothing_and_it_goes_on_listening(control: Control) -> None:
    control.child.link.send(Status(document("told")))
    control.child.link.send(Status('{"version": 5}'))
    control.child.link.send(Status(document("told after")))
    eventually(lambda: control.version() == "told after", "the next document is served")
    assert control.child.stderr.read_text().count("a status document is not taken, the last one stands") == 1


async def test_a_change_is_asked_of_the_supervisor_and_its_answer_given_back(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("0123456789abcdef\n")
    with listening() as admin:
        first = msgspec.structs.replace(start(tmp_path, admin), token_file=str(tmp_path / "token"))
        url = f"http://127.0.0.1:{port_of(admin)}"
        async with ready("control", first, tmp_path, admin) as child:
            asking = asyncio.create_task(
                asyncio.to_thread(send, url, "POST", "/api/v1/reload", b"{}", "0123456789abcdef", Changed)
            )
            ask = await child.hear(Ask)
            assert (ask.what, ask.body) == ("reload", "{}")
            child.link.send(Told(ask.number, 200, '{"hash":"ab","changed":true}'))
            assert (await asking)[0] == Changed("ab", True)


async def test_without_a_token_nothing_can_be_changed(control: Control) -> None:
    url = f"http://127.0.0.1:{control.port}"
    with pytest.raises(Refusal, match="was started without a token"):
        await asyncio.to_thread(send, url, "POST", "/api/v1/reload", b"{}", "0123456789abcdef", Changed)


async def test_it_ends_with_clients_that_hold_their_connections(control: Control) -> None:
    with socket.create_connection(("127.0.0.1", control.port), timeout=5) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(1)
        control.child.link.send(Stop(1.0))
        assert await control.child.ended() == 0
    assert not listens(control.port)
    assert control.child.stderr.read_text() == ""
