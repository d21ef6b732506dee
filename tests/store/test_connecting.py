"""Connections as they are made; what their settings do: test_engine.py."""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import text

from proxy.store.connecting import engine_of, threaded_engine_of, upgrading_engine_of
from proxy.store.url import parse_url


async def test_an_upgrade_waits_for_the_wal_mode_of_a_file_that_another_holds(file_url: str, tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "strangler.db", isolation_level=None)
    holder.execute("CREATE TABLE x (y)")
    holder.execute("BEGIN EXCLUSIVE")

    async def connected() -> str:
        engine = upgrading_engine_of(parse_url(file_url))
        async with engine.connect() as connection:
            mode = (await connection.execute(text("PRAGMA journal_mode"))).scalar_one()
        await engine.dispose()
        return str(mode)

    connecting = asyncio.create_task(connected())
    await asyncio.sleep(0.1)
    assert not connecting.done()
    holder.close()
    assert await connecting == "wal"


async def test_one_connection_each(url: str) -> None:
    engine = engine_of(parse_url(url), is_writer=True)
    assert engine.pool.size() == 1
    await engine.dispose()


def test_the_thread_has_the_same_settings(file_url: str) -> None:
    engine = threaded_engine_of(parse_url(file_url))
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 2000
    engine.dispose()
