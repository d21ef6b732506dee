"""The open store: durable, for one writer, and never a file that nobody can find."""

from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from proxy.store.engine import Store, open_store, reading
from proxy.store.errors import StoreError
from proxy.store.faults import FAULTS
from proxy.store.tables import meta
from tests.store.databases import execute, needs


def put_x(connection: Connection) -> None:
    connection.execute(insert(meta).values(name="x", value=b"0"))


async def names(url: str) -> set[str]:
    async with reading(url) as connection:
        return set((await connection.execute(select(meta.c.name))).scalars())


async def test_settings_are_durable(store: Store, url: str) -> None:
    asked = {
        "sqlite": {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": 2, "PRAGMA auto_vacuum": 2},
        "postgresql": {"SHOW synchronous_commit": "on", "SHOW lock_timeout": "2s"},
        "mysql": {"SELECT @@innodb_lock_wait_timeout": 2, "SELECT @@sql_mode LIKE '%%STRICT_ALL_TABLES%%'": 1},
    }[store.place.database]
    async with store.writing() as connection:
        for question, answer in asked.items():
            assert (await connection.exec_driver_sql(question)).scalar() == answer
    assert len(store.salt) == 32


async def test_a_server_that_does_not_wait_for_its_disk_is_told_to(url: str) -> None:
    needs(url, "postgresql")
    await execute(url, f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = off")
    store = await open_store(url)
    async with store.writing() as connection:
        assert (await connection.exec_driver_sql("SHOW synchronous_commit")).scalar() == "on"
    await store.close()


async def test_a_transaction_is_whole_or_nothing(store: Store, url: str) -> None:
    def fail_half_way(connection: Connection) -> None:
        put_x(connection)
        raise RuntimeError("half-way")

    async def fail_as_a_coroutine() -> None:
        async with store.writing() as connection:
            await connection.run_sync(fail_half_way)

    for work in (fail_as_a_coroutine(), store.run(fail_half_way)):
        with pytest.raises(RuntimeError, match="half-way"):
            await work
    assert await names(url) == {"claims", "salt", "writer"}
    await store.run(put_x)
    assert "x" in await names(url)


async def test_a_file_that_was_removed_is_made_again(file_url: str, tmp_path: Path) -> None:
    store = await open_store(file_url)
    assert store.is_current
    for file in tmp_path.iterdir():
        file.unlink()
    assert not store.is_current
    await store.run(put_x)
    assert (tmp_path / "strangler.db").exists()
    assert store.is_current
    await store.close()


async def test_a_closed_store_opens_itself(store: Store) -> None:
    salt = store.salt
    await store.close()
    assert not store.is_current
    async with store.writing():
        assert store.salt == salt
    await store.close()
    assert await store.run(lambda _: store.salt) == salt


async def test_a_server_that_threw_us_out_is_asked_again(store: Store, url: str) -> None:
    needs(url, "postgresql", "mysql")
    is_postgresql = url.startswith("postgresql")
    async with store.writing() as connection:
        own = "SELECT pg_backend_pid()" if is_postgresql else "SELECT CONNECTION_ID()"
        number = (await connection.exec_driver_sql(own)).scalar()
    await execute(url, f"SELECT pg_terminate_backend({number})" if is_postgresql else f"KILL {number}")
    with pytest.raises(FAULTS):
        await store.run(put_x)
    await store.run(put_x)
    assert "x" in await names(url)


async def test_reading_never_makes_or_changes_a_store(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at|is no store of strangler"):
        async with reading(url):
            pass
    assert list(tmp_path.iterdir()) == []
    await (await open_store(url)).close()
    with pytest.raises(StoreError, match=r"(?i)read.?only"):
        async with reading(url) as connection:
            await connection.execute(meta.delete())


async def test_reading_sees_one_moment(store: Store, url: str) -> None:
    async with reading(url) as connection:
        before = (await connection.execute(select(meta.c.name))).all()
        await store.run(put_x)
        assert (await connection.execute(select(meta.c.name))).all() == before
    assert "x" in await names(url)


async def test_reading_asks_for_the_right_schema(store: Store, url: str) -> None:
    for version, words in (("0000", "run `strangler db upgrade`"), ("9999", "newer strangler")):
        await execute(url, "UPDATE alembic_version SET version_num = :version", version=version)
        with pytest.raises(StoreError, match=words):
            async with reading(url):
                pass
    await execute(url, "DROP TABLE alembic_version")
    with pytest.raises(StoreError, match="no store of strangler"):
        async with reading(url):
            pass


async def test_one_writer_at_a_time(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.store.connecting.BUSY_MS", 50)
    other = await open_store(url)
    async with store.writing():
        for work in (other.writing().__aenter__(), other.run(lambda _: None)):
            with pytest.raises(FAULTS, match=r"(?i)lock"):
                await work
    async with other.writing():
        pass
    await other.close()
