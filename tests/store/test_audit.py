"""The audit log in a real store: nothing gets lost between writers, and whatever is done to its rows is named."""

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.evidence.chain import Chain, Fault, FaultKind, Head, Link
from proxy.evidence.entry import Action, Entry
from proxy.store.audit import BATCH, append, append_in, open_audit
from proxy.store.engine import Store
from proxy.store.errors import StoreError
from proxy.store.tables import audit
from tests.evidence.made import ENTRIES, NOON, entry

WRITER = """
import asyncio, sys
from proxy.store.audit import append
from tests.evidence.made import entry

async def main():
    for number in range(25):
        await append(sys.argv[1], entry(number))

asyncio.run(main())
"""


def execute(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement, values)
    connection.close()


async def fill(store: Store, *entries: Entry) -> None:
    async with store.writing() as connection:
        for each in entries:
            await append_in(connection, each)


async def faults(url: str, noted: Head | None = None) -> list[Fault]:
    async with open_audit(url) as log:
        return [fault async for fault in log.verify(Chain(noted))]


async def rows(url: str) -> list[Link | None]:
    async with open_audit(url) as log:
        return [link async for _, link in log.rows()]


async def head(url: str) -> Head:
    chain = Chain()
    async with open_audit(url) as log:
        assert [fault async for fault in log.verify(chain)] == []
    return chain.head


async def test_entries_are_numbered_and_whole(url: str) -> None:
    assert await append(url, entry(1)) == 1
    assert await append(url, entry(2, ticket=None)) == 2
    first, second = await rows(url)
    assert first is not None
    assert second is not None
    assert (first.number, first.at, first.ticket, second.ticket) == (1, NOON + 1, "PAY-1", None)
    assert second.previous == first.hash
    assert await faults(url) == []
    assert await head(url) == Head(2, second.hash)


async def test_an_empty_log_is_whole(store: Store, url: str) -> None:
    assert await faults(url) == []
    assert await rows(url) == []


async def test_more_than_one_batch(store: Store, url: str, tmp_path: Path) -> None:
    await fill(store, *map(entry, range(1, 2 * BATCH + 2)))
    assert await faults(url) == []
    assert len(await rows(url)) == 2 * BATCH + 1
    execute(tmp_path / "strangler.db", "DELETE FROM audit WHERE number BETWEEN ? AND ?", BATCH, BATCH + 3)
    (found,) = await faults(url)
    assert (found.kind, found.number, found.last) == (FaultKind.DELETED, BATCH, BATCH + 3)


def test_eight_processes_at_once(url: str) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, url], stderr=subprocess.PIPE, cwd=Path(__file__).parents[2])
        for _ in range(8)
    ]
    assert [(each.communicate(timeout=50)[1], each.returncode) for each in started] == [(b"", 0)] * 8
    assert asyncio.run(head(url)).number == 200
    assert len(asyncio.run(rows(url))) == 200


async def test_eight_connections_at_once(url: str) -> None:
    numbers = await asyncio.gather(*(append(url, entry(number)) for number in range(8)))
    assert sorted(numbers) == list(range(1, 9))
    assert await faults(url) == []


async def test_what_is_not_committed_is_not_there(store: Store, url: str) -> None:
    async def fail_half_way() -> None:
        async with store.writing() as connection:
            await append_in(connection, entry(1))
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        await fail_half_way()
    assert await faults(url) == []
    assert await append(url, entry(1)) == 1


