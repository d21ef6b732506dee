"""How a change is asked for and its answer told; what answers is the test's."""

import json
import threading
from collections.abc import Callable, Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from proxy.cli.admin import admin_url_option, change, token_file_option

CHANGED = {"hash": "ab", "changed": True, "late": []}
Change = Callable[..., Result]


class Answering:
    """An admin API that gives one answer, and what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 200, json.dumps(CHANGED).encode()
        self.path, self.headers, self.asked = "", Message(), b""
        self.url = ""


@pytest.fixture
def api() -> Iterator[Answering]:
    answering = Answering()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answering.path, answering.headers = self.path, self.headers
            answering.asked = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(answering.status)
            self.end_headers()
            self.wfile.write(answering.body)

        def log_message(self, *_: object) -> None:
            """A test's server says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    answering.url = f"http://127.0.0.1:{server.server_port}"
    yield answering
    server.shutdown()
    server.server_close()


@click.command
@admin_url_option
@token_file_option
@click.option("--json", "as_json", is_flag=True)
def command(admin_url: str, token_file: str | None, as_json: bool) -> None:
    change(admin_url, token_file, "POST", ["api", "a b/c"], {"by": "jo"}, as_json)


@pytest.fixture
def ask(api: Answering) -> Change:
    """Runs a command that asks the API for a change."""

    def run(*arguments: str, **environ: str) -> Result:
        return CliRunner(env={"STRANGLER_ADMIN_URL": api.url, **environ}).invoke(command, arguments)

    return run


def test_a_change_is_asked_for_and_its_answer_told(api: Answering, ask: Change) -> None:
    done = ask(STRANGLER_TOKEN=" secret\n")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "route table ab is in force, acknowledged by all workers\n"
    assert (api.path, json.loads(api.asked)) == ("/api/a%20b%2Fc", {"by": "jo"})
    assert api.headers["Authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"changed": False}, "route table ab was in force already, acknowledged by all workers\n"),
        (
            {"late": ["worker-0", "runner-0"]},
            "route table ab is in force; not acknowledged yet by worker-0, runner-0\n",
        ),
    ],
)
def test_what_came_of_it_is_told(api: Answering, ask: Change, changed: dict[str, object], told: str) -> None:
    api.body = json.dumps(CHANGED | changed).encode()
    assert ask().stdout == told


def test_as_json_it_is_the_answer(ask: Change) -> None:
    assert json.loads(ask("--json").stdout) == CHANGED


def test_the_token_of_a_file_goes_before_that_of_the_environment(api: Answering, ask: Change, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of-the-file\n")
    ask("--token-file", str(tmp_path / "token"), STRANGLER_TOKEN="other")
    assert api.headers["Authorization"] == "Bearer of-the-file"
    ask(STRANGLER_TOKEN_FILE=str(tmp_path / "token"))
    assert api.headers["Authorization"] == "Bearer of-the-file"


def test_a_refusal_is_one_line_and_exit_1(api: Answering, ask: Change) -> None:
    api.status, api.body = 422, b'{"status": 422, "title": "a", "detail": "no such route \\u001b[2J"}'
    done = ask()
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: no such route ")
    assert "\x1b" not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("status", "body"), [(504, b""), (200, b"<html>"), (200, b"{}")])
def test_an_answer_that_says_nothing_is_exit_3(api: Answering, ask: Change, status: int, body: bytes) -> None:
    api.status, api.body = status, body
    done = ask()
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (3, "", 1)


def test_a_token_file_that_is_not_there_is_exit_3(ask: Change, tmp_path: Path) -> None:
    done = ask("--token-file", str(tmp_path / "token"))
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert str(tmp_path / "token") in done.stderr


def test_a_url_that_is_none_is_a_usage_error(ask: Change) -> None:
    done = ask("--admin-url", "127.0.0.1:8081")
    assert done.exit_code == 2
    assert "is not an http:// or https:// URL" in done.stderr
