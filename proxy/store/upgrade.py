"""Bring a store's file to the schema of this strangler: new, older or already there; a newer one is refused.

Law of this file: one process at a time, in one transaction. Whoever is killed half-way leaves the file as it was.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, NullPool, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError

from proxy.store.errors import StoreError
from proxy.store.tables import SCHEMA, meta
from proxy.store.url import sqlite_path

SALT_BYTES = 32
_MIGRATIONS = Path(__file__).parent / "migrations"
_WAIT_MS = 10_000
_WAL_TRIES = 100
_WAL_PAUSE = 0.05  # seconds


def upgrade(url: str) -> bool:
    """Make the file (mode 0600) if there is none, and its schema. True if anything was changed. Raises StoreError."""
    path = sqlite_path(url)
    _touch(path)
    try:
        with _locked(path) as connection:
            return _upgraded(path, connection)
    except DatabaseError as error:
        raise unusable(path, error) from error


def needs_upgrade(url: str) -> bool:
    """Whether `upgrade` would change anything. Raises StoreError, and changes nothing itself."""
    path = sqlite_path(url)
    if not path.exists():
        return True
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            found = schema_of(connection)
    except DatabaseError as error:
        raise unusable(path, error) from error
    if found is not None and found > SCHEMA:
        raise newer(path, found)
    return found != SCHEMA


def schema_of(connection: Connection) -> str | None:
    """The revision of the file's schema, None if it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def newer(path: Path, found: str) -> StoreError:
    return StoreError(
        f"the store {path} has schema {found}, this strangler knows up to {SCHEMA}",
        "it was written by a newer strangler",
        "run that version, or name another file with --store",
    )


def unusable(path: Path, error: Exception) -> StoreError:
    """The line for a file that the database library refuses."""
    why = str(getattr(error, "orig", None) or error)
    if "locked" in why:
        return StoreError(f"the store {path} is locked", "another process holds it", "end that process, then try again")
    if "readonly" in why or "unable to open" in why:
        return StoreError(f"the store {path} cannot be written: {why}", "file permissions", "fix them or use --store")
    return StoreError(f"the store {path} cannot be used: {why}", "the file or its disk", "move it away or use --store")


def _touch(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        what = f"the store {path} cannot be opened: {error.strerror}"
        raise StoreError(
            what, "the file's folder or permissions", "fix them or name another file with --store"
        ) from error


@contextmanager
def _locked(path: Path) -> Iterator[Connection]:
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    event.listen(engine, "connect", _prepare)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()
    finally:
        engine.dispose()


def _prepare(connection: DBAPIConnection, _: object) -> None:
    """Transactions are ours alone (the driver's own would not hold DDL), and the file is in WAL mode for good."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_WAIT_MS}")
    cursor.execute("PRAGMA synchronous = FULL")
    for remaining in range(_WAL_TRIES, -1, -1):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return cursor.close()
        except sqlite3.OperationalError:  # SQLite does not wait for this one
            if not remaining:
                raise
            time.sleep(_WAL_PAUSE)


def _upgraded(path: Path, connection: Connection) -> bool:
    found = schema_of(connection)
    if found == SCHEMA:
        return False
    _walk(path, connection, found)
    if connection.execute(meta.select().where(meta.c.name == "salt")).first() is None:
        connection.execute(meta.insert().values(name="salt", value=os.urandom(SALT_BYTES)))
    return True


def _walk(path: Path, connection: Connection, found: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise newer(path, found)
    command.upgrade(config, "head")
