"""The tables of the code are the tables that the migrations make, on each database."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from proxy.store import upgrade as upgrade_module
from proxy.store.connecting import upgrading_engine_of
from proxy.store.tables import SCHEMA, metadata
from proxy.store.upgrade import upgrade
from proxy.store.url import parse_url
from tests.store.databases import execute, needs


def engine(url: str) -> AsyncEngine:
    return upgrading_engine_of(parse_url(url))


async def test_migrations_lead_to_the_tables(url: str) -> None:
    await upgrade(url)

    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata)

    async with engine(url).connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_keys_and_layout_are_the_same(url: str) -> None:
    """Autogenerate does not look at primary keys, and WITHOUT ROWID."""

    def keys(connection: Connection) -> object:
        found, statements = inspect(connection), set()
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
            statements = {" ".join(sql.split()) for (sql,) in rows}
        return statements, {name: found.get_pk_constraint(name)["constrained_columns"] for name in metadata.tables}

    async with engine(url).connect() as connection:
        await connection.run_sync(metadata.create_all)
        made = await connection.run_sync(keys)
        await connection.run_sync(metadata.drop_all)
        await connection.commit()
    await upgrade(url)
    await execute(url, "DROP TABLE alembic_version")
    async with engine(url).connect() as connection:
        assert await connection.run_sync(keys) == made


async def test_text_is_compared_byte_by_byte_in_mysql(url: str) -> None:
    needs(url, "mysql")
    await execute(url, f"ALTER DATABASE {url.rpartition('/')[2]} CHARACTER SET latin1")
    await upgrade(url)
    rows = await execute(
        url,
        "SELECT DISTINCT collation_name FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND collation_name IS NOT NULL AND table_name <> 'alembic_version'",
    )
    assert rows == [("utf8mb4_bin",)]


def test_the_newest_migration_is_the_schema() -> None:
    assert ScriptDirectory(str(Path(upgrade_module.__file__).parent / "migrations")).get_heads() == [SCHEMA]
