"""`strangler report` on a real store."""

import json
import re
import time
from pathlib import Path

import pytest

from proxy.store.record import COPIES, TAKEN, Tally
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
    assert "no exchanges on route nope; this store has them on create-payment, list." in run("report", "nope").stdout
    said = run("report", "create-payment", "--since", "1h").stdout
    assert said.startswith("no exchanges on route create-payment since ")
    assert said.endswith("; the last one was at 2023-11-15 12:00:00 UTC.\n")


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


def test_since_is_said_as_it_is_counted(run: Run, fill: Fill) -> None:
    fill(record("1", at=time.time()))
    assert re.search(r"since 2\d{3}-\d\d-\d\d \d\d:\d\d:00 UTC", run("report", "--since", "90s").stdout)
    result = run("report", "--since", "99999999h")
    assert result.exit_code == 0
    assert "1 exchange on 1 route, since 1970-01-01 00:00:00 UTC" in result.stdout


def test_the_span_of_one_route_is_its_own(run: Run, fill: Fill) -> None:
    fill(record("1", at=NOON), record("2", route="list", at=NOON + 7), record("3", route="list", at=NOON + 190))
    assert "2023-11-15 12:00:07 to 12:03:10 UTC" in run("report", "list").stdout


def test_copies_that_nobody_can_tell_of_are_told(run: Run, fill: Fill) -> None:
    taken = Tally("worker", NOON, ((COPIES, TAKEN, 5), ("dropped", "channel-down", 3)))
    fill(tallies=[taken])
    words = "neither compared nor counted: lost with a process that was killed, or still on the way"
    said = run("report").stdout
    assert "channel-down 3" in said
    assert f"5 copies were taken and {words}" in said
    fill(record("1"), record("2"), record("3"), record("4"))
    assert f"1 copy was taken on all routes and {words}" in " ".join(run("report", "create-payment").stdout.split())
    assert json.loads(run("report", "--json").stdout)["report"]["unaccounted"] == 1


def test_the_format_has_a_variable_of_its_own(run: Run, fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(record("1"))
    monkeypatch.setenv("STRANGLER_FORMAT", "github")
    assert run("report").exit_code == 0
    monkeypatch.setenv("STRANGLER_REPORT_FORMAT", "json")
    assert json.loads(run("report").stdout)["schemaVersion"] == 1


def test_into_a_file(run: Run, fill: Fill, tmp_path: Path) -> None:
    fill(record("1", AMOUNT))
    assert run("report", "-o", str(tmp_path / "r.txt")).stdout == ""
    assert "$.lines[*].amount" in (tmp_path / "r.txt").read_text()
    assert run("report", "--json", "-o", str(tmp_path / "r.json")).exit_code == 0
    assert json.loads((tmp_path / "r.json").read_text())["schemaVersion"] == 1
    result = run("report", "-o", str(tmp_path / "no" / "r.txt"))
    assert result.exit_code == 3
    assert "cannot be written" in result.stderr
