"""Connections to the monolith's SQLite file: read transactions that never wait, write transactions that lock first."""

from contextlib import AbstractContextManager
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry


class Database:
    """Gives sessions, each in a transaction of its own that lasts as long as its `with`."""

    def __init__(self, path: str) -> None:
        self._engine = _engine(path)
        self._readers = sessionmaker(self._engine)
        self._writers = sessionmaker(self._engine.execution_options(begin="IMMEDIATE"), expire_on_commit=False)

    def reading(self) -> AbstractContextManager[Session]:
        return self._readers.begin()

    def writing(self) -> AbstractContextManager[Session]:
        """Holds the write lock from the start, so that an idempotency key's lookup and its work are one step."""
        return self._writers.begin()

    def close(self) -> None:
        self._engine.dispose()


def _engine(path: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin` does
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")
