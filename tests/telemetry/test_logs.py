import io
import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Request, System
from proxy.telemetry.logs import MAX_LINE, JsonFormatter, TextFormatter, configure

ROOT = Path(__file__).parents[2]
SECRET = b"Authorization: Bearer clear-secret"


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    before, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    logging.captureWarnings(False)
    root.handlers[:], logging.raiseExceptions = before, raising
    root.setLevel(level)


def record(message: object, *args: object, **extra: object) -> logging.LogRecord:
    return logging.getLogger("room").makeRecord(
        "room", logging.WARNING, "file.py", 1, message, args, None, extra=extra or None
    )


def line(message: object, *args: object, **extra: object) -> dict[str, object]:
    document: dict[str, object] = json.loads(JsonFormatter("worker").format(record(message, *args, **extra)))
    return document


def test_the_fields_of_a_line() -> None:
    said = record("took %d ms on %s", 12, "a", route="create-payment", attempt=3)
    said.created = 1767225600.25
    assert json.loads(JsonFormatter("worker").format(said)) == {
        "time": "2026-01-01T00:00:00.250Z",
        "level": "WARNING",
        "role": "worker",
        "pid": os.getpid(),
        "logger": "room",
        "message": "took 12 ms on a",
        "route": "create-payment",
        "attempt": 3,
    }


def test_extra_fields_can_not_forge_the_fixed_ones() -> None:
    assert line("truth", role="forged", level="forged", time="forged")["role"] == "worker"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (SECRET, "<34 bytes>"),
        (bytearray(SECRET), "<34 bytes>"),
        (((b"authorization", SECRET),), "<tuple>"),
        ({"authorization": "clear-secret"}, "<dict>"),
        (Request(b"GET", b"/", ((b"authorization", SECRET),), SECRET), "<Request>"),
        (System.LEGACY, "legacy"),
        (Decimal("1.10"), "1.10"),
        (Path("a/b"), "a/b"),
        (ValueError("wrong"), "wrong"),
        (None, None),
        (True, True),
        (2**80, str(2**80)),
        ("\ud800", "\\ud800"),
    ],
)
def test_only_plain_values_are_written(value: object, shown: object) -> None:
    assert line("said", field=value)["field"] == shown


@pytest.mark.parametrize("template", ["%s", "%r", "%.200s"])
@pytest.mark.parametrize("value", [SECRET, [SECRET], Request(b"GET", b"/", (), SECRET)])
def test_arguments_are_plain_too(template: str, value: object) -> None:
    assert "clear-secret" not in str(line(template, value))
    assert "clear-secret" not in str(line(value))


def test_named_arguments_are_plain_too() -> None:
    values = {"route": "a", "cookie": "clear-secret", "blob": SECRET}
    assert line("%(route)s %(cookie)s %(blob)s", values)["message"] == "a <not logged> <34 bytes>"
    assert line("%s", values)["message"] == "<dict>"


@pytest.mark.parametrize("name", ["headers", "body", "Authorization", "cookie", "token"])
def test_a_field_named_like_a_secret_is_not_written(name: str) -> None:
    assert line("said", **{name: "clear-secret"})[name] == "<not logged>"


@pytest.mark.parametrize("args", [("text",), (), (1, 2)])
def test_arguments_that_do_not_fit_do_not_raise(args: tuple[object, ...]) -> None:
    said = str(line("%d of", *args)["message"])
    assert said.startswith("%d of")
    assert args == () or said.endswith("(its arguments do not fit)")


def test_an_exception_is_text() -> None:
    try:
        raise ValueError("wrong by 1")
    except ValueError:
        said = logging.getLogger("room").makeRecord("room", 40, "f", 1, "failed", (), sys.exc_info())
    exception = json.loads(JsonFormatter("worker").format(said))["exception"]
    assert exception.startswith("Traceback")
    assert exception.endswith("ValueError: wrong by 1")


LONG = st.sampled_from(["a", "\0", '"', "\n", "é", "😀", "\ud800"]).flatmap(
    lambda c: st.sampled_from([1, 500, 2_000, 50_000]).map(lambda n: c * n)
)


@given(LONG, LONG, LONG)
def test_a_line_is_one_line_and_bounded(message: str, extra: str, trace: str) -> None:
    said = record("%s", message, one=extra, two=extra, three=extra)
    said.exc_text = trace
    written = JsonFormatter("worker").format(said)
    assert len(written) <= MAX_LINE
    assert "\n" not in written
    assert json.loads(written)["level"] == "WARNING"
    assert len(TextFormatter("worker").format(said)) <= MAX_LINE


def test_the_end_of_a_long_trace_is_kept() -> None:
    said = record("failed")
    said.exc_text = "frame\n" * 10_000 + "ValueError: wrong"
    assert json.loads(JsonFormatter("worker").format(said))["exception"].endswith("ValueError: wrong")


def test_text_for_a_person() -> None:
    said = record("started", port=8080)
    said.created = 1767225600.25
    said.exc_text = "Traceback\nValueError: wrong"
    assert TextFormatter("worker").format(said) == (
        f"2026-01-01T00:00:00.250Z WARNING worker[{os.getpid()}] started port=8080\n"
        "    Traceback\n    ValueError: wrong"
    )


def test_text_shows_control_characters_and_does_not_obey_them() -> None:
    written = TextFormatter("worker").format(record("a\x1b[2Jb\nforged %s", "\r", field="\x07"))
    assert "\\x1b[2Jb\\nforged \\r field=\\x07" in written
    assert written.isprintable()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("restored_logging")
def test_configure_chooses_by_the_stream() -> None:
    pipe, terminal = io.StringIO(), Terminal()
    configure("runner", pipe)
    logging.getLogger("room").info("said %s", "once")
    configure("runner", terminal)
    logging.getLogger("room").info("said again")
    logging.getLogger("room").debug("not said")
    assert [json.loads(written)["message"] for written in pipe.getvalue().splitlines()] == ["said once"]
    assert terminal.getvalue().endswith("said again\n")
    assert terminal.getvalue().count("\n") == 1


@pytest.mark.usefixtures("restored_logging")
def test_warnings_are_lines_too() -> None:
    pipe = io.StringIO()
    configure("runner", pipe)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        configure("runner", pipe)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert "DeprecationWarning: old" in json.loads(pipe.getvalue())["message"]


def test_a_process_writes_json_lines_on_stderr_and_survives_its_loss() -> None:
    script = (
        "import logging, os; from proxy.telemetry.logs import configure; configure('worker');"
        "logging.info('one'); os.close(2); logging.info('two'); print('alive')"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, timeout=30, check=False)
    assert json.loads(done.stderr)["role"] == "worker"
    assert done.stdout == b"alive\n"


def test_what_looks_like_a_secret_is_removed_all_the_same() -> None:
    said = line("got %s", "4111 1111 1111 1111", note="Bearer abcdef123456", host="db")
    assert said["message"] == "got pan_removed"
    assert said["note"] == "Bearer secret_removed"
    assert said["host"] == "db"
    failed = record("x")
    failed.exc_text = "ValueError: cvc=123 of ann@example.com"
    shown = JsonFormatter("worker").format(failed) + TextFormatter("worker").format(failed)
    assert "cvc=123" not in shown
    assert "ann@" not in shown
