"""Runs a client's driver as a process: the task goes in, what it saw comes out.

Law of this file: a program that is not on this machine is skipped with its name; packages of Node are installed once,
from the lock, without their scripts, into .cache, whole or not at all.

The lock is made anew, without addresses of a registry, with
`npm install --package-lock-only --save-exact --omit-lockfile-registry-resolved axios@X` in tests/end_to_end/node.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.clients.task import Scenario
from tests.support.files import ROOT
from tests.support.services import require_service

NODE = ROOT / "tests" / "end_to_end" / "node"
CACHE = ROOT / ".cache" / "node"


def run_driver(client: str, base: str, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """What `client` sees of the scenarios that it can do."""
    asked = [asdict(each) for each in scenarios if client not in each.without]
    task = json.dumps({"base": base, "scenarios": asked})
    done = subprocess.run(DRIVERS[client](), input=task, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, f"the driver of {client} ended with {done.returncode}: {done.stderr[-3000:]}"
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _python(name: str) -> list[str]:
    return [sys.executable, "-m", f"tests.end_to_end.clients.{name}_driver"]


def _curl() -> list[str]:
    return [*_python("curl"), str(require_service("curl"))]


def _fetch() -> list[str]:
    return [str(_node()), str(NODE / "fetch.mjs")]


def _axios() -> list[str]:
    return [str(_node()), str(NODE / "axios.mjs"), str(node_packages())]


def _node() -> Path:
    """Node with a fetch of its own, which came with 18."""
    node = require_service("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    if int(version.strip().lstrip("v").split(".")[0]) < 20:
        pytest.skip(f"node is {version.strip()} on this machine; its fetch is looked at from 20 on")
    return node


DRIVERS: dict[str, Callable[[], list[str]]] = {
    "curl": _curl,
    "requests": lambda: _python("requests"),
    "httpx": lambda: _python("httpx"),
    "aiohttp": lambda: _python("aiohttp"),
    "fetch": _fetch,
    "axios": _axios,
}


def node_packages() -> Path:
    """The folder that holds node_modules as the lock says; made on first use."""
    npm = require_service("npm")
    lock = (NODE / "package-lock.json").read_bytes()
    home = CACHE / hashlib.sha256(lock).hexdigest()[:12]
    CACHE.mkdir(parents=True, exist_ok=True)
    with home.with_suffix(".flock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not home.exists():
            _install(npm, home)
    return home


def _install(npm: Path, home: Path) -> None:
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".making-") as aside:
        place = Path(aside) / "packages"
        place.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE / name, place)
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run([npm, "ci", *quiet], cwd=place, capture_output=True, text=True, timeout=120)
        if done.returncode:
            pytest.fail(
                f"npm ci could not install axios from the registry that npm is set to use:\n{done.stderr}", False
            )
        place.rename(home)
