"""Fixtures that tests of every room share; what they do is in tests/support."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import ports
from tests.support.examples import examples
from tests.support.files import ROOT
from tests.support.process import Processes
from tests.support.services import require_folder

if os.geteuid() != 0:  # tests look into our processes through /proc, which is closed to the same user otherwise
    os.environ.setdefault("STRANGLER_DUMPABLE", "1")


settings.register_profile("strangler", max_examples=examples(100))
settings.load_profile("strangler")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real inputs beside the repository; skips where it is absent."""
    return require_folder(ROOT.parent / "shared" / "corpora")


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens."""
    return ports.free_port()


@pytest.fixture
def run_process(tmp_path: Path) -> Iterator[Processes]:
    """Call it with arguments and a condition to start a process; at the end each is ended and seen to have ended."""
    processes = Processes(tmp_path)
    yield processes
    processes.close()
