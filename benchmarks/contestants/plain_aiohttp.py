"""The proxy that one would write first: aiohttp's server and client (aiohttp_proxy.py), on uvloop if there is one."""

import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.contestant import Contestant, Missing, Scene

PROGRAM = Path(__file__).with_name("aiohttp_proxy.py")


def find() -> str | Missing:
    try:
        return version("aiohttp")
    except PackageNotFoundError:
        return Missing("aiohttp is not installed in this environment")


def command(scene: Scene) -> Sequence[str]:
    return [sys.executable, "-P", str(PROGRAM), str(scene.port), f"http://127.0.0.1:{scene.legacy}"]


PLAIN = Contestant("aiohttp", "passes", find, command)
