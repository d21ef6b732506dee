"""From nothing, twice at once, killed half-way; a newer schema is refused; what cannot be used is named."""

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from proxy.store.engine import Store, open_store
from proxy.store.errors import StoreError
from proxy.store.tables import SCHEMA, meta, metadata
from proxy.store.upgrade import needs_upgrade, upgrade
from tests.store.databases import execute, needs

AT_ONCE = "import asyncio, sys; from proxy.store.upgrade import upgrade; asyncio.run(upgrade(sys.argv[1]))"

KILLED = """
import asyncio, os, signal, sys
from sqlalchemy import Engine, event
from proxy.store.upgrade import upgrade

left = int(sys.argv[2])

@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, *_):
    global left
    left -= statement.lstrip().startswith(("CREATE", "INSERT", "UPDATE"))
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(upgrade(sys.argv[1]))
"""


async def test_from_nothing(url: str) -> None:
    assert await needs_upgrade(url)
    assert await upgrade(url)
    assert not await needs_upgrade(url)
    assert not await upgrade(url)


async def test_makes_the_file_for_the_owner_only(file_url: str, tmp_path: Path) -> None:
    assert await upgrade(file_url)
    assert stat.S_IMODE((tmp_path / "strangler.db").stat().st_mode) == 0o600


async def test_an_empty_file_is_a_store_to_be(file_url: str, tmp_path: Path) -> None:
    (tmp_path / "strangler.db").touch()
    assert await needs_upgrade(file_url)
    assert await upgrade(file_url)


async def test_an_older_schema_is_upgraded_and_keeps_its_rows(url: str) -> None:
    store = await open_store(url)
    salt = store.salt
    await store.close()
    await execute(url, "DROP TABLE audit", "UPDATE alembic_version SET version_num = '0001'")
    await execute(url, "INSERT INTO tallies VALUES ('w', 'dropped', 'full', 3, 1.0)")
    assert await needs_upgrade(url)
    assert await upgrade(url)
    assert not await needs_upgrade(url)
    reopened = await open_store(url)
    assert reopened.salt == salt
    await reopened.close()
    assert await execute(url, "SELECT value FROM tallies") == [(3,)]
    assert await execute(url, "SELECT count(*) FROM audit") == [(0,)]


def test_three_processes_at_once(url: str) -> None:
    started = [subprocess.Popen([sys.executable, "-c", AT_ONCE, url], stderr=subprocess.PIPE) for _ in range(3)]
    assert [(process.communicate(timeout=50)[1], process.returncode) for process in started] == [(b"", 0)] * 3


@pytest.mark.parametrize("changes", [1, 9, 17, 20])
async def test_whoever_is_killed_half_way_leaves_what_the_next_one_completes(url: str, changes: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, url, str(changes)], check=False, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, b"")
    assert await needs_upgrade(url)
    if not url.startswith("mysql"):
        with pytest.raises(Exception, match=r"(?i)no such table|does not exist"):
            await execute(url, "SELECT * FROM meta")
    store = await open_store(url)
    assert not await needs_upgrade(url)
    async with store.writing() as connection:
        assert len((await connection.execute(meta.select())).all()) == 3
        for table in metadata.sorted_tables:
            await connection.execute(table.select())
    await store.close()


async def test_a_newer_schema_is_refused(store: Store, url: str) -> None:
    await execute(url, "UPDATE alembic_version SET version_num = '9999'")
    for attempt in (upgrade, needs_upgrade):
        with pytest.raises(StoreError, match=f"schema 9999, this strangler knows up to {SCHEMA}"):
            await attempt(url)


async def test_another_programs_table_is_refused_and_left_alone(url: str) -> None:
    await execute(url, "CREATE TABLE tallies (x INTEGER)")
    with pytest.raises(StoreError, match=r"has a table tallies that is not strangler's \(another program's database\)"):
        await upgrade(url)
    assert await needs_upgrade(url)
    await execute(url, "SELECT x FROM tallies")


async def test_whoever_may_only_write_rows_can_use_a_store_that_is_there(store: Store, url: str) -> None:
    needs(url, "postgresql", "mysql")
    name = url.rpartition("/")[2]
    user = f"u_{name[-8:]}"
    if url.startswith("postgresql"):
        rights = f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}"
        made = [f"CREATE USER {user}", rights]
        gone = [f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {user}", f"DROP USER {user}"]
    else:
        made = [f"CREATE USER {user}@'%'", f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO {user}@'%'"]
        gone = [f"DROP USER {user}@'%'"]
    await execute(url, *made)
    theirs = url.replace("postgres@", f"{user}@").replace("root@", f"{user}@")
    try:
        opened = await open_store(theirs)
        async with opened.writing() as connection:
            await connection.execute(text("SELECT 1"))
        await opened.close()
        await execute(url, "UPDATE alembic_version SET version_num = '0001'", "DROP TABLE audit")
        with pytest.raises(StoreError, match=r"the user's rights"):
            await upgrade(theirs)
    finally:
        await execute(url, *gone)


async def test_what_is_no_database_is_named(file_url: str, tmp_path: Path) -> None:
    (tmp_path / "strangler.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="not a database"):
        await upgrade(file_url)


@pytest.mark.parametrize("name", ["missing/strangler.db", "."])
async def test_a_path_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        await upgrade(f"sqlite:///{tmp_path / name}")


async def test_an_upgrade_waits_for_another_and_says_so(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await execute(url, "UPDATE alembic_version SET version_num = '0000'")
    monkeypatch.setattr("proxy.store.connecting.UPGRADE_MS", 50)
    monkeypatch.setattr("proxy.store.upgrade.UPGRADE_MS", 50)
    locks = {
        "mysql": "SELECT GET_LOCK(CONCAT('strangler:', MD5(DATABASE())), 0)",
        "postgresql": f"SELECT pg_advisory_lock({0x5374_7261_6E67_6C65})",
    }
    async with store.writing() as connection:
        await connection.execute(text(locks.get(store.place.database, "SELECT 1")))
        with pytest.raises(StoreError, match="is locked"):
            await upgrade(url)
