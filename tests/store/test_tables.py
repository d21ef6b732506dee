"""The tables of the code are the tables that the migrations make."""

import sqlite3
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from proxy.store import upgrade as upgrade_module
from proxy.store.tables import SCHEMA, metadata
from proxy.store.upgrade import upgrade


def test_migrations_lead_to_the_tables(url: str) -> None:
    upgrade(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_keys_and_layout_are_the_same(url: str, tmp_path: Path) -> None:
    """Autogenerate does not look at primary keys and WITHOUT ROWID; the statements do."""
    upgrade(url)
    engine = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    metadata.create_all(engine)
    engine.dispose()
    assert _statements(tmp_path / "strangler.db") == _statements(tmp_path / "made.db")


def _statements(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'")
        statements = {" ".join(sql.split()) for (sql,) in found}
    connection.close()
    return statements


def test_the_newest_migration_is_the_schema() -> None:
    assert ScriptDirectory(str(Path(upgrade_module.__file__).parent / "migrations")).get_heads() == [SCHEMA]
