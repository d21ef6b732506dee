"""`strangler owners` on real claims."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proxy.claims.keys import Digests
from proxy.messages import System
from proxy.store.claims import load_owners
from proxy.store.url import claims_url
from tests.cli.conftest import Run
from tests.support.claims import opened

IMPORT = ("--entity", "payment", "--system", "legacy", "--backend", "monolith", "--reason", "from before")
MOVE = ("owners", "move", "--entity", "payment", "--to", "candidate", "--backend", "payments", "--reason", "migrated")


@pytest.fixture
def ids(tmp_path: Path) -> str:
    (tmp_path / "key").write_bytes(b"s" * 32)
    (tmp_path / "ids").write_bytes(b"pay_1\n pay_2 \n\npay_3")
    return str(tmp_path / "ids")


@pytest.fixture
def owner(store_url: str) -> Callable[[str], System]:
    def found(name: str) -> System:
        digest = Digests(b"s" * 32).id("payment", name.encode())
        with opened(claims_url(store_url)) as store:
            return store.within(lambda transaction: load_owners(transaction, [digest]))[digest].system

    return found


def status(run: Run) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run("owners", "status", "--json").stdout)["owners"]
    return found


def test_import_and_move(run: Run, ids: str, tmp_path: Path, owner: Callable[[str], System]) -> None:
    key = ("--redaction-key-file", str(tmp_path / "key"))
    dry = run("owners", "import", ids, *IMPORT, *key, "--dry-run")
    assert (dry.exit_code, "3 payment would be legacy's" in dry.stdout) == (0, True), dry.output
    assert run("owners", "import", ids, *IMPORT, *key).exit_code == 0
    assert [owner(name) for name in ("pay_1", "pay_2", "pay_3")] == ["legacy"] * 3
    again = run("owners", "import", ids, *(word.replace("legacy", "candidate") for word in IMPORT), *key)
    assert (again.exit_code, "3 are the other's" in again.stdout) == (1, True)
    assert [row["ids"] for row in status(run)] == [3]
    assert run(*MOVE, "--before", "2020-01-01").stdout == "0 payment are candidate's\n"
    assert run(*MOVE, "--before", "2999-01-01", "--dry-run").stdout == "3 payment would be candidate's\n"
    assert run(*MOVE, "--before", "2999-01-01T00:00:00Z").stdout == "3 payment are candidate's\n"
    assert owner("pay_2") == "candidate"
    assert [(row["system"], row["backend"]) for row in status(run)] == [("candidate", "payments")]
    assert (tmp_path / "strangler.db.claims.imported").exists()
    listed = run("audit", "list").stdout
    assert "owners-imported" in listed
    assert "owners-moved" in listed


def test_status_without_claims_ends_with_3(run: Run) -> None:
    assert run("owners", "status").exit_code == 3
