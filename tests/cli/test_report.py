"""`strangler report` on a real store."""

import json
import time
from pathlib import Path

import pytest

from proxy.store.record import Tally
from tests.cli.conftest import Fill, Run
from tests.store.made import AMOUNT, NOON, inconclusive, record


def test_text(run: Run, fill: Fill) -> None:
    fill(record("1", AMOUNT), record("2"), inconclusive("3"))
    result = run("report")
    assert result.exit_code == 0
    assert "$.lines[*].amount" in result.stdout
    assert "strangler show 1" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("option", [("--json",), ("--format", "json")])
def test_json(run: Run, fill: Fill, option: tuple[str, ...]) -> None:
    fill(record("1", AMOUNT))
    found = json.loads(run("report", *option).stdout)
    assert found["schemaVersion"] == 1
    (route,) = found["report"]["routes"]
    assert (route["route"], route["mismatch"], route["fields"][0]["legacy"]) == ("create-payment", 1, '"10.00"')


def test_one_route_and_since(run: Run, fill: Fill) -> None:
    fill(record("1", AMOUNT), record("2", route="list", at=time.time()))
    assert "create-payment" not in run("report", "list").stdout
    assert "create-payment" not in run("report", "--since", "1h").stdout
    assert "1 exchange on 1 route, since" in run("report", "--since", "1h30m").stdout
    assert "no exchanges on route nope; the last one in this store was at" in run("report", "nope").stdout


def test_bad_duration(run: Run, fill: Fill) -> None:
    fill(record("1"))
    result = run("report", "--since", "soon")
    assert result.exit_code == 2
    assert "--since" in result.stderr


def test_an_empty_store_says_what_to_do_and_what_was_dropped(run: Run, fill: Fill) -> None:
    fill(tallies=[Tally("w", NOON, (("dropped", "channel-full", 4),))])
    result = run("report")
    assert result.exit_code == 0
    assert "no exchanges yet" in result.stdout
    assert "strangler serve" in result.stdout
    assert "channel-full 4" in result.stdout


def test_into_a_file(run: Run, fill: Fill, tmp_path: Path) -> None:
    fill(record("1", AMOUNT))
    assert run("report", "-o", str(tmp_path / "r.txt")).stdout == ""
    assert "$.lines[*].amount" in (tmp_path / "r.txt").read_text()
    assert run("report", "--json", "-o", str(tmp_path / "r.json")).exit_code == 0
    assert json.loads((tmp_path / "r.json").read_text())["schemaVersion"] == 1
    result = run("report", "-o", str(tmp_path / "no" / "r.txt"))
    assert result.exit_code == 3
    assert "cannot be written" in result.stderr
