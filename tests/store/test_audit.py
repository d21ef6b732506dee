"""The audit log in a real store: nothing gets lost between writers, and whatever is done to its rows is named."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, text

from proxy.evidence.chain import Chain, Fault, FaultKind, Head, Link
from proxy.evidence.entry import Action, Entry
from proxy.store.audit import BATCH, append, append_in, open_audit
from proxy.store.engine import Store, open_store
from proxy.store.errors import StoreError
from proxy.store.tables import audit, meta
from tests.evidence.made import ENTRIES, NOON, entry
from tests.store.databases import needs

WRITER = """
import asyncio, sys
from proxy.store.audit import append
from tests.evidence.made import entry

async def main():
    for number in range(10):
        await append(sys.argv[1], entry(number))

asyncio.run(main())
"""


async def change(url: str, *statements: Any) -> None:
    """What somebody who may write to the database does behind our back."""
    store = Store(url)
    async with store.writing() as connection:
        for statement in statements:
            await connection.execute(statement)
    await store.close()


def end(value: object) -> Any:
    return meta.update().where(meta.c.name == "audit_end").values(value=value)


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


async def test_more_than_one_batch(store: Store, url: str) -> None:
    await fill(store, *map(entry, range(1, 2 * BATCH + 2)))
    assert await faults(url) == []
    assert len(await rows(url)) == 2 * BATCH + 1
    await change(url, audit.delete().where(audit.c.number.between(BATCH, BATCH + 3)))
    (found,) = await faults(url)
    assert (found.kind, found.number, found.last) == (FaultKind.DELETED, BATCH, BATCH + 3)


def test_five_processes_at_once(url: str) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, url], stderr=subprocess.PIPE, cwd=Path(__file__).parents[2])
        for _ in range(5)
    ]
    assert [(each.communicate(timeout=50)[1], each.returncode) for each in started] == [(b"", 0)] * 5
    assert asyncio.run(head(url)).number == 50
    assert len(asyncio.run(rows(url))) == 50


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


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(ENTRIES.filter(bool), st.data())
def test_whatever_is_done_to_one_row_is_named(url: str, entries: list[Entry], data: st.DataObject) -> None:
    asyncio.run(_meddled(url, entries, data))


async def _meddled(url: str, entries: list[Entry], data: st.DataObject) -> None:
    last = len(entries)
    await change(url, audit.delete(), meta.delete().where(meta.c.name == "audit_end"))
    store = Store(url)
    await fill(store, *entries)
    await store.close()
    noted = await head(url)
    assert noted.number == last
    number = data.draw(st.integers(1, last))
    how = data.draw(st.sampled_from([*audit.columns.keys(), "delete", "cut", *(["swap"] if last > 1 else [])]))
    bad = {number}
    if how == "delete":
        await change(url, audit.delete().where(audit.c.number == number))
    elif how == "cut":
        await change(url, audit.delete().where(audit.c.number >= number))
        bad = set(range(number, last + 1))
    elif how == "swap":
        other = data.draw(st.integers(1, last).filter(lambda each: each != number))
        moves = ((number, 0), (other, number), (0, other))
        await change(url, *(audit.update().where(audit.c.number == old).values(number=new) for old, new in moves))
        bad = {number, other}
    else:
        value = await _another(url, how, number, data)
        await change(url, audit.update().where(audit.c.number == number).values({how: value}))
    found = await faults(url)
    assert bad <= {each for fault in found for each in range(fault.number, fault.last + 1)}


async def _another(url: str, column: str, number: int, data: st.DataObject) -> object:
    """Anything that the column takes: another text, a number, nothing where that may be; in SQLite bytes as well."""
    (link,) = [each for each in await rows(url) if each is not None and each.number == number]
    held, is_file = getattr(link, column), url.startswith("sqlite")
    most = audit.c[column].type.length if isinstance(audit.c[column].type, String) else None
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=most or 50)
    if column == "number":
        values: st.SearchStrategy[Any] = st.integers(-9, 99).filter(lambda each: not 1 <= each <= 9)
    elif column == "at":
        values = st.floats(0, 4e9) | (st.sampled_from([float("inf"), "noon", b"1"]) if is_file else st.just(1.5))
    else:
        odd = st.just((held or "").encode()) if is_file else texts
        values = texts | odd | (st.none() if column == "ticket" else texts)
    return data.draw(values.filter(lambda each: each != held))


async def test_text_that_is_no_text_is_named(file_url: str) -> None:
    url = file_url
    store = await open_store(url)
    await fill(store, entry(1), entry(2))
    await store.close()
    for column in ("reason", "hash"):
        await change(url, text(f"UPDATE audit SET {column} = CAST(x'ff' AS TEXT) WHERE number = 2"))  # noqa: S608
    assert [(each.kind, each.number) for each in await faults(url)] == [(FaultKind.EDITED, 2)]
    await change(url, text("UPDATE audit SET details = zeroblob(50000000) WHERE number = 1"))
    assert [each.number for each in await faults(url)] == [1, 2]
    assert await append(url, entry(3)) == 3
    assert [each.number for each in await faults(url)] == [1, 2]


@pytest.mark.parametrize("value", ["''", "x''", "5"])
async def test_no_ticket_is_not_an_empty_one(url: str, value: str) -> None:
    if value == "x''":
        needs(url, "sqlite")
    await append(url, entry(1, ticket=None))
    await change(url, text(f"UPDATE audit SET ticket = {value}"))  # noqa: S608
    assert [(each.kind, each.number) for each in await faults(url)] == [(FaultKind.EDITED, 1)]


async def test_the_next_entry_does_not_hide_a_cut(store: Store, url: str) -> None:
    await fill(store, *map(entry, range(1, 6)))
    await change(url, audit.delete().where(audit.c.number > 3))
    assert [str(each) for each in await faults(url)] == ["rows 4 to 5: cut: cut off at the end"]
    assert await append(url, entry(6)) == 6
    assert [str(each) for each in await faults(url)] == ["rows 4 to 5: deleted: missing"]


async def test_the_next_entry_does_not_hide_that_the_last_was_replaced(store: Store, url: str) -> None:
    await fill(store, entry(1))
    await change(url, audit.update().values(hash="a" * 64, reason="x"))
    await append(url, entry(2))
    assert [(each.kind, each.number) for each in await faults(url)] == [
        (FaultKind.EDITED, 1),
        (FaultKind.BROKEN, 2),
    ]


@pytest.mark.parametrize("value", [None, b"", b"[3]", "nonsense", b"\xff"])
async def test_the_record_of_the_end_was_tampered_with(store: Store, url: str, value: bytes | str | None) -> None:
    await fill(store, entry(1), entry(2))
    if value is None:
        await change(url, meta.delete().where(meta.c.name == "audit_end"))
    else:
        await change(url, end(value if isinstance(value, bytes) else value.encode()))
    (found,) = await faults(url)
    assert (found.kind, found.number) == (FaultKind.CUT, 2)
    assert await append(url, entry(3)) == 3
    assert [(each.kind, each.number) for each in await faults(url)] == [(FaultKind.BROKEN, 3)]  # not mended by it


async def test_a_row_that_was_forged_behind_the_end_stays_a_fault(store: Store, url: str) -> None:
    await fill(store, entry(1), entry(2))
    (first, _) = await rows(url)
    assert first is not None
    await change(url, end(msgspec.json.encode([1, first.hash])))
    before = await faults(url)
    assert before
    assert await append(url, entry(3)) == 3
    assert await faults(url)


async def test_who_rewrites_everything_is_found_by_a_head_that_was_noted(store: Store, url: str) -> None:
    await fill(store, entry(1), entry(2))
    noted = await head(url)
    await change(url, audit.delete(), meta.delete().where(meta.c.name == "audit_end"))
    await fill(store, entry(1), entry(2, subject="another"))
    assert await faults(url) == []
    assert [each.kind for each in await faults(url, noted)] == [FaultKind.UNKNOWN_HEAD]


async def test_the_latest_by_what_they_are(store: Store, url: str) -> None:
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
    if url.startswith("sqlite"):
        await change(url, text("UPDATE audit SET actor = x'00' WHERE number = 4"))
        async with open_audit(url) as log:
            assert (await log.latest(1)) == [(4, None)]


async def test_a_store_that_stays_locked_is_named_in_time(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await append(url, entry(1))
    monkeypatch.setattr("proxy.store.connecting.BUSY_MS", 20)
    monkeypatch.setattr("proxy.store.audit.TRIES", 2)
    holder = Store(url)
    async with holder.writing():
        with pytest.raises(StoreError, match="is locked"):
            await append(url, entry(2))
    await holder.close()
    assert await append(url, entry(2)) == 2
