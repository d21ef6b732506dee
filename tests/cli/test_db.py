"""`strangler db upgrade`."""

from pathlib import Path

import pytest

from proxy.store.tables import SCHEMA
from tests.cli.conftest import Fill, Run
from tests.store.made import record


def test_makes_then_leaves_alone(run: Run, tmp_path: Path) -> None:
    dry = run("db", "upgrade", "--dry-run")
    assert dry.exit_code == 0
    assert f"would be upgraded to schema {SCHEMA}" in dry.stdout
    assert list(tmp_path.iterdir()) == []
    assert f"is now at schema {SCHEMA}" in run("db", "upgrade").stdout
    assert f"was already at schema {SCHEMA}" in run("db", "upgrade").stdout
    assert f"is already at schema {SCHEMA}" in run("db", "upgrade", "--dry-run").stdout


def test_what_cannot_be_opened(run: Run, tmp_path: Path) -> None:
    result = run("db", "upgrade", "--store", f"sqlite:///{tmp_path}/no/strangler.db")
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1
    assert "cannot be opened" in result.stderr


def test_prune_says_what_goes_and_takes_it(run: Run, fill: Fill) -> None:
    fill(record("1"), record("2"))
    dry = run("db", "prune", "--older-than", "30d", "--dry-run")
    assert dry.stdout.startswith("would be removed: about 2 exchanges from before 20")
    assert run("show", "1").exit_code == 0
    assert run("db", "prune", "--max-bytes", "0").stdout.startswith("removed: about 2 exchanges")
    assert run("show", "1").exit_code == 2
    assert run("db", "prune", "--max-bytes", "20GB").stdout.startswith("nothing is old enough or too much")


@pytest.mark.parametrize("arguments", [(), ("--older-than", "soon"), ("--max-bytes", "much"), ("--max-bytes", "-1")])
def test_prune_asks_for_a_bound(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("db", "prune", *arguments).exit_code == 2


def test_prune_without_a_store(run: Run) -> None:
    assert run("db", "prune", "--older-than", "1d").exit_code == 3
