"""Bring a store to the schema of this strangler: new, older or already there; a newer one is refused.

Law of this file: one process at a time. Whoever is killed half-way leaves an SQLite file or a PostgreSQL database as it
was; MySQL, which commits each change of a schema by itself, is left with a part, which the next upgrade completes.
"""

import os
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.store.connecting import UPGRADE_MS, engine_of, upgrading_engine_of
from proxy.store.errors import StoreError
from proxy.store.faults import FAULTS, unusable
from proxy.store.tables import SCHEMA, meta
from proxy.store.url import Database, Place, parse_url

SALT: Final = "salt"
WRITER: Final = "writer"
CLAIMS: Final = "claims"
"""Names in `meta`: the salt of the bodies' names, and what writers of evidence and of claims lock on a server."""

SALT_BYTES: Final = 32
_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK: Final = 0x5374_7261_6E67_6C65
"""The number of PostgreSQL's advisory lock."""


async def upgrade(url: str) -> bool:
    """Make the store (a file has mode 0600) and its schema. True if anything was changed. Raises StoreError."""
    place = parse_url(url)
    if place.path is not None:
        _touch(place.path)
    if await _is_current(place):
        return False  # without a lock, and without the right to change a schema
    engine = upgrading_engine_of(place)
    try:
        async with engine.connect() as connection:
            await _lock(place, connection)
            changed = await connection.run_sync(_upgraded, place)
            await connection.commit()
            return changed
    except FAULTS as error:
        raise unusable(place, error) from error
    finally:
        await engine.dispose()


async def needs_upgrade(url: str) -> bool:
    """Whether `upgrade` would change anything. Raises StoreError, and changes nothing itself."""
    place = parse_url(url)
    return (place.path is not None and not place.path.exists()) or not await _is_current(place)


def schema_of(connection: Connection) -> str | None:
    """The revision of the store's schema, None if it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def newer(place: Place, found: str) -> StoreError:
    return StoreError(
        f"the store {place.shown} has schema {found}, this strangler knows up to {SCHEMA}",
        "it was written by a newer strangler",
        "run that version, or name another store with --store",
    )


async def _is_current(place: Place) -> bool:
    engine = engine_of(place, is_writer=False)
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(schema_of)
    except FAULTS as error:
        raise unusable(place, error) from error
    finally:
        await engine.dispose()
    if found is not None and found > SCHEMA:
        raise newer(place, found)
    return found == SCHEMA


def _touch(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        what = f"the store {path} cannot be opened: {error.strerror}"
        raise StoreError(
            what, "the file's folder or permissions", "fix them or name another file with --store"
        ) from error


async def _lock(place: Place, connection: AsyncConnection) -> None:
    """Until the transaction or the connection ends."""
    if place.database is Database.SQLITE:
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif place.database is Database.POSTGRESQL:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    else:
        statement = text("SELECT GET_LOCK(CONCAT('strangler:', MD5(DATABASE())), :seconds)")
        if await connection.scalar(statement, {"seconds": UPGRADE_MS // 1000}) != 1:
            raise StoreError(f"the store {place.shown} is locked", "another upgrade", "wait for it, then try again")


def _upgraded(connection: Connection, place: Place) -> bool:
    found = schema_of(connection)
    if found == SCHEMA:
        return False
    _walk(connection, place, found)
    for name, value in ((SALT, os.urandom(SALT_BYTES)), (WRITER, b""), (CLAIMS, b"")):
        if connection.execute(meta.select().where(meta.c.name == name)).first() is None:
            connection.execute(meta.insert().values(name=name, value=value))
    return True


def _walk(connection: Connection, place: Place, found: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from proxy.store.migrations.steps import ForeignTable

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise newer(place, found)
    try:
        command.upgrade(config, "head")
    except ForeignTable as error:
        what = f"the store {place.shown} cannot be used: {error}"
        raise StoreError(what, "another program's database", "name one of strangler's own with --store") from error
