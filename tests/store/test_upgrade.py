"""From nothing, from an empty file, twice at once; a newer schema is refused; what cannot be used is named."""

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from proxy.store import upgrade as upgrade_module
from proxy.store.errors import StoreError
from proxy.store.tables import SCHEMA
from proxy.store.upgrade import needs_upgrade, upgrade


def execute(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_makes_the_file_for_the_owner_only(url: str, tmp_path: Path) -> None:
    assert needs_upgrade(url)
    assert upgrade(url)
    assert stat.S_IMODE((tmp_path / "strangler.db").stat().st_mode) == 0o600
    assert not needs_upgrade(url)
    assert not upgrade(url)


def test_an_empty_file_is_a_store_to_be(url: str, tmp_path: Path) -> None:
    (tmp_path / "strangler.db").touch()
    assert needs_upgrade(url)
    assert upgrade(url)


def make(path: Path, schema: str) -> None:
    """A store as an earlier strangler made it."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(upgrade_module.__file__).parent / "migrations"))
        command.upgrade(config, schema)
    engine.dispose()


def test_the_first_schema_is_upgraded_and_keeps_its_rows(url: str, tmp_path: Path) -> None:
    make(tmp_path / "strangler.db", "0001")
    execute(tmp_path / "strangler.db", "INSERT INTO meta VALUES ('salt', x'0102')")
    execute(tmp_path / "strangler.db", "INSERT INTO tallies VALUES ('w', 'dropped', 'full', 3, 1.0)")
    assert needs_upgrade(url)
    assert upgrade(url)
    assert not needs_upgrade(url)
    connection = sqlite3.connect(tmp_path / "strangler.db")
    assert connection.execute("SELECT value FROM meta").fetchall() == [(b"\x01\x02",)]
    assert connection.execute("SELECT value FROM tallies").fetchall() == [(3,)]
    assert connection.execute("SELECT count(*) FROM audit").fetchall() == [(0,)]
    connection.close()


def test_two_processes_at_once(url: str) -> None:
    code = f"from proxy.store.upgrade import upgrade; upgrade({url!r})"
    started = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(3)]
    assert [(process.communicate(timeout=50)[1], process.returncode) for process in started] == [(b"", 0)] * 3
    assert not needs_upgrade(url)


def test_a_newer_schema_is_refused(url: str, tmp_path: Path) -> None:
    upgrade(url)
    execute(tmp_path / "strangler.db", "UPDATE alembic_version SET version_num = '9999'")
    for attempt in (upgrade, needs_upgrade):
        with pytest.raises(StoreError, match=f"schema 9999, this strangler knows up to {SCHEMA}"):
            attempt(url)


def test_a_failed_upgrade_leaves_the_file_as_it_was(url: str, tmp_path: Path) -> None:
    execute(tmp_path / "strangler.db", "CREATE TABLE tallies (x)")
    with pytest.raises(StoreError, match="cannot be used"):
        upgrade(url)
    connection = sqlite3.connect(tmp_path / "strangler.db")
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("tallies",)]
    connection.close()


def test_what_is_no_database_is_named(url: str, tmp_path: Path) -> None:
    (tmp_path / "strangler.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="not a database"):
        upgrade(url)


@pytest.mark.parametrize("name", ["missing/strangler.db", "."])
def test_a_path_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        upgrade(f"sqlite:///{tmp_path / name}")


def test_a_locked_file_is_named(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(url)
    execute(tmp_path / "strangler.db", "UPDATE alembic_version SET version_num = '0000'")
    monkeypatch.setattr("proxy.store.upgrade._WAIT_MS", 50)
    holder = sqlite3.connect(tmp_path / "strangler.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is locked"):
        upgrade(url)
    holder.close()
