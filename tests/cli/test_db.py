"""`strangler db upgrade`."""

from pathlib import Path

from proxy.store.tables import SCHEMA
from tests.cli.conftest import Run


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
