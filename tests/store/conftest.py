"""Stores in real files, one a test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy.store.engine import Store, open_store


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'strangler.db'}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await open_store(url)
    yield opened
    await opened.close()
