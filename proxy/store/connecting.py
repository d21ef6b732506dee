"""How each database is connected to, and what is set for each connection.

Law of this file: what makes a commit durable, a wait short and a text whole is set here, for every connection, and not
left to how a server happens to be configured. (MySQL's innodb_flush_log_at_trx_commit can only be set for the whole
server: docs/store.md.)
"""

import asyncio
import sqlite3
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from proxy.store.url import Database, Place

BUSY_MS: Final = 2_000
"""Milliseconds for which a transaction waits for another writer's to end."""

UPGRADE_MS: Final = 10_000
"""The same for an upgrade."""

_DRIVERS: Final = {
    Database.SQLITE: "sqlite+aiosqlite",
    Database.POSTGRESQL: "postgresql+asyncpg",
    Database.MYSQL: "mysql+asyncmy",
}
_WAL_TRIES: Final = 100
_WAL_PAUSE: Final = 0.05  # seconds
_ISOLATION: Final = "REPEATABLE READ"


def engine_of(place: Place, *, is_writer: bool) -> AsyncEngine:
    """For one connection at a time. A writer's is kept; a reader sees one moment and cannot write."""
    if place.database is Database.SQLITE:
        only = () if is_writer else ("PRAGMA query_only = ON",)
        return _prepared(place, *_sqlite(BUSY_MS), *only)
    if place.database is Database.POSTGRESQL:
        options = {} if is_writer else {"isolation_level": _ISOLATION, "postgresql_readonly": True}
        return _prepared(place, *_postgresql(BUSY_MS), execution_options=options)
    return _prepared(place, *_mysql(BUSY_MS), isolation_level=_ISOLATION)


def upgrading_engine_of(place: Place) -> AsyncEngine:
    """For an upgrade: it waits longer, and gives an SQLite file its lasting settings."""
    if place.database is not Database.SQLITE:
        settings = _postgresql(UPGRADE_MS) if place.database is Database.POSTGRESQL else _mysql(UPGRADE_MS)
        return _prepared(place, *settings, poolclass=NullPool)
    engine = _prepared(place, *_sqlite(UPGRADE_MS), "PRAGMA auto_vacuum = INCREMENTAL", poolclass=NullPool)
    event.listen(engine.sync_engine, "connect", _make_wal)
    return engine


def driver_url(place: Place) -> URL:
    """What SQLAlchemy is told. Its texts hide the password."""
    if place.path is not None:
        return URL.create(_DRIVERS[place.database], database=str(place.path))
    return URL.create(_DRIVERS[place.database], place.user, place.password, place.host, place.port, place.name)


def threaded_engine_of(place: Place) -> Engine:
    """For one thread that writes to a file."""
    engine = create_engine(URL.create("sqlite", database=str(place.path)), pool_size=1, max_overflow=0)
    _prepare_each(engine, place, _sqlite(BUSY_MS))
    return engine


def _prepared(place: Place, *settings: str, **options: Any) -> AsyncEngine:
    bounds = {} if options.get("poolclass") is NullPool else {"pool_size": 1, "max_overflow": 0}
    engine = create_async_engine(driver_url(place), connect_args=dict(place.arguments), **bounds, **options)
    _prepare_each(engine.sync_engine, place, settings)
    return engine


def _prepare_each(engine: Engine, place: Place, settings: Iterable[str]) -> None:
    """Have these settings made on each connection."""

    def prepare(connection: DBAPIConnection, _: object) -> None:
        if place.database is Database.SQLITE:
            connection.isolation_level = None  # transactions are ours alone; the driver's own would not hold DDL
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()
        if place.database is Database.POSTGRESQL:
            connection.commit()

    event.listen(engine, "connect", prepare)


def _sqlite(wait_ms: int) -> tuple[str, ...]:
    return f"PRAGMA busy_timeout = {wait_ms}", "PRAGMA synchronous = FULL"


def _postgresql(wait_ms: int) -> tuple[str, ...]:
    return (
        f"SET lock_timeout = {wait_ms}",
        f"SET idle_in_transaction_session_timeout = {10 * UPGRADE_MS}",
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    )


def _mysql(wait_ms: int) -> tuple[str, ...]:
    seconds = max(1, wait_ms // 1000)
    return (
        f"SET SESSION innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}",
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'",
    )


def _make_wal(connection: Any, _: object) -> None:
    """The file is in WAL mode for good."""
    for remaining in range(_WAL_TRIES, -1, -1):
        cursor = connection.cursor()
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:  # SQLite does not wait for this one
            if not remaining:
                raise
            connection.run_async(lambda _: asyncio.sleep(_WAL_PAUSE))
        finally:
            cursor.close()
