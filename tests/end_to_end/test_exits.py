"""A command that cannot end well says so in one line and with the code of the contract."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.files import ROOT

FULL = Path("/dev/full")
BROKEN = "from proxy.cli import main; import proxy.cli.schema as s; s.json_schema = lambda: 1 / 0; main(['schema'])"


def ended(*command: str, stdout: int, **environment: str) -> tuple[int, str]:
    """Its exit code and what it wrote on stderr."""
    process = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        timeout=30,
        check=False,
    )
    return process.returncode, process.stderr.decode()


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [("schema",), ("explain", "GET", "/"), ("version", "--json")])
def test_output_that_cannot_be_written_is_the_environments_fault(arguments: tuple[str, ...]) -> None:
    with FULL.open("wb") as full:
        code, said = ended("-m", "proxy", *arguments, stdout=full.fileno())
    assert (code, said) == (3, "error: cannot be read or written: No space left on device\n")


def test_a_reader_who_has_gone_is_told_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert ended("-m", "proxy", "schema", stdout=writing) == (3, "")
    finally:
        os.close(writing)


def test_a_folder_too_deep_for_a_socket_is_the_environments_fault(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100)
    deep.mkdir()
    sample = ROOT / "routes.yaml"
    store, ports = f"sqlite:///{tmp_path}/s.db", ("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
    environment = {"TMPDIR": str(deep), "STRANGLER_TOKEN": "0123456789abcdef"}
    arguments = ("serve", "-c", str(sample), *ports, "--store", store)
    code, said = ended("-m", "proxy", *arguments, stdout=subprocess.DEVNULL, **environment)
    assert (code, "choose a shorter folder, with TMPDIR" in said, said.count("\n")) == (3, True, 1), said


def test_our_own_fault_is_one_line_and_a_code_of_its_own() -> None:
    code, said = ended("-c", BROKEN, stdout=subprocess.DEVNULL, STRANGLER_DEBUG="")
    assert (code, said) == (
        5,
        "error: a fault of strangler itself: ZeroDivisionError: division by zero; STRANGLER_DEBUG=1 shows where\n",
    )
    code, said = ended("-c", BROKEN, stdout=subprocess.DEVNULL, STRANGLER_DEBUG="1")
    assert code == 5
    assert "Traceback (most recent call last)" in said


@pytest.mark.parametrize(("arguments", "code"), [(("nonsense",), 2), (("show",), 2), (("check", "-c", "none.yaml"), 2)])
def test_a_users_fault_stays_one(arguments: tuple[str, ...], code: int) -> None:
    assert ended("-m", "proxy", *arguments, stdout=subprocess.DEVNULL)[0] == code
