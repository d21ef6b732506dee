"""A store with made-up exchanges, and the command line as a user meets it."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from proxy.cli import main
from proxy.store.engine import open_store
from proxy.store.record import Record, Tally
from tests.store.made import put_in

Fill = Callable[..., None]
Run = Callable[..., Result]


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'strangler.db'}"


@pytest.fixture
def fill(store_url: str) -> Fill:
    """Puts records and tallies into the store."""

    async def put(records: Sequence[Record], tallies: Sequence[Tally]) -> None:
        store = await open_store(store_url)
        await store.run(put_in, records, tallies, store.salt)
        await store.close()

    return lambda *records, tallies=(): asyncio.run(put(records, tallies))


@pytest.fixture
def run(store_url: str) -> Run:
    """Runs `strangler ARGUMENTS` on that store."""
    return lambda *arguments: CliRunner(env={"STRANGLER_STORE": store_url}).invoke(main, arguments)
