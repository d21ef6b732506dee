"""What databases raise, as one line: what, whose fault, what to do; real errors of real servers where there are any."""

import re
import sqlite3

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, OperationalError

from proxy.store.engine import Store, open_store
from proxy.store.errors import StoreError
from proxy.store.faults import FAULTS, concerns_record, is_conflict, unusable
from proxy.store.tables import audit, meta
from proxy.store.url import Place, parse_url
from tests.store.databases import needs

FILE = parse_url("sqlite:///a.db")
POSTGRESQL = parse_url("postgresql://me@db/x")
MYSQL = parse_url("mysql://me@db/x")


async def line(url: str) -> str:
    with pytest.raises(StoreError) as raised:
        await open_store(url)
    return str(raised.value)


async def test_servers_that_do_not_let_us_in(url: str, free_port: int) -> None:
    needs(url, "postgresql", "mysql")
    user = "postgres" if url.startswith("postgresql") else "root"
    assert "does not answer" in await line(re.sub(r":\d+/", f":{free_port}/", url))
    assert "does not answer" in await line(re.sub(r"@[^/]+/", "@no-such-host.invalid/", url))
    assert re.search(r"is no database of that server.*create the database", await line(f"{url}_absent"))
    stranger = url.replace(f"{user}@", "nobody:s3cret@")
    found = await line(stranger)
    assert re.search(r"does not let us in.*user or password", found)
    assert "s3cret" not in found
    assert found.count("\n") == 0


@pytest.mark.parametrize(
    ("place", "why", "words"),
    [
        (FILE, "database is locked", "is locked (another process holds it)"),
        (FILE, "attempt to write a readonly database", "cannot be written"),
        (FILE, "unable to open database file", "cannot be written"),
        (FILE, "database or disk is full", "has no room left"),
        (FILE, "disk I/O error", "cannot be used"),
    ],
)
def test_files(place: Place, why: str, words: str) -> None:
    found = str(unusable(place, OperationalError("INSERT INTO x VALUES (secret)", None, sqlite3.OperationalError(why))))
    assert words in found
    assert "secret" not in found


def postgresql(state: str, words: str = "no\nsecond line") -> Exception:
    made = type("PostgresError", (Exception,), {"__module__": "asyncpg.exceptions", "sqlstate": state})(words)
    return DBAPIError("INSERT secret", None, made)


def mysql(number: int) -> Exception:
    made = type("OperationalError", (Exception,), {"__module__": "asyncmy.errors"})(number, "why")
    return DBAPIError("INSERT secret", None, made)


@pytest.mark.parametrize(
    ("place", "error", "words"),
    [
        (POSTGRESQL, postgresql("53100"), "has no room left"),
        (POSTGRESQL, postgresql("53300"), "takes no more connections"),
        (POSTGRESQL, postgresql("57P03"), "does not answer"),
        (POSTGRESQL, postgresql("25006"), "is read-only"),
        (POSTGRESQL, postgresql("55P03"), "is locked"),
        (POSTGRESQL, postgresql("42501"), "may not be used so"),
        (POSTGRESQL, postgresql("XX000"), "see its log"),
        (POSTGRESQL, TimeoutError(), "no answer in time"),
        (MYSQL, mysql(1021), "has no room left"),
        (MYSQL, mysql(1114), "has no room left"),
        (MYSQL, mysql(1040), "takes no more connections"),
        (MYSQL, mysql(1290), "is read-only"),
        (MYSQL, mysql(1205), "is locked"),
        (MYSQL, mysql(2013), "does not answer"),
        (MYSQL, mysql(1064), "see its log"),
    ],
)
def test_servers(place: Place, error: Exception, words: str) -> None:
    found = str(unusable(place, error))
    assert words in found
    assert "secret" not in found
    assert "\n" not in found
    assert not concerns_record(error)


async def test_a_disk_that_is_full(file_url: str) -> None:
    """SQLite's own bound on the file's pages stands for the disk's."""
    store = await open_store(file_url)
    with pytest.raises(FAULTS) as raised:
        async with store.writing() as connection:
            await connection.exec_driver_sql("PRAGMA max_page_count = 1")
            for number in range(100):
                await connection.execute(insert(meta).values(name=str(number), value=b"x" * 9000))
    await store.close()
    assert not concerns_record(raised.value)
    assert "has no room left" in str(unusable(store.place, raised.value))


@pytest.mark.parametrize("value", ["x" * 300, "\ud800", None])
async def test_a_value_that_a_column_does_not_take_is_the_records_fault(store: Store, url: str, value: object) -> None:
    if value == "x" * 300:
        needs(url, "postgresql", "mysql")
    with pytest.raises(Exception) as raised:
        async with store.writing() as connection:
            await connection.execute(
                insert(audit).values(dict.fromkeys(audit.c.keys(), value) | {"number": 1, "at": 1.0})
            )
    assert concerns_record(raised.value)


async def test_what_the_database_does_not_know_is_its_fault(store: Store) -> None:
    with pytest.raises(FAULTS) as raised:
        async with store.writing() as connection:
            await connection.execute(text("SELECT * FROM absent"))
    assert not concerns_record(raised.value)


def test_ours_and_others() -> None:
    assert concerns_record(ValueError("ours"))
    assert concerns_record(KeyError("ours"))
    assert concerns_record(mysql(1153))
    assert concerns_record(postgresql("22021"))
    assert not concerns_record(StoreError("a", "b", "c"))
    assert not concerns_record(ConnectionResetError())
    assert is_conflict(postgresql("40001"))
    assert is_conflict(mysql(1213))
    assert not is_conflict(postgresql("53100"))
    stays = StoreError("a", "b", "c")
    assert unusable(FILE, stays) is stays
