"""The compiled form (setup.py) does what the plain one does: the same suites, run against it in a process of their own.

Law of this file: a run counts only if what it imported was compiled, in its own process and in those that it starts.
All of it is slow: a build and the suites take two minutes, which `make test` does not have.
"""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import install
from tests.end_to_end.serving import routes
from tests.support import wire
from tests.support.files import ROOT
from tests.support.ports import free_port
from tests.support.process import Processes, members
from tests.support.services import require_folder, require_service

pytestmark = pytest.mark.slow

PYTEST = Path(sys.executable).with_name("pytest")
STRANGLER = Path(sys.executable).with_name("strangler")
ROOMS = ["tests/http1", "tests/gateway", "tests/routing", "tests/channel"]
JUDGES = [
    "tests/runtime",
    *(f"tests/end_to_end/test_{name}.py" for name in ("corpora", "fidelity", "upstream_faults", "failures", "exits")),
]
PROBE = """
import subprocess, sys
from proxy.http1 import server

def test_this_process_runs_the_compiled_form():
    assert server.__file__.startswith({folder!r}) and server.__file__.endswith(".so"), server.__file__

def test_a_process_of_its_own_runs_it_too():
    code = "from proxy.gateway import passage; print(passage.__file__)"
    done = subprocess.run([sys.executable, "-c", code], cwd={root!r}, capture_output=True, text=True, check=True)
    assert done.stdout.startswith({folder!r}) and done.stdout.endswith(".so\\n"), done.stdout
"""
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ASK = b"GET /v1/payments HTTP/1.1\r\nHost: pay.example\r\n\r\n"
BUILD = 240
"""Seconds for a build on a loaded machine, before any suite."""


@pytest.fixture(scope="module")
def compiled() -> Path:
    """The folder of the compiled form, built if it is not that of these sources; skips where nothing can be built."""
    require_service((sysconfig.get_config_var("CC") or "cc").split()[0])
    require_folder(Path(sysconfig.get_path("include")))
    return install.compiled()


def environment(compiled: Path) -> dict[str, str]:
    """In which `proxy` is the compiled one and `tests` is ours; the folder of the work never comes before them."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**quiet, "PYTHONPATH": f"{compiled}{os.pathsep}{ROOT}", "PYTHONSAFEPATH": "1"}


def run_suites(compiled: Path, folder: Path, suites: Sequence[str], seconds: float) -> str:
    """Runs them against the compiled form; what pytest said."""
    probe = folder / "test_form.py"
    probe.write_text(PROBE.format(folder=str(compiled), root=str(ROOT)))
    options = ["-q", "-m", "not slow", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "-c", "pyproject.toml"]
    options += ["-o", f"pythonpath={compiled} {ROOT}"]
    command = [str(PYTEST), *options, str(probe), *suites]
    run = subprocess.run(
        command, cwd=ROOT, env=environment(compiled), capture_output=True, text=True, timeout=seconds, check=False
    )
    return run.stdout + run.stderr


def verdict(said: str) -> tuple[int, list[str]]:
    """How many tests passed, and the lines of those that did not."""
    passed = re.search(r"^(?:=+ )?.*?(\d+) passed\b.* in [\d.]+s", said, re.MULTILINE)
    failed = re.findall(r"^(?:FAILED|ERROR) \S.*", said, re.MULTILINE)
    return int(passed[1]) if passed else 0, failed


def check(said: str) -> None:
    """No failure, and something besides the two probes passed."""
    passed, failed = verdict(said)
    assert failed == [], "\n".join([*failed, said[-6000:]])
    assert passed > 2, said[-6000:]


@pytest.mark.timeout(BUILD + 180)
def test_the_suites_of_its_rooms_pass(compiled: Path, tmp_path: Path) -> None:
    check(run_suites(compiled, tmp_path, ROOMS, 170))


@pytest.mark.timeout(BUILD + 240)
def test_corpora_judges_and_faults_find_nothing(compiled: Path, tmp_path: Path) -> None:
    check(run_suites(compiled, tmp_path, JUDGES, 230))


@pytest.mark.timeout(BUILD + 60)
async def test_strangler_serve_answers_from_it(compiled: Path, run_process: Processes, tmp_path: Path) -> None:
    seen: list[bytes] = []
    async with wire.upstream(wire.answering(seen, OK)) as upstream:
        port = free_port()
        process = run_process(
            serve(tmp_path, port, upstream.port),
            lambda each: "carries payments on" in each.stderr,
            timeout=30,
            environment=environment(compiled),
            cwd=tmp_path,
        )
        answer = await wire.exchange(port, ASK, until=b"ok")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"ok")
        assert [request.split(b"\r\n", 1)[0] for request in seen] == [b"GET /v1/payments HTTP/1.1"]
        assert str(compiled) in maps(process.pid, "worker")


def serve(folder: Path, port: int, upstream: int) -> list[str | Path]:
    (folder / "store").mkdir()
    (folder / "routes.yaml").write_text(routes([upstream]).replace('"/0"', '"/"'))
    return [
        *(STRANGLER, "serve", "-c", "routes.yaml", "--workers", "1"),
        *("--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{free_port()}"),
        *("--store", "sqlite:///store/strangler.db"),
    ]


def maps(group: int, role: str) -> str:
    """The shared objects of ours that the processes of one role have loaded."""
    pids = [pid for pid in members(group) if f"proxy.runtime\0{role}\0" in _proc(pid, "cmdline")]
    lines = "".join(_proc(pid, "maps") for pid in pids).splitlines()
    return "\n".join(line for line in lines if "strangler__mypyc" in line)


def _proc(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("....\n2242 passed, 1 deselected in 43.87s\n", (2242, [])),
        ("==== 3 passed in 0.10s ====\n", (3, [])),
        ("FAILED tests/a.py::b[x] - no\n1 failed, 5 passed in 1.00s\n", (5, ["FAILED tests/a.py::b[x] - no"])),
        ("ERROR tests/a.py - ImportError\n1 error in 0.20s\n", (0, ["ERROR tests/a.py - ImportError"])),
        ("no tests ran in 0.01s\n", (0, [])),
    ],
)
def test_what_pytest_said_is_understood(said: str, expected: tuple[int, list[str]]) -> None:
    assert verdict(said) == expected
