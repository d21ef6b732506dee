"""Entries on their way to a real store that is sometimes away."""

import asyncio
import shutil
from pathlib import Path

import pytest

from proxy.evidence.entry import Action, Entry
from proxy.runtime import recording
from proxy.runtime.recording import Records
from proxy.store.audit import open_audit
from proxy.store.engine import open_store


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """Of a store that is there."""
    (tmp_path / "store").mkdir()
    at = f"sqlite:///{tmp_path / 'store' / 'strangler.db'}"
    await (await open_store(at)).close()
    return at


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "PAUSE", 0.01)


def entry(reason: str) -> Entry:
    return Entry(1.5, "jo", Action.OVERRIDE, "refund", reason, None, "before", "after")


async def stored(url: str) -> list[str]:
    """The reasons of the entries in the store, oldest first."""
    async with open_audit(url) as log:
        return [link.reason for _, link in reversed(await log.latest(2000)) if link is not None]


async def until_stored(url: str, reasons: list[str]) -> None:
    async with asyncio.timeout(10):
        while await stored(url) != reasons:
            await asyncio.sleep(0.01)


async def test_entries_are_written_in_their_order(url: str) -> None:
    records = Records(url)
    writing = asyncio.create_task(records.run())
    for reason in "abc":
        await records.write(entry(reason))
    await until_stored(url, ["a", "b", "c"])
    await records.write(entry("d"))
    await until_stored(url, ["a", "b", "c", "d"])
    writing.cancel()


async def test_while_the_store_is_away_entries_wait_and_it_is_said_once(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away, store = tmp_path / "away", tmp_path / "store"
    shutil.move(store, away)
    records = Records(url)
    writing = asyncio.create_task(records.run())
    for reason in "ab":
        await records.write(entry(reason))
    async with asyncio.timeout(10):
        while "the audit log cannot be written, changes go on: " not in caplog.text:
            await asyncio.sleep(0.01)
    assert not store.exists()
    shutil.move(away, store)
    await until_stored(url, ["a", "b"])
    assert caplog.text.count("cannot be written") == 1
    writing.cancel()


async def test_what_waits_at_the_end_is_written_or_named(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    records = Records(url)
    await records.write(entry("a"))
    await records.close()
    assert await stored(url) == ["a"]
    shutil.rmtree(tmp_path / "store")
    await records.write(entry("b"))
    await records.close()
    assert "not in the audit log: override of refund by jo" in caplog.text


async def test_the_line_has_a_bound_and_what_is_beyond_it_is_said(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recording, "MOST", 2)
    records = Records(url)
    for reason in "abc":
        await records.write(entry(reason))
    assert records.dropped == 1
    assert "the audit log's line is full: override of refund by jo is not in it" in caplog.text
    await records.close()
    assert await stored(url) == ["a", "b"]
