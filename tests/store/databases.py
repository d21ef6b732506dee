"""Databases of a test's own: an SQLite file, or one made on a server and dropped afterwards; and SQL on any of them."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from proxy.store.connecting import driver_url
from proxy.store.url import parse_url
from tests.support.services import require_server

SERVERS = {
    "postgresql": ("PostgreSQL", "STRANGLER_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/test"),
    "mysql": ("MariaDB or MySQL", "STRANGLER_TEST_MYSQL", "mysql://root@127.0.0.1:3306/test"),
}
ALL = ("sqlite", *SERVERS)


def made(database: str, folder: Path) -> Iterator[str]:
    """The URL of a database that is empty; a file is not there yet."""
    if database == "sqlite":
        yield f"sqlite:///{folder / 'strangler.db'}"
        return
    server, name = require_server(*SERVERS[database]), f"strangler_{os.getpid()}_{os.urandom(4).hex()}"
    run(server, f"CREATE DATABASE {name}")
    yield server.rpartition("/")[0] + f"/{name}"
    run(server, f"DROP DATABASE {name}" + (" WITH (FORCE)" if database == "postgresql" else ""))


def run(url: str, *statements: str, **values: Any) -> list[Any]:
    """Runs SQL from a test that is no coroutine; gives the rows of the last statement."""
    return asyncio.run(execute(url, *statements, **values))


async def execute(url: str, *statements: str, **values: Any) -> list[Any]:
    """Runs SQL, each statement committed by itself; gives the rows of the last one."""
    place = parse_url(url)
    engine = create_async_engine(
        driver_url(place), poolclass=NullPool, connect_args=dict(place.arguments), isolation_level="AUTOCOMMIT"
    )
    rows: list[Any] = []
    try:
        async with engine.connect() as connection:
            for statement in statements:
                found = await connection.execute(text(statement), values)
                rows = list(found) if found.returns_rows else []
    finally:
        await engine.dispose()
    return rows


def needs(url: str, *databases: str) -> None:
    """Skips what only some databases can be asked."""
    if parse_url(url).database not in databases:
        pytest.skip(f"a matter of {' and '.join(databases)} alone")
