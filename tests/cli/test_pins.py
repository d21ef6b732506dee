"""`strangler pins` on real claims."""

import json
import sqlite3
from pathlib import Path

import pytest

from proxy.store.claims import save_pins
from proxy.store.url import claims_url
from tests.cli.conftest import Run
from tests.store.test_claims import pin
from tests.support.claims import opened


@pytest.fixture
def claimed(store_url: str) -> str:
    rows = {"a": pin("a"), "b": pin("b", "w:1", created=2.0)}
    with opened(claims_url(store_url)) as store:
        store.within(lambda transaction: save_pins(transaction, rows, ()))
    return store_url


def test_show(run: Run, claimed: str) -> None:
    result = run("pins", "show")
    assert result.exit_code == 0
    assert result.stdout.index("secret_b") < result.stdout.index("secret_a")
    found = json.loads(run("pins", "show", "secret_a", "--json").stdout)
    assert found["schemaVersion"] == 1
    assert [row["key"] for row in found["pins"]] == ["a"]
    assert json.loads(run("pins", "show", "--route", "none", "--json").stdout)["pins"] == []


def test_release_is_audited_and_refused_while_a_request_is_on_its_way(run: Run, claimed: str, tmp_path: Path) -> None:
    dry = run("pins", "release", "secret_a", "--reason", "why", "--dry-run")
    assert (dry.exit_code, "would be let go" in dry.stdout) == (0, True)
    assert run("pins", "release", "secret_a", "--reason", "why", "--by", "jo").exit_code == 0
    assert json.loads(run("pins", "show", "secret_a", "--json").stdout)["pins"] == []
    connection = sqlite3.connect(tmp_path / "strangler.db")
    found = connection.execute("SELECT action, actor, subject, reason FROM audit").fetchall()
    connection.close()
    assert found == [("pin-released", "jo", "secret_a", "why")]
    held, gone = (run("pins", "release", f"secret_{name}", "--reason", "why") for name in "ba")
    assert (held.exit_code, "on its way" in held.stderr) == (1, True)
    assert (gone.exit_code, "no such pin" in gone.stderr) == (1, True)


def test_without_claims_it_ends_with_3(run: Run) -> None:
    assert run("pins", "show").exit_code == 3
