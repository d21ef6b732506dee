"""The writer: never waits, never fails, loses nothing that it said is on disk, and comes back after an outage."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from msgspec import structs
from sqlalchemy.exc import DBAPIError

from proxy.messages import System
from proxy.store.engine import Store, open_store
from proxy.store.errors import StoreError
from proxy.store.queries import Queries, open_queries
from proxy.store.record import Tally
from proxy.store.tables import metadata
from proxy.store.writer import CLOSED, QUEUE_FULL, REFUSED, Limits, Writer
from tests.store.databases import execute, needs
from tests.store.made import AMOUNT, observation, record

QUICK = Limits(records=50, batch_records=10, linger=0.001, shortest_pause=0.01, longest_pause=0.02)
T = TypeVar("T")


@asynccontextmanager
async def running(
    store: Store, limits: Limits = QUICK, on_trouble: Callable[[StoreError | None], None] = lambda _: None
) -> AsyncIterator[Writer]:
    writer = Writer(store, "runner-1:a", limits, on_trouble, clock=lambda: 1.0)
    task = asyncio.create_task(writer.run())
    yield writer
    await writer.close(grace=1)
    await task


async def ask(url: str, question: Callable[[Queries], Awaitable[T]]) -> T:
    async with open_queries(url) as queries:
        return await question(queries)


async def stored(url: str) -> int:
    report = await ask(url, lambda queries: queries.report())
    return sum(route.exchanges for route in report.routes)


async def dropped(url: str) -> dict[str, int]:
    report = await ask(url, lambda queries: queries.report())
    return {each.reason: each.count for each in report.dropped}


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


async def test_what_was_flushed_can_be_read(store: Store, url: str) -> None:
    async with running(store) as writer:
        assert all(writer.offer(record(str(number), AMOUNT)) for number in range(45))
        await writer.flush()
        assert writer.committed == 45
        assert await stored(url) == 45


async def test_close_writes_what_is_queued(store: Store, url: str) -> None:
    async with running(store) as writer:
        for number in range(30):
            writer.offer(record(str(number)))
    assert await stored(url) == 30
    assert (writer.dropped, writer.offer(record("late"))) == (0, False)
    assert writer.drops == {CLOSED: 1}


async def test_a_full_queue_drops_and_says_so_in_the_store(store: Store, url: str) -> None:
    async with running(store) as writer:
        taken = [writer.offer(record(str(number))) for number in range(70)]
        assert taken == [True] * 50 + [False] * 20
        await writer.flush()
    assert writer.drops == {QUEUE_FULL: 20}
    assert await dropped(url) == {QUEUE_FULL: 20}
    assert await stored(url) == 50


async def test_tallies_are_stored(store: Store, url: str) -> None:
    async with running(store) as writer:
        writer.offer(Tally("worker-1:a", 2.0, (("dropped", "channel-full", 12), ("requests", "r|legacy", 530))))
    assert await dropped(url) == {"channel-full": 12}


async def test_one_record_that_cannot_be_written_is_dropped_alone(store: Store, url: str) -> None:
    async with running(store) as writer:
        poison = record("poison")
        poison = replace(poison, exchange=structs.replace(poison.exchange, table="\ud800"))
        for each in (record("1"), poison, record("2")):
            writer.offer(each)
    assert await stored(url) == 2
    assert writer.drops == {REFUSED: 1}
    assert await dropped(url) == {REFUSED: 1}


async def test_a_body_that_mysql_takes_in_no_statement_is_dropped_and_blocks_nobody(store: Store, url: str) -> None:
    needs(url, "mysql")
    [(most,)] = await execute(url, "SELECT @@max_allowed_packet")
    if most > 64 << 20:
        pytest.skip(f"the server takes {most:,} bytes at once, more than this test makes")
    large, primary = record("large"), observation(System.LEGACY, os.urandom(most))
    async with running(store) as writer:
        assert writer.offer(record("before"))
        assert writer.offer(replace(large, exchange=structs.replace(large.exchange, primary=primary)))
        assert writer.offer(record("after"))
        await asyncio.wait_for(writer.flush(), 30)
        assert writer.drops == {REFUSED: 1}
    assert await stored(url) == 2


async def test_a_locked_store_is_waited_for(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.store.connecting.BUSY_MS", 20)
    told: list[StoreError | None] = []
    holder = await open_store(url)
    async with running(await open_store(url), on_trouble=told.append) as writer:
        async with holder.writing():
            for number in range(100):
                writer.offer(record(str(number)))
            await until(lambda: len(told) == 1)
            assert "locked" in str(told[0])
        await writer.flush()
        assert told[1:] == [None]
    await holder.close()
    kept = 100 - writer.dropped
    assert kept >= 50
    assert await stored(url) == kept == writer.committed


async def test_connections_that_are_ended_by_the_server_lose_nothing(url: str) -> None:
    needs(url, "postgresql", "mysql")
    name, told = url.rpartition("/")[2], list[StoreError | None]()
    async with running(
        await open_store(url), Limits(batch_records=5, linger=0.001, shortest_pause=0.01), told.append
    ) as writer:
        for attempt in range(4):
            for number in range(60):
                assert writer.offer(record(f"{attempt}-{number}", AMOUNT))
            await until(lambda seen=attempt: writer.committed > 60 * seen + 10)
            await end_connections(url, name)
            await writer.flush()
    assert writer.dropped == 0
    assert await stored(url) == 240
    report = await ask(url, lambda queries: queries.report())
    assert report.routes[0].fields[0].count == 240
    assert told[::2].count(None) == 0


async def end_connections(url: str, name: str) -> None:
    """All that others have to this database."""
    if url.startswith("postgresql"):
        others = "datname = :name AND pid <> pg_backend_pid()"
        await execute(url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}", name=name)  # noqa: S608
        return
    others = "SELECT id FROM information_schema.processlist WHERE db = :name AND id <> CONNECTION_ID()"
    for (number,) in await execute(url, others, name=name):
        with suppress(DBAPIError):  # it ended by itself meanwhile
            await execute(url, f"KILL {number}")


async def test_a_server_that_cannot_be_reached_costs_evidence_with_a_count(url: str, free_port: int) -> None:
    needs(url, "postgresql", "mysql")
    away = re.sub(r":\d+/", f":{free_port}/", url)
    told: list[StoreError | None] = []
    writer = Writer(Store(away), "runner-1:a", QUICK, told.append)
    task = asyncio.create_task(writer.run())
    for number in range(60):
        writer.offer(record(str(number)))
    await until(lambda: bool(told))
    await writer.close(grace=0.1)
    await asyncio.wait({task})
    assert "does not answer" in str(told[0])
    assert writer.drops == {QUEUE_FULL: 10, CLOSED: 50}


async def test_a_database_that_was_dropped_is_made_again(url: str) -> None:
    needs(url, "postgresql", "mysql")
    async with running(await open_store(url)) as writer:
        writer.offer(record("1", AMOUNT))
        await writer.flush()
        await execute(url, *(f"DROP TABLE {name}" for name in [*metadata.tables, "alembic_version"]))
        writer.offer(record("2", AMOUNT))
        await writer.flush()
        assert await stored(url) == 1


async def test_what_is_offered_twice_counts_once(store: Store, url: str) -> None:
    async with running(store) as writer:
        for _ in range(2):
            for number in range(15):
                writer.offer(record(str(number), AMOUNT))
        await writer.flush()
        writer.offer(record("3", AMOUNT))
        writer.offer(record("new", AMOUNT))
    assert writer.dropped == 0
    assert await stored(url) == 16
    report = await ask(url, lambda queries: queries.report())
    assert report.routes[0].fields[0].count == 16


async def test_two_writers_at_once_count_each_exchange_once(url: str) -> None:
    """As two runners do to which a channel delivered the same exchanges."""
    async with running(await open_store(url)) as one, running(await open_store(url)) as other:
        for number in range(45):
            one.offer(record(str(number), AMOUNT))
            other.offer(record(str(number), AMOUNT))
        await asyncio.gather(one.flush(), other.flush())
    assert (one.dropped, other.dropped) == (0, 0)
    assert await stored(url) == 45


async def test_a_store_whose_folder_goes_away_and_comes_back(tmp_path: Path) -> None:
    folder, away = tmp_path / "data", tmp_path / "away"
    folder.mkdir()
    url = f"sqlite:///{folder / 'strangler.db'}"
    told: list[StoreError | None] = []
    async with running(await open_store(url), on_trouble=told.append) as writer:
        writer.offer(record("before"))
        await writer.flush()
        folder.rename(away)
        writer.offer(record("during"))
        await until(lambda: len(told) == 1)
        away.rename(folder)
        await writer.flush()
        writer.offer(record("after"))
    assert "cannot be opened" in str(told[0])
    assert await stored(url) == 3
    assert writer.dropped == 0


async def test_a_store_that_was_removed_is_made_again(file_url: str, tmp_path: Path) -> None:
    url = file_url
    async with running(await open_store(url)) as writer:
        writer.offer(record("1", AMOUNT))
        await writer.flush()
        for file in tmp_path.iterdir():
            file.unlink()
        writer.offer(record("2", AMOUNT))
        await writer.flush()
        assert await stored(url) == 1


async def test_closing_during_an_outage_ends_in_time_and_counts(file_url: str, tmp_path: Path) -> None:
    store = await open_store(file_url)
    (tmp_path / "strangler.db").rename(tmp_path / "gone.db")
    (tmp_path / "strangler.db").mkdir()
    writer = Writer(store, "runner-1:a", QUICK)
    task = asyncio.create_task(writer.run())
    for number in range(30):
        writer.offer(record(str(number)))
    await asyncio.sleep(0)
    await asyncio.wait_for(writer.close(grace=0.1), 5)
    await task
    assert writer.drops == {CLOSED: 30}


async def test_a_writer_may_start_while_the_store_is_away(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'data' / 'strangler.db'}"
    async with running(Store(url)) as writer:
        writer.offer(record("1"))
        await asyncio.sleep(0)
        (tmp_path / "data").mkdir()
        await writer.flush()
    assert await stored(url) == 1


async def test_a_cancelled_writer_counts_what_it_had_in_hand(file_url: str, tmp_path: Path) -> None:
    store = await open_store(file_url)
    (tmp_path / "strangler.db").rename(tmp_path / "gone.db")
    (tmp_path / "strangler.db").mkdir()
    told: list[StoreError | None] = []
    writer = Writer(store, "runner-1:a", QUICK, told.append)
    task = asyncio.create_task(writer.run())
    writer.offer(record("1"))
    await until(lambda: bool(told))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert writer.drops == {CLOSED: 1}


KILLED = """
import asyncio, itertools, sys
from proxy.store.engine import open_store
from proxy.store.tables import metadata
from proxy.store.writer import Limits, Writer
from tests.store.databases import execute, needs
from tests.store.made import AMOUNT, observation, record

