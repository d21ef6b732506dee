"""`strangler serve` as its processes: which may die, which come back, and how all of them end."""

import asyncio
import errno
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.config.load import loads
from proxy.control.asks import Changed
from proxy.control.client import send
from tests.end_to_end.deployment import ROUTES, Deployment, eventually, origin, talk
from tests.runtime.serving import serve
from tests.support.polling import wait_until
from tests.support.process import Processes, members
from tests.support.wire import exchange, read_request, upstream

CLOSE = b"GET /v1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HALF, REST = OK[:-1], OK[-1:]
TOKEN = "0123456789abcdef"
WORKING = ("accepting", "running")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment with two workers. Tests kill processes of it, and leave it whole."""
    folder = tmp_path_factory.mktemp("pair")
    processes = Processes(folder)
    try:
        port = origin(processes)
        yield serve(
            processes,
            folder / "deployment",
            ROUTES.format(primary=port, shadow=port, stage="legacy"),
            *("--workers", "2"),
        )
    finally:
        processes.close()


def running(deployment: Deployment, role: str) -> dict[int, int]:
    """The process ids of a role by index, of those that do their work."""
    processes = deployment.status()["processes"]
    return {each["index"]: each["pid"] for each in processes if each["role"] == role and each["state"] in WORKING}


def hit(pid: int, number: signal.Signals) -> None:
    """SIGSTOP or SIGKILL, and it has worked."""
    os.kill(pid, number)
    wait_until(lambda: state_of(pid) in "TZX", f"process {pid} has got {number.name}")


def state_of(pid: int) -> str:
    """T: stopped, Z: ended, X: ended and gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def serves(deployment: Deployment) -> bool:
    return talk(deployment.port, CLOSE).startswith(b"HTTP/1.1 200 OK\r\n")


def serves_alone(deployment: Deployment, index: int) -> bool:
    """Whether the worker serves while the other one can't."""
    workers = running(deployment, "worker")
    other = workers[1 - index]
    hit(other, signal.SIGSTOP)
    try:
        return serves(deployment)
    finally:
        os.kill(other, signal.SIGCONT)


def test_each_of_the_workers_serves(pair: Deployment) -> None:
    eventually(lambda: len(running(pair, "worker")) == 2, "the status names two workers")
    assert serves_alone(pair, 0)
    assert serves_alone(pair, 1)


def test_a_worker_that_is_killed_is_replaced_and_the_other_serves_meanwhile(pair: Deployment) -> None:
    eventually(lambda: len(running(pair, "worker")) == 2, "both workers are up")
    assert serves(pair)
    eventually(lambda: pair.metric("strangler_requests_total") > 0, "it is counted")
    counted = pair.metric("strangler_requests_total")
    before = running(pair, "worker")[0]
    hit(before, signal.SIGKILL)
    assert serves(pair)
    eventually(lambda: running(pair, "worker").get(0, before) != before, "another worker is up")
    assert [each["restarts"] for each in pair.status()["processes"] if each["role"] == "worker"] == [1, 0]
    assert serves_alone(pair, 0)
    eventually(lambda: pair.metric("strangler_requests_total") >= counted + 2, "all are counted, the dead one's too")


@pytest.mark.parametrize("role", ["control", "runner"])
def test_others_that_are_killed_are_replaced_and_payments_go_on(pair: Deployment, role: str) -> None:
    eventually(lambda: len(running(pair, role)) == 1, f"the {role} is up")
    before = running(pair, role)[0]
    hit(before, signal.SIGKILL)
    assert serves(pair)
    eventually(lambda: running(pair, role).get(0, before) != before, f"another {role} is up")


def refuses(port: int) -> bool:
    """Whether a client is told at once that nobody is there; one that waits in a backlog is not."""
    with socket.socket() as client:
        client.settimeout(1.0)
        return client.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def is_draining(deployment: Deployment) -> bool:
    """As told by the admin API, which goes on answering."""
    return [each["state"] for each in deployment.status()["processes"] if each["role"] == "worker"] == ["draining"]


