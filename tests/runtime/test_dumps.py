"""Core dumps are off."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOWS = """
import ctypes, resource
from proxy.runtime import dumps
dumps.forbid()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
@pytest.mark.parametrize(("given", "dumpable"), [("", "0"), ("1", "1")])
def test_no_core_and_nobody_of_the_same_user_looks_in(given: str, dumpable: str) -> None:
    environment = {**os.environ, "STRANGLER_DUMPABLE": given}
    told = subprocess.run([sys.executable, "-c", SHOWS], env=environment, capture_output=True, text=True, timeout=30)
    assert told.stdout.strip() == f"(0, 0) {dumpable}", told.stderr


def test_every_process_of_serve_begins_with_it() -> None:
    for file in ("proxy/runtime/__main__.py", "proxy/cli/serve.py"):
        assert "dumps.forbid()" in (Path(__file__).parents[2] / file).read_text()
