"""The database is made by the monolith's migrations, which are complete; what is wrong is said in one line."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from examples import servers


def test_prepare_twice_is_prepare_once(database: Path) -> None:
    servers.prepare(database)
    with sqlite3.connect(database) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    assert mode == "wal"


def test_the_committed_migrations_are_those_of_the_models(database: Path) -> None:
    command = [sys.executable, "-m", "examples.monolith", "makemigrations", "--check", "--dry-run"]
    done = subprocess.run(
        command, cwd=servers.ROOT, env=servers.environment(database), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_a_database_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(servers.PrepareError, match="unable to open database file"):
        servers.prepare(tmp_path / "no" / "such" / "folder.db")


@pytest.mark.parametrize("application", [servers.MONOLITH, servers.SERVICE])
def test_without_a_database_a_system_says_so_and_does_not_start(application: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "STRANGLER_DEMO_DATABASE"}
    done = subprocess.run(
        servers.command(application, 0), cwd=servers.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "set STRANGLER_DEMO_DATABASE to the path of" in done.stderr
