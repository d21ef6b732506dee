"""Stores in real databases, one a test: each test that asks for `url` or `store` runs on all three."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from proxy.store.engine import Store, open_store
from tests.store.databases import ALL, made


@pytest.fixture(params=ALL)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from made(request.param, tmp_path)


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    """Of an SQLite file, for what only files have."""
    return f"sqlite:///{tmp_path / 'strangler.db'}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await open_store(url)
    yield opened
    await opened.close()
