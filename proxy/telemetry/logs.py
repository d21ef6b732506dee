"""One line for each thing said, on stderr: JSON for machines, plain text for a person at a terminal.

Law of this file: what a client or a backend sent is not said, and what looks like it is removed all the
same. Only plain values (text, numbers, times, paths, enums, exceptions) are written; of bytes, only how many. A line is
bounded, and to log never raises.
"""

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import TextIO

import msgspec

from proxy.redaction import scrubbed

MAX_LINE = 16 * 1024
"""Characters that are written for one record, at most."""
_MAX_TEXT = 2 * 1024
_QUIET = ("alembic", "asyncio", "aiosqlite")
"""Libraries that are heard only when something is wrong."""
_MAX_TRACE = 6 * 1024
_MAX_EXTRA = 16
_MAX_INTEGER = 2**63 - 1

_ORDINARY = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})
_SILENT = frozenset({"headers", "header", "body", "authorization", "cookie", "set_cookie", "token", "password"})

Plain = str | int | float | bool | None


def configure(role: str, stream: TextIO | None = None, level: int | str = logging.INFO) -> None:
    """Makes `stream` (stderr) the only place where this process logs, in the name of `role`.

    JSON lines, or text where the stream is a terminal. May be called again, as after a fork.
    """
    target = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(target)
    handler.setFormatter(TextFormatter(role) if target.isatty() else JsonFormatter(role))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for library in _QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    logging.raiseExceptions = False


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: time, level, role, pid, logger, message, exception, and its extra fields."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        fixed = {
            "time": _time(record),
            "level": record.levelname,
            "role": self._role,
            "pid": record.process,
            "logger": record.name[-128:],
            "message": _message(record),
            **_exception(record),
        }
        line = _encode({**_extra(record), **fixed})
        return line if len(line) <= MAX_LINE else _encode(_short(fixed))


class TextFormatter(logging.Formatter):
    """A record as one line for a person, an exception below it; control characters are shown, not obeyed."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        extra = "".join(f" {name}={value}" for name, value in _extra(record).items())
        head = f"{_time(record)} {record.levelname:<7} {self._role}[{record.process}] {_message(record)}{extra}"
        trace = [f"\n    {_visible(line)}" for line in _exception(record).get("exception", "").splitlines()]
        return (_visible(head)[: MAX_LINE // 2] + "".join(trace))[:MAX_LINE]


def _short(fixed: Mapping[str, Plain]) -> dict[str, Plain]:
    """The fields again, so short that they fit even if every character is written as an escape of six."""
    return {name: value[-1024:] if isinstance(value, str) else value for name, value in fixed.items()} | {"cut": True}


def _encode(document: Mapping[str, Plain]) -> str:
    return msgspec.json.encode(document).decode()


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def _message(record: logging.LogRecord) -> str:
    try:
        return scrubbed(_bounded(_filled(record), _MAX_TEXT))
    except (TypeError, ValueError, KeyError):
        return scrubbed(_bounded(f"{record.msg} (its arguments do not fit)", _MAX_TEXT))


def _filled(record: logging.LogRecord) -> str:
    template = record.msg if isinstance(record.msg, str) else str(_plain(record.msg))
    if not record.args:
        return template
    if not isinstance(record.args, Mapping):
        return template % tuple(map(_plain, record.args))
    if "%(" in template:
        return template % {name: _field(name, value) for name, value in record.args.items()}
    return template % (_plain(record.args),)


def _exception(record: logging.LogRecord) -> dict[str, str]:
    trace = record.exc_text
    if record.exc_info and record.exc_info[0] is not None:
        trace = logging.Formatter().formatException(record.exc_info)
    return {"exception": scrubbed(_tail(trace, _MAX_TRACE))} if trace else {}


def _extra(record: logging.LogRecord) -> dict[str, Plain]:
    fields = [(name, value) for name, value in vars(record).items() if name not in _ORDINARY]
    return {_bounded(name, 64): _field(name, value) for name, value in fields[:_MAX_EXTRA]}


def _field(name: str, value: object) -> Plain:
    if name.lower() in _SILENT:
        return "<not logged>"
    plain = _plain(value)
    return scrubbed(plain) if isinstance(plain, str) else plain


def _plain(value: object) -> Plain:
    if value is None or (isinstance(value, bool | int | float) and not isinstance(value, Enum)):
        return value if not isinstance(value, int) or -_MAX_INTEGER <= value <= _MAX_INTEGER else str(value)[:_MAX_TEXT]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, Enum):
        return _bounded(str(value.value), _MAX_TEXT)
    if isinstance(value, str | Decimal | PurePath | date | BaseException):
        return _bounded(str(value), _MAX_TEXT)
    return f"<{type(value).__name__}>"


def _bounded(text: str, limit: int) -> str:
    clean = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return clean if len(clean) <= limit else f"{clean[:limit]}… ({len(clean) - limit} more characters)"


def _tail(text: str, limit: int) -> str:
    """The end of a trace, since its last line names the error."""
    clean = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return clean if len(clean) <= limit else f"… {clean[-limit:]}"


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
