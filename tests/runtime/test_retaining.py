"""A store is pruned now and then; one that is away is said once."""

import asyncio
import logging
from pathlib import Path

import pytest

from proxy.runtime.retaining import retain
from proxy.store.engine import open_store
from proxy.store.keep import Keep
from proxy.store.queries import open_queries
from tests.store.made import put_in, record


async def test_what_is_old_goes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    store = await open_store(url)
    await store.run(put_in, [record("1")], (), store.salt)
    await store.close()
    task = asyncio.create_task(retain(url, Keep(seconds=60), every=0.05))
    while True:
        async with open_queries(url) as queries:
            if await queries.exchange("1") is None:
                break
        await asyncio.sleep(0.01)
    task.cancel()


async def test_a_store_that_is_away_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        task = asyncio.create_task(retain(f"sqlite:///{tmp_path / 'a.db'}", Keep(seconds=60), every=0.01))
        while not caplog.records:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        task.cancel()
    assert [record.message for record in caplog.records] == [
        f"what is old cannot be removed: there is no store at {tmp_path / 'a.db'} (--store): start `strangler serve`"
        " first, or name its file"
    ]


async def test_nothing_to_do(tmp_path: Path) -> None:
    await retain(f"sqlite:///{tmp_path / 'a.db'}", Keep(), every=0.01)
