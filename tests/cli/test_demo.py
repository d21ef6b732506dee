"""The conversation of `strangler demo`, but for its course; that is in end_to_end/test_demo.py."""

import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from examples import traffic
from examples.planted import PLANTED
from proxy.cli.demo import command
from proxy.runtime import demo
from proxy.store.record import Tally
from tests.cli.conftest import Fill
from tests.store.made import AMOUNT, NOON, record
from tests.support.files import ROOT
from tests.support.polling import wait_until
from tests.support.process import Processes


@pytest.mark.parametrize("arguments", [["--requests", "39"], ["--requests", "100001"], ["--requests", "many"]])
def test_a_usage_error(arguments: list[str]) -> None:
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2
    assert "Invalid value for '--requests'" in done.stderr


def test_what_cannot_be_started_is_one_line_and_exit_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(command, [], env={"DJANGO_SETTINGS_MODULE": "nowhere"})
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.splitlines()[0] == "==> preparing the payments database"
    (line,) = done.stderr.splitlines()[1:]
    assert line.startswith("error: the migration of ")
    assert "No module named 'nowhere'" in line


@pytest.mark.parametrize("unexpected", [0, 1])
def test_a_report_of_something_else_is_exit_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_url: str, fill: Fill, unexpected: int
) -> None:
    """The servers and the traffic are stood in for; the store, the report and the judgement are real."""
    monkeypatch.chdir(tmp_path)
    fill(record("x-0", AMOUNT), tallies=[Tally("worker-0:1", NOON, (("dropped", "channel-full", 3),))])

    @asynccontextmanager
    async def running(*_: object) -> AsyncIterator[demo.Running]:
        yield demo.Running("", "", "", "", store_url, tmp_path)

    async def nothing(*_: object, **__: object) -> None: ...

    async def drive(*_: object, **__: object) -> traffic.TrafficSummary:
        surprises = ("GET /v1: 500 instead of 200",) * unexpected
        return traffic.TrafficSummary(40, unexpected, ((200, 40 - unexpected),), surprises)

    monkeypatch.setattr(demo, "running", running)
    monkeypatch.setattr(demo, "settled", nothing)
    monkeypatch.setattr(traffic, "drive", drive)
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 1
    assert f"0 of {len(PLANTED)} planted mistakes found" in done.stdout
    assert done.stdout.count("  MISSED  ") == len(PLANTED)
    assert "  NOT PLANTED  create-payment $.lines[*].amount value\n" in done.stdout
    assert "  NOT COMPARED  3 dropped: channel-full\n" in done.stdout
    assert "and no other finding." not in done.stdout
    assert ("unexpected: GET /v1: 500 instead of 200" in done.stderr) is bool(unexpected)


def started_by(folder: Path) -> list[str]:
    """The processes whose environment names this folder's database."""
    wanted = f"STRANGLER_DEMO_DATABASE={folder}".encode()
    return [path.parent.name for path in Path("/proc").glob("[0-9]*/environ") if wanted in _read(path)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="what is left behind is found through /proc")
def test_sigterm_ends_all_that_was_started(run_process: Processes, tmp_path: Path) -> None:
    process = run_process(
        [sys.executable, "-m", "proxy", "demo"],
        lambda process: len(started_by(tmp_path)) >= 2 and "starting the monolith" in process.stderr,
        timeout=30,
        environment={"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
    )
    process.signal(signal.SIGTERM)
    assert process.wait(20) == 0
    wait_until(lambda: started_by(tmp_path) == [], "nothing is left")
    assert "Traceback" not in process.stderr
