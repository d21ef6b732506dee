"""`strangler audit` on a real store."""

import asyncio
import json
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from proxy.evidence.entry import Entry
from proxy.store.audit import append
from proxy.store.engine import open_store
from tests.cli.conftest import Run
from tests.evidence.made import entry

Log = Callable[..., None]


@pytest.fixture
def log(store_url: str) -> Log:
    """Puts entries into the store's audit log."""

    async def put(entries: tuple[Entry, ...]) -> None:
        await (await open_store(store_url)).close()
        for each in entries:
            await append(store_url, each)

    return lambda *entries: asyncio.run(put(entries))


@pytest.fixture
def meddle(tmp_path: Path) -> Callable[[str], None]:
    def execute(statement: str) -> None:
        connection = sqlite3.connect(tmp_path / "strangler.db")
        with connection:
            connection.execute(statement)
        connection.close()

    return execute


Meddle = Callable[[str], None]


def test_list_shows_the_youngest_first(run: Run, log: Log) -> None:
    log(entry(1), entry(2, action="gate", ticket=None))
    result = run("audit", "list")
    assert result.exit_code == 0
    assert result.stdout == (
        "2  2023-11-15 12:00:02 UTC  gate  create-payment  by alice\n"
        "    0001 → 0002\n"
        "    step 2\n"
        '    {"weight": 5}\n'
        "1  2023-11-15 12:00:01 UTC  flip  create-payment  by alice\n"
        "    0000 → 0001\n"
        "    step 1  (PAY-1)\n"
        '    {"weight": 5}\n'
    )


def test_list_chooses(run: Run, log: Log) -> None:
    now = Entry(time.time() - 3600, "bob", "reload", "routes.yaml", "", None, "", "")
    log(entry(1), entry(2, action="gate"), entry(3, subject="refund"), now)

    def numbers(*options: str) -> list[int]:
        return [each["number"] for each in json.loads(run("audit", "list", "--json", *options).stdout)["entries"]]

    assert numbers() == [4, 3, 2, 1]
    assert numbers("--limit", "2") == [4, 3]
    assert numbers("--action", "gate") == [2]
    assert numbers("--subject", "refund") == [3]
    assert numbers("--since", "7d") == numbers("--since", "1d1h30m") == numbers("--since", "2h") == [4]
    assert numbers("--since", "30m") == []
    assert "no entries" in run("audit", "list", "--since", "30m").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--since", "soon"),
        ("list", "--since", "7"),
        ("list", "--action", "nothing"),
        ("list", "--limit", "0"),
        ("verify", "--head", "abc"),
        ("verify", "--number", "3"),
    ],
)
def test_wrong_use_is_told(run: Run, log: Log, arguments: tuple[str, ...]) -> None:
    log()
    assert run("audit", *arguments).exit_code == 2


def test_verify_says_the_head(run: Run, log: Log) -> None:
    log(entry(1), entry(2))
    result = run("audit", "verify")
    assert (result.exit_code, result.stdout[:26]) == (0, "whole: 2 entries; head 2 " + result.stdout[25])
    head = result.stdout.split()[-1]
    found = json.loads(run("audit", "verify", "--json").stdout)
    assert found == {
        "schemaVersion": 1,
        "whole": True,
        "entries": 2,
        "head": {"number": 2, "hash": head},
        "faultCount": 0,
        "faults": [],
    }
    log(entry(3))
    assert run("audit", "verify", "--head", head).exit_code == 0
    assert run("audit", "verify", "--head", head, "--number", "2").exit_code == 0
    assert run("audit", "verify", "--head", head, "--number", "3").exit_code == 1


def test_verify_names_each_fault(run: Run, log: Log, meddle: Meddle) -> None:
    log(*map(entry, range(1, 7)))
    meddle("UPDATE audit SET reason = 'nothing happened' WHERE number = 2")
    meddle("DELETE FROM audit WHERE number IN (4, 6)")
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "row 2: edited: what it holds does not fit its hash",
        "row 4: deleted: missing",
        "row 6: cut: cut off at the end",
        "NOT WHOLE: 3 faults in 4 entries",
    ]
    found = json.loads(run("audit", "verify", "--json").stdout)
    assert (found["whole"], found["faultCount"]) == (False, 3)
    assert found["faults"][1] == {"number": 4, "last": 4, "kind": "deleted", "why": "missing"}


def test_an_export_is_checked_without_a_store(run: Run, log: Log, tmp_path: Path) -> None:
    log(entry(1), entry(2), entry(3))
    file = tmp_path / "audit.jsonl"
    result = run("audit", "export", "-o", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("whole: 3 entries; head 3 ")
    head = result.stderr.split()[-1]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run("audit", "export").stdout.encode() == file.read_bytes()
    for path in tmp_path.glob("strangler.db*"):
        path.unlink()
    assert run("audit", "verify", "--file", str(file), "--head", head).exit_code == 0
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:2]))
    assert run("audit", "verify", "--file", str(file)).exit_code == 0
    cut = run("audit", "verify", "--file", str(file), "--head", head)
    assert (cut.exit_code, cut.stdout.split(":")[1]) == (1, " unknown-head")
    file.write_text(file.read_text().replace("step 1", "step 8"))
    assert run("audit", "verify", "--file", str(file)).stdout.startswith("row 1: edited: ")


def test_an_export_of_what_is_not_whole_says_so(run: Run, log: Log, meddle: Meddle, tmp_path: Path) -> None:
    log(entry(1), entry(2))
    meddle("UPDATE audit SET actor = x'ff' WHERE number = 1")
    file = tmp_path / "audit.jsonl"
    result = run("audit", "export", "-o", str(file))
    assert result.exit_code == 1
    assert result.stderr.startswith("row 1: edited: it holds what no entry can hold\nNOT WHOLE: 1 fault in 2 entries")
    assert len(file.read_text().splitlines()) == 2
    assert run("audit", "verify", "--file", str(file)).stdout.startswith("row 1: edited")
    assert "1  not an entry" in run("audit", "list").stdout
    assert json.loads(run("audit", "list", "--json").stdout)["entries"][1] == {"number": 1, "damaged": True}


@pytest.mark.parametrize("arguments", [("list",), ("verify",), ("export",), ("verify", "--file", "missing.jsonl")])
def test_what_cannot_be_read_ends_with_3(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("audit", *arguments)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_written_ends_with_3(run: Run, log: Log, tmp_path: Path) -> None:
    log(entry(1))
    result = run("audit", "export", "-o", str(tmp_path / "missing" / "audit.jsonl"))
    assert (result.exit_code, result.stdout) == (3, "")
