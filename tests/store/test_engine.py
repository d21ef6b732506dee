"""The open store: durable, for one writer, and never a file that nobody can find."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from proxy.store.engine import Store, open_store, reading
from proxy.store.errors import StoreError


async def test_settings_are_durable(store: Store) -> None:
    async with store.writing() as connection:
        assert (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar() == "wal"
        assert (await connection.exec_driver_sql("PRAGMA synchronous")).scalar() == 2
    assert len(store.salt) == 32


async def test_a_transaction_is_whole_or_nothing(store: Store, url: str) -> None:
    async def fail_half_way() -> None:
        async with store.writing() as connection:
            await connection.exec_driver_sql("INSERT INTO meta VALUES ('x', x'00')")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        await fail_half_way()
    async with reading(url) as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM meta WHERE name = 'x'")).scalar() == 0


async def test_a_file_that_was_removed_is_made_again(store: Store, tmp_path: Path) -> None:
    assert store.is_current
    for file in tmp_path.iterdir():
        file.unlink()
    assert not store.is_current
    async with store.writing() as connection:
        await connection.exec_driver_sql("INSERT INTO meta VALUES ('x', x'00')")
    assert (tmp_path / "strangler.db").exists()
    assert store.is_current


async def test_a_closed_store_opens_itself(store: Store) -> None:
    salt = store.salt
    await store.close()
    assert not store.is_current
    async with store.writing():
        assert store.salt == salt


async def test_reading_never_makes_or_changes_a_store(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at"):
        async with reading(url):
            pass
    assert list(tmp_path.iterdir()) == []
    await (await open_store(url)).close()
    with pytest.raises(StoreError, match="readonly"):
        async with reading(url) as connection:
            await connection.exec_driver_sql("DELETE FROM meta")


async def test_reading_asks_for_the_right_schema(url: str, tmp_path: Path) -> None:
    await (await open_store(url)).close()
    for version, words in (("0000", "run `strangler db upgrade`"), ("9999", "newer strangler")):
        with sqlite3.connect(tmp_path / "strangler.db") as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        connection.close()
        with pytest.raises(StoreError, match=words):
            async with reading(url):
                pass
    (tmp_path / "other.db").touch()
    with pytest.raises(StoreError, match="no store of strangler"):
        async with reading(f"sqlite:///{tmp_path / 'other.db'}"):
            pass


async def test_one_writer_at_a_time(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.store.engine._BUSY_MS", 50)
    await store.open()
    holder = sqlite3.connect(tmp_path / "strangler.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        async with store.writing():
            pass
    holder.close()
    async with store.writing():
        pass
