"""What is old goes, and nothing that an exchange, a report or the audit log needs."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.messages import System
from proxy.store.audit import append, open_audit
from proxy.store.engine import Store
from proxy.store.keep import Keep
from proxy.store.queries import open_queries
from proxy.store.record import Record
from proxy.store.retention import Pruned, plan, prune
from proxy.store.rows import SLACK
from proxy.store.statements import AT_ONCE
from tests.evidence.made import entry
from tests.store.databases import execute, needs
from tests.store.made import AMOUNT, EXCUSED, NOON, inconclusive, observation, put_in, record

DAY = 86_400.0


def old(id_: str, days: float, *differences: object, body: bytes = b"{}") -> Record:
    return record(
        id_,
        *differences,
        at=NOON - days * DAY,
        shadow=observation(System.CANDIDATE, body),  # type: ignore[arg-type]
    )


async def put(store: Store, *records: Record) -> None:
    await store.run(put_in, records, (), store.salt)


async def ids(url: str) -> list[str]:
    return sorted(row[0] for row in await execute(url, "SELECT id FROM exchanges"))


async def count(url: str, table: str) -> int:
    return int((await execute(url, f"SELECT count(*) FROM {table}"))[0][0])  # noqa: S608


async def test_by_age(store: Store, url: str) -> None:
    await put(store, old("a", 40, AMOUNT, body=b"only a"), old("b", 31, EXCUSED), old("c", 29, AMOUNT), record("d"))
    await put(store, inconclusive("e", at=NOON - 35 * DAY))
    await append(url, entry(1))
    async with open_queries(url) as queries:
        before, findings = await queries.report(), await queries.findings()
    dry = await plan(url, Keep(seconds=30 * DAY), NOON)
    assert (dry.before, dry.exchanges) == (NOON - 30 * DAY, 3)
    assert await ids(url) == ["a", "b", "c", "d", "e"]
    assert await prune(url, Keep(seconds=30 * DAY), NOON) == dry
    assert await ids(url) == ["c", "d"]
    async with open_queries(url) as queries:
        assert await queries.report() == before
        assert [each.field for each in await queries.findings()] == [each.field for each in findings]
        kept = await queries.exchange("c")
        assert await queries.exchange("a") is None
    assert kept is not None
    assert kept.differences == (AMOUNT,)
    assert await count(url, "differences") == 1
    assert await count(url, "observations") == 4
    async with open_audit(url) as log:
        assert len(await log.latest(9)) == 1
    again = await prune(url, Keep(seconds=30 * DAY), NOON)
    assert again == Pruned(None, 0, 0, dry.remaining)


async def test_bodies_go_with_the_last_exchange_that_has_them(store: Store, url: str) -> None:
    await put(store, old("a", 3, body=b"shared"), old("b", 3, body=b"alone"))
    await put(store, old("c", 1, body=b"shared"))
    before = await count(url, "bodies")
    await prune(url, Keep(seconds=2 * DAY), NOON)
    assert await count(url, "bodies") == before - 1
    async with open_queries(url) as queries:
        kept = await queries.exchange("c")
    assert kept is not None
    assert kept.candidate == observation(System.CANDIDATE, b"shared")
    await prune(url, Keep(seconds=0), NOON)
    assert (await ids(url), await count(url, "bodies"), await count(url, "volumes")) == ([], 0, 0)
    await put(store, old("d", 1 - SLACK / 2 / DAY, body=b"shared"))
    async with open_queries(url) as queries:
        assert (await queries.exchange("d")) is not None


async def test_by_bytes_the_oldest_first(store: Store, url: str) -> None:
    await put(store, *(old(str(number), 10 - number) for number in range(9)))
    whole = (await plan(url, Keep(bytes=0), NOON)).bytes
    dry = await plan(url, Keep(bytes=whole // 3), NOON)
    assert dry.remaining <= whole // 3
    await prune(url, Keep(bytes=whole // 3), NOON)
    assert await ids(url) == ["7", "8"]
    assert (await plan(url, Keep(bytes=whole // 3), NOON)).before is None
    assert await prune(url, Keep(seconds=5 * DAY, bytes=whole), NOON) == await plan(url, Keep(), NOON)


async def test_in_small_steps_beside_a_writer(store: Store, url: str) -> None:
    for first in range(0, 3 * AT_ONCE, AT_ONCE):
        await put(store, *(replace(old(f"{first + n:05}", 3), is_whole=False) for n in range(AT_ONCE)))

    async def write_meanwhile() -> int:
        for number in range(20):
            await put(store, record(f"new-{number}"))
        return 20

    _, written = await asyncio.gather(prune(url, Keep(seconds=DAY), NOON), write_meanwhile())
    assert len(await ids(url)) == written


async def test_a_file_gets_smaller(store: Store, url: str, tmp_path: Path) -> None:
    needs(url, "sqlite")
    await put(store, *(old(str(n), 3, body=os.urandom(3000)) for n in range(300)))
    await execute(url, "PRAGMA wal_checkpoint(TRUNCATE)")
    before = (tmp_path / "strangler.db").stat().st_size
    await prune(url, Keep(seconds=DAY), NOON)
    await execute(url, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert (tmp_path / "strangler.db").stat().st_size < before / 2


@pytest.mark.parametrize("keep", [Keep(), Keep(seconds=1e9), Keep(bytes=10**12)])
async def test_nothing_to_remove(store: Store, url: str, keep: Keep) -> None:
    await put(store, record("1"))
    assert (await prune(url, keep, NOON)).before is None
    assert await ids(url) == ["1"]
