"""The conversation of `strangler plan`."""

import json
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Fill, Run
from tests.config.documents import document, route
from tests.store.made import AMOUNT, inconclusive, record

POST = "matches: [{method: POST, path: {value: /p}}], canary: {weight: 5, hashOn: [client]}"
REST = route("rest", "matches: [{path: {value: /r}}]")


@pytest.fixture
def tables(tmp_path: Path) -> tuple[str, str]:
    """The same but for a step from shadow to canary 5."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(document(route("create-payment", POST, stage="shadow"), REST))
    new.write_text(document(route("create-payment", POST, stage="canary"), REST))
    return str(old), str(new)


def test_who_moves_with_traffic_and_evidence(run: Run, fill: Fill, tables: tuple[str, str]) -> None:
    now = time.time()
    fill(
        record("1", at=now), record("2", AMOUNT, at=now), record("3", route="rest", at=now), record("4", at=now - 9000)
    )
    done = run("plan", *tables, "--gate")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{tables[0]} (table ")
    assert lines[1:6] == [
        "create-payment  POST",
        "  shadow -> canary 5",
        "  writes: legacy old 100 % -> 95 %, candidate new 0 % -> 5 %",
        "  66.7 % of the shadowed exchanges (POST 2); 3 exchanges compared ever",
        "1 route changes, 0 dangers",
    ]
    assert lines[6].startswith("Traffic: the store holds exchanges that were shadowed, and no others")
    assert lines[6].endswith(" UTC: 3.")
    assert "(POST 3)" in run("plan", *tables, "--since", "3h").stdout


def test_no_evidence_is_flagged_and_fails_the_gate(run: Run, fill: Fill, tables: tuple[str, str]) -> None:
    fill(inconclusive("1", at=time.time()))
    done = run("plan", *tables)
    assert done.exit_code == 0
    assert "DANGER write-without-evidence" in done.stdout
    assert "(POST 1); 0 exchanges compared ever" in done.stdout
    assert run("plan", *tables, "--gate").exit_code == 1
    assert run("plan", *reversed(tables), "--gate").exit_code == 0, "the way back needs none"


def test_without_a_store_it_says_that_nothing_is_known(run: Run, tables: tuple[str, str]) -> None:
    done = run("plan", *tables)
    assert done.exit_code == 0
    assert done.stderr.startswith("warning: neither traffic nor evidence is known: there is no store")
    assert "DANGER write-without-evidence" in done.stdout
    assert "Traffic" not in done.stdout
    assert run("plan", *tables, "--gate").exit_code == 1


def test_other_dangers_do_not_fail_the_gate(run: Run, fill: Fill, tables: tuple[str, str], tmp_path: Path) -> None:
    fill(record("1", at=time.time()))
    jump = tmp_path / "jump.yaml"
    jump.write_text(document(route("create-payment", POST, stage="candidate"), REST))
    done = run("plan", tables[0], str(jump), "--gate")
    assert done.exit_code == 0
    assert "DANGER weight-jump" in done.stdout


def test_nothing_moves(run: Run, fill: Fill, tables: tuple[str, str]) -> None:
    fill(record("1"))
    assert "\nno route changes\n" in run("plan", tables[0], tables[0]).stdout


def test_for_programs(run: Run, fill: Fill, tables: tuple[str, str]) -> None:
    fill(record("1", at=time.time()))
    found = json.loads(run("plan", *tables, "--json").stdout)
    assert (found["schemaVersion"], found["old"]["file"], found["new"]["name"]) == (1, tables[0], "t")
    (move,) = found["moves"]
    assert (move["route"], move["writes"], move["flags"]) == ("create-payment", {"before": 100.0, "after": 95.0}, [])
    assert found["traffic"]["exchanges"] == 1
    assert found["traffic"]["since"].endswith("Z")
    assert found["traffic"]["routes"][0]["methods"] == [{"method": "POST", "exchanges": 1, "compared": 1}]


def test_a_table_that_is_invalid_or_not_there(run: Run, tables: tuple[str, str], tmp_path: Path) -> None:
    Path(tables[1]).write_text("kind: RouteTable\n")
    done = run("plan", *tables)
    assert (done.exit_code, done.stdout, "apiVersion" in done.stderr) == (2, "", True)
    assert run("plan", tables[0], str(tmp_path / "none.yaml")).exit_code == 2
    assert run("plan", tables[0], tables[0], "--since", "soon").exit_code == 2