async def test_sigterm_lets_a_request_in_flight_finish_and_takes_no_other(
    run_process: Processes, tmp_path: Path
) -> None:
    asked, may = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HALF)
        asked.set()
        await may.wait()
        writer.write(REST)
        await reader.read()

    async with upstream(slow) as server:
        routes = ROUTES.format(primary=server.port, shadow=server.port, stage="legacy")
        deployment = await asyncio.to_thread(serve, run_process, tmp_path / "deployment", routes)
        asking = asyncio.create_task(exchange(deployment.port, CLOSE))
        await asked.wait()
        deployment.serve.signal(signal.SIGTERM)
        await asyncio.to_thread(wait_until, lambda: refuses(deployment.port), "new connections are refused")
        later = time.monotonic() + 0.5
        await asyncio.to_thread(eventually, lambda: is_draining(deployment) and time.monotonic() > later, "it drains")
        assert not asking.done()
        assert deployment.serve.returncode is None
        may.set()
        assert await asking == OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        assert await asyncio.to_thread(deployment.serve.wait, 8) == 0
    assert members(deployment.serve.pid) == []
    assert "Traceback" not in deployment.serve.stderr
    assert "killed" not in deployment.serve.stderr


def readyz(deployment: Deployment) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{deployment.admin}/readyz", timeout=5) as answer:
            code: int = answer.status
            return code
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_before_it_ends_it_says_that_it_is_not_ready_and_still_takes_what_comes(
    run_process: Processes, tmp_path: Path
) -> None:
    """A load balancer goes on sending until it has looked; that takes as long as the operator says."""
    port = origin(run_process)
    routes = ROUTES.format(primary=port, shadow=port, stage="legacy")
    deployment = serve(run_process, tmp_path / "deployment", routes, "--shutdown-delay", "1500ms")
    assert readyz(deployment) == 200
    began = time.monotonic()
    deployment.serve.signal(signal.SIGTERM)
    wait_until(lambda: readyz(deployment) == 503, "it is not ready any more")
    assert serves(deployment)
    eventually(lambda: deployment.status()["readiness"]["ready"] is False, "the status says so too")
    assert running(deployment, "worker"), "its worker accepts"
    wait_until(lambda: refuses(deployment.port), "new connections are refused")
    assert time.monotonic() - began >= 1.5
    assert deployment.serve.wait(15) == 0


def test_overrides_survive_a_restart(run_process: Processes, tmp_path: Path) -> None:
    right, wrong = origin(run_process), origin(run_process, "wrong")
    (tmp_path / "token").write_text(TOKEN)
    folder, table = tmp_path / "deployment", ROUTES.format(primary=right, shadow=wrong, stage="legacy")
    first = serve(run_process, folder, table, "--token-file", str(tmp_path / "token"))
    body = b'{"stage": "candidate", "for": "5m", "reason": "why not", "by": "jo"}'
    url = f"http://127.0.0.1:{first.admin}"
    changed, _ = send(url, "POST", "/api/v1/routes/all/override", body, TOKEN, Changed)
    assert b'"10.01"' in talk(first.port, CLOSE)
    assert first.serve.stop() == 0
    again = serve(run_process, folder, table)
    assert b'"10.01"' in talk(again.port, CLOSE)
    assert "warning: 1 overrides are in force; `strangler status` lists them" in again.serve.stderr
    told = again.status()
    assert (told["table"]["hash"], told["overrides"][0]["by"]) == (changed.hash, "jo")
    assert told["table"]["fileHash"] == loads(table).hash


def test_when_the_supervisor_is_killed_its_children_end_by_themselves(run_process: Processes, tmp_path: Path) -> None:
    port = origin(run_process)
    routes = ROUTES.format(primary=port, shadow=port, stage="shadow")
    serving = serve(run_process, tmp_path / "deployment", routes).serve
    assert len(members(serving.pid)) == 4
    serving.signal(signal.SIGKILL)
    wait_until(lambda: members(serving.pid) == [], "worker, runner and control have ended", 10)
    assert serving.wait() == -signal.SIGKILL
    assert "Traceback" not in serving.stderr
