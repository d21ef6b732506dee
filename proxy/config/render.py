"""Errors and warnings for a terminal, for a program, and for GitHub's annotations.

Law of this file: text only; nothing is printed here.
"""

import json
from collections.abc import Iterator

from proxy.config.errors import ConfigError, printable
from proxy.config.load import Inspection

SCHEMA_VERSION = 1
_MAX_LINE = 160


def text(found: Inspection) -> str:
    """Each problem as `file:line:col: severity: path: message`, the line itself and a caret; then a summary."""
    lines = found.source.splitlines()
    return "\n".join([*(part for problem in found.problems for part in _shown(problem, lines)), _summary(found)])


def _shown(problem: ConfigError, lines: list[str]) -> Iterator[str]:
    yield str(problem)
    if problem.line <= len(lines):
        line = lines[problem.line - 1].replace("\t", " ")
        start = max(0, min(problem.column - _MAX_LINE // 2, len(line) - _MAX_LINE))
        yield "    " + printable(line[start : start + _MAX_LINE])
        yield "    " + " " * (problem.column - 1 - start) + "^"


def _summary(found: Inspection) -> str:
    warnings = len(found.problems) - len(found.errors)
    if found.table is None:
        return f"{found.file}: {_count(len(found.errors), 'error')}, {_count(warnings, 'warning')}"
    table = found.table
    parts = f"{_count(len(table.routes), 'route')}, {_count(len(table.backends), 'backend')}"
    extra = f", {_count(warnings, 'warning')}" if warnings else ""
    return f"{found.file}: ok: {parts}, table {table.hash}{extra}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def as_json(found: Inspection) -> str:
    """One JSON object: schemaVersion, file, ok, table (name, hash, routes, backends) or null, problems."""
    table = found.table
    return json.dumps(
        {
            "schemaVersion": SCHEMA_VERSION,
            "file": found.file,
            "ok": table is not None,
            "table": table
            and {
                "name": table.name,
                "hash": table.hash,
                "routes": len(table.routes),
                "backends": len(table.backends),
            },
            "problems": [_plain(problem) for problem in found.problems],
        },
        indent=2,
        ensure_ascii=False,
    )


def _plain(problem: ConfigError) -> dict[str, str | int]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity.value,
        "path": problem.path,
        "message": problem.message,
    }


def github(found: Inspection) -> str:
    """Workflow commands, one a problem: `::error file=…,line=…,col=…::path: message`; the summary if there is none."""
    return "\n".join(map(_command, found.problems)) or _summary(found)


def _command(problem: ConfigError) -> str:
    message = f"{problem.path}: {problem.message}" if problem.path else problem.message
    file = _escaped(problem.file).replace(":", "%3A").replace(",", "%2C")
    return f"::{problem.severity} file={file},line={problem.line},col={problem.column}::{_escaped(message)}"


def _escaped(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