@settings(max_examples=25, deadline=None)
@given(ENTRIES.filter(bool), st.data())
def test_whatever_is_done_to_one_row_is_named(entries: list[Entry], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "strangler.db"
        asyncio.run(_meddled(path, entries, data))


async def _meddled(path: Path, entries: list[Entry], data: st.DataObject) -> None:
    url, last = f"sqlite:///{path}", len(entries)
    store = Store(url)
    await fill(store, *entries)
    await store.close()
    noted = await head(url)
    assert noted.number == last
    number = data.draw(st.integers(1, last))
    how = data.draw(st.sampled_from([*audit.columns.keys(), "delete", "cut", *(["swap"] if last > 1 else [])]))
    bad = {number}
    if how == "delete":
        execute(path, "DELETE FROM audit WHERE number = ?", number)
    elif how == "cut":
        execute(path, "DELETE FROM audit WHERE number >= ?", number)
        bad = set(range(number, last + 1))
    elif how == "swap":
        other = data.draw(st.integers(1, last).filter(lambda each: each != number))
        for before, after in ((number, 0), (other, number), (0, other)):
            execute(path, "UPDATE audit SET number = ? WHERE number = ?", after, before)
        bad = {number, other}
    else:
        await _edited(path, how, number, data)
    found = await faults(url)
    assert bad <= {each for fault in found for each in range(fault.number, fault.last + 1)}


async def _edited(path: Path, column: str, number: int, data: st.DataObject) -> None:
    """Anything that the column takes: another text, bytes that are no text, a number, nothing where that may be."""
    (link,) = [each for each in await rows(f"sqlite:///{path}") if each is not None and each.number == number]
    held = getattr(link, column)
    texts = st.text(st.characters(codec="utf-8"))
    if column == "number":
        values: st.SearchStrategy[Any] = st.integers(-9, 99).filter(lambda each: not 1 <= each <= 9)
    elif column == "at":
        values = st.floats(0, 4e9) | st.sampled_from([float("inf"), "noon", b"1"])
    else:
        values = texts | st.just((held or "").encode()) | (st.none() if column == "ticket" else texts)
    value = data.draw(values.filter(lambda each: each != held))
    execute(path, f"UPDATE audit SET {column} = ? WHERE number = ?", value, number)  # noqa: S608


async def test_text_that_is_no_text_is_named(store: Store, url: str, tmp_path: Path) -> None:
    await fill(store, entry(1), entry(2))
    for column in ("reason", "hash"):
        execute(tmp_path / "strangler.db", f"UPDATE audit SET {column} = CAST(x'ff' AS TEXT) WHERE number = 2")  # noqa: S608
    assert [(each.kind, each.number) for each in await faults(url)] == [(FaultKind.EDITED, 2)]
    execute(tmp_path / "strangler.db", "UPDATE audit SET details = zeroblob(50000000) WHERE number = 1")
    assert [each.number for each in await faults(url)] == [1, 2]
    assert await append(url, entry(3)) == 3
    assert [each.number for each in await faults(url)] == [1, 2]


@pytest.mark.parametrize("value", ["''", "x''", "5"])
async def test_no_ticket_is_not_an_empty_one(store: Store, url: str, tmp_path: Path, value: str) -> None:
    await fill(store, entry(1, ticket=None))
    execute(tmp_path / "strangler.db", f"UPDATE audit SET ticket = {value}")  # noqa: S608
    assert [(each.kind, each.number) for each in await faults(url)] == [(FaultKind.EDITED, 1)]


async def test_the_next_entry_does_not_hide_a_cut(store: Store, url: str, tmp_path: Path) -> None:
    await fill(store, *map(entry, range(1, 6)))
    execute(tmp_path / "strangler.db", "DELETE FROM audit WHERE number > 3")
    assert [str(each) for each in await faults(url)] == ["rows 4 to 5: cut: cut off at the end"]
    assert await append(url, entry(6)) == 6
    assert [str(each) for each in await faults(url)] == ["rows 4 to 5: deleted: missing"]


async def test_the_next_entry_does_not_hide_that_the_last_was_replaced(store: Store, url: str, tmp_path: Path) -> None:
    path = tmp_path / "strangler.db"
    await fill(store, entry(1))
    execute(path, "UPDATE audit SET hash = ?, reason = 'x'", "a" * 64)
    await append(url, entry(2))
    assert [(each.kind, each.number) for each in await faults(url)] == [
        (FaultKind.EDITED, 1),
        (FaultKind.BROKEN, 2),
    ]


@pytest.mark.parametrize("value", [None, b"", b"[3]", "nonsense", b"\xff"])
async def test_the_record_of_the_end_was_tampered_with(
    store: Store, url: str, tmp_path: Path, value: bytes | str | None
) -> None:
    await fill(store, entry(1), entry(2))
    if value is None:
        execute(tmp_path / "strangler.db", "DELETE FROM meta WHERE name = 'audit_end'")
    else:
        execute(tmp_path / "strangler.db", "UPDATE meta SET value = ? WHERE name = 'audit_end'", value)
    (found,) = await faults(url)
    assert (found.kind, found.number) == (FaultKind.CUT, 2)
    assert await append(url, entry(3)) == 3
    assert [(each.kind, each.number) for each in await faults(url)] == [(FaultKind.BROKEN, 3)]  # not mended by it


async def test_a_row_that_was_forged_behind_the_end_stays_a_fault(store: Store, url: str, tmp_path: Path) -> None:
    await fill(store, entry(1), entry(2))
    execute(
        tmp_path / "strangler.db",
        "UPDATE meta SET value = (SELECT json_array(1, hash) FROM audit WHERE number = 1) WHERE name = 'audit_end'",
    )
    before = await faults(url)
    assert before
    assert await append(url, entry(3)) == 3
    assert await faults(url)


async def test_who_rewrites_everything_is_found_by_a_head_that_was_noted(
    store: Store, url: str, tmp_path: Path
) -> None:
    await fill(store, entry(1), entry(2))
    noted = await head(url)
    for table in ("audit", "meta WHERE name = 'audit_end'"):
        execute(tmp_path / "strangler.db", f"DELETE FROM {table}")  # noqa: S608
    await fill(store, entry(1), entry(2, subject="another"))
    assert await faults(url) == []
    assert [each.kind for each in await faults(url, noted)] == [FaultKind.UNKNOWN_HEAD]


async def test_the_latest_by_what_they_are(store: Store, url: str, tmp_path: Path) -> None:
    await fill(
        store,
        entry(1),
        entry(2, action=Action.GATE),
        entry(3, subject="refund"),
        entry(4, action=Action.GATE, subject="refund"),
    )
    async with open_audit(url) as log:
        assert [number for number, _ in await log.latest(3)] == [4, 3, 2]
        assert [number for number, _ in await log.latest(9, action="gate")] == [4, 2]
        assert [number for number, _ in await log.latest(9, subject="refund")] == [4, 3]
        assert [number for number, _ in await log.latest(9, since=NOON + 3)] == [4, 3]
        assert [number for number, _ in await log.latest(9, "gate", "refund", NOON + 4)] == [4]
    execute(tmp_path / "strangler.db", "UPDATE audit SET actor = x'00' WHERE number = 4")
    async with open_audit(url) as log:
        assert (await log.latest(1)) == [(4, None)]


async def test_a_store_that_stays_locked_is_named_in_time(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await append(url, entry(1))
    monkeypatch.setattr("proxy.store.engine._BUSY_MS", 20)
    monkeypatch.setattr("proxy.store.upgrade._WAIT_MS", 20)
    holder = sqlite3.connect(tmp_path / "strangler.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is locked"):
        await append(url, entry(2))
    holder.close()
    assert await append(url, entry(2)) == 2
