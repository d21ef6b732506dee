"""The conversation of `strangler serve`, as a process: what it says, and the code that it ends with."""

import json
import signal
import socket
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from proxy.cli.serve import command
from tests.end_to_end.deployment import ROUTES, talk
from tests.support.ports import free_port
from tests.support.process import Process, Processes

SERVE = (sys.executable, "-m", "proxy", "serve")
ANY = ("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with a routes.yaml whose backends are unreachable; `run_process` has folders beside it."""
    made = tmp_path / "work"
    made.mkdir()
    (made / "routes.yaml").write_text(ROUTES.format(primary=free_port(), shadow=free_port(), stage="legacy"))
    return made


def ended(run_process: Processes, folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code, and what was said on stderr; nothing is said on stdout."""
    process = run_process([*SERVE, "-c", folder / "routes.yaml", *arguments])
    code = process.wait(20)
    assert process.stdout == ""
    return code, process.stderr


def store(folder: Path) -> str:
    return f"sqlite:///{folder / 'strangler.db'}"


def test_an_invalid_table_is_told_with_all_its_places(run_process: Processes, folder: Path) -> None:
    table = folder / "routes.yaml"
    table.write_text(table.read_text().replace("stage: legacy", "stage: nonsense\n      weight: 5\n      owner: 5"))
    code, said = ended(run_process, folder, *ANY)
    assert code == 2
    line = table.read_text().partition("stage: ")[0].count("\n") + 1
    assert f"{table}:{line}:14: error: spec.routes[0].stage: " in said
    assert [line.partition(f"{table}:")[0] for line in said.splitlines()] == [""] * 3


def test_a_table_that_is_not_there(run_process: Processes, folder: Path) -> None:
    (folder / "routes.yaml").unlink()
    code, said = ended(run_process, folder, *ANY)
    assert (code, said) == (2, f"{folder}/routes.yaml:1:1: error: cannot be read: No such file or directory\n")


@pytest.mark.parametrize("arguments", [["--workers", "0"], ["--listen", "8080"], ["--channel", "redis://a"]])
def test_a_usage_error(arguments: list[str]) -> None:
    done = CliRunner().invoke(command, arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"Invalid value for '{arguments[0]}'" in done.stderr


def test_an_occupied_port_is_one_line(run_process: Processes, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        code, said = ended(run_process, folder, *ANY, "--listen", where, "--store", store(folder))
    assert code == 3
    hint = "Stop what listens there, or choose another address."
    assert said == f"error: cannot listen on {where} for payments: Address already in use. {hint}\n"


def test_a_store_that_cannot_be_written_is_one_line(run_process: Processes, folder: Path) -> None:
    (folder / "file").touch()
    code, said = ended(run_process, folder, *ANY, "--store", f"sqlite:///{folder / 'file' / 'strangler.db'}")
    assert code == 3
    assert said.startswith("error: ")
    assert f"{folder / 'file'}" in said
    assert said.count("\n") == 1


def test_a_backend_that_has_to_be_there_and_is_not_is_one_line(run_process: Processes, folder: Path) -> None:
    code, said = ended(run_process, folder, *ANY, "--store", store(folder), "--require-backends")
    assert code == 3
    assert said.startswith("error: backend monolith (http://127.0.0.1:")
    assert said.count("\n") == 1
    assert said.count(" is unreachable: Connection refused") == 2


def up(process: Process) -> bool:
    return "warning: backend payments" in process.stderr


def test_options_come_from_the_environment_and_an_absent_backend_is_a_warning(
    run_process: Processes, folder: Path
) -> None:
    port, admin = free_port(), free_port()
    environment = {
        "STRANGLER_CONFIG": str(folder / "routes.yaml"),
        "STRANGLER_LISTEN": f"127.0.0.1:{port}",
        "STRANGLER_ADMIN": f"127.0.0.1:{admin}",
        "STRANGLER_WORKERS": "1",
        "STRANGLER_STORE": store(folder),
        "STRANGLER_REDACTION_KEY_FILE": str(folder / "own.key"),
    }
    process = run_process(SERVE, up, timeout=30, environment=environment)
    said = process.stderr.splitlines()
    assert said[0].startswith(f"strangler carries payments on http://127.0.0.1:{port} (1 routes, table ")
    assert said[1] == f"status and metrics: http://127.0.0.1:{admin}/"
    assert [line.partition(" (http")[0] for line in said[2:]] == [
        "warning: backend monolith",
        "warning: backend payments",
    ]
    head, _, body = talk(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 502 ")
    assert json.loads(body)["type"] == "upstream-unreachable"
    assert (folder / "own.key").exists()
    process.signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert process.stdout == ""
    assert process.stderr.splitlines() == said


def test_a_store_on_a_server_without_a_key_of_its_own_is_refused(run_process: Processes, folder: Path) -> None:
    code, said = ended(run_process, folder, *ANY, "--store", "postgresql://db/payments")
    assert code == 2
    assert said.startswith("error: a store at postgresql:// needs a redaction key that is kept apart from it")
    assert said.count("\n") == 1