async def main():
    writer = Writer(await open_store(sys.argv[1]), "runner", Limits(batch_records=20, linger=0.001))
    task = asyncio.create_task(writer.run())
    for first in itertools.count(0, 20):
        for number in range(first, first + 20):
            assert writer.offer(record(f"x{number}", AMOUNT))
        await writer.flush()
        print(writer.committed, flush=True)

asyncio.run(main())
"""


async def test_kill_9_loses_nothing_that_is_said_to_be_on_disk(url: str) -> None:
    acknowledged = 0
    for times in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED.replace('f"x', f'f"{times}-x'), url], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(5 + times):
            line = process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        lines = [line, *process.stdout.read().splitlines()]
        process.wait()
        process.stdout.close()
        acknowledged += int(lines[-1])
        found = await stored(url)
        assert found >= acknowledged
        acknowledged = found
    report = await ask(url, lambda queries: queries.report())
    assert report.routes[0].fields[0].count == acknowledged


async def test_a_full_disk_costs_evidence_only(tmp_path: Path) -> None:
    """A limit on the size of files, in a process of its own, stands for the full disk."""
    script = """
import asyncio, resource, signal, sys, os
from proxy.store.engine import open_store
from proxy.store.tables import metadata
from proxy.store.writer import Limits, Writer
from tests.store.made import record, observation
from proxy.messages import System

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    told = []
    store = await open_store(sys.argv[1])
    limits = Limits(batch_records=5, linger=0.001, shortest_pause=0.01, longest_pause=0.02)
    writer = Writer(store, "runner", limits, told.append)
    task = asyncio.create_task(writer.run())
    writer.offer(record("before"))
    await writer.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    for number in range(40):
        writer.offer(record(str(number), shadow=observation(System.CANDIDATE, os.urandom(20_000))))
    while not told:
        await asyncio.sleep(0.01)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await writer.flush()
    await writer.close()
    print(len(told), writer.committed, writer.dropped)

asyncio.run(main())
"""
    url = f"sqlite:///{tmp_path / 'strangler.db'}"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, url, stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    assert out.split() == [b"2", b"41", b"0"]
    assert await stored(url) == 41
