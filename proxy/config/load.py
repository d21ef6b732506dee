"""A file -> a RouteTable, or everything that is wrong with it.

Law of this file: it is all or nothing. A table is built only from a file in which no error was found; every error is
found in one go, and none shows what an environment variable holds.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path as FilePath

from pydantic import ValidationError

from proxy.config import checks, draft, lint, tls_checks, wording
from proxy.config.build import build
from proxy.config.errors import ConfigError, ConfigErrors, Severity, printable
from proxy.config.problems import Problem, written
from proxy.config.schema import RouteTableSpec
from proxy.config.supported import unsupported
from proxy.config.tls_checks import Surroundings
from proxy.config.yaml_reader import MAX_BYTES, Document, Fault, Path, Place, read
from proxy.routing.expression import MatchError
from proxy.routing.table import RouteTable
from proxy.routing.uncollected import uncollected


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a file: its text, the table unless there is an error, all problems in the order of lines."""

    file: str
    source: str
    table: RouteTable | None
    problems: tuple[ConfigError, ...]

    @property
    def errors(self) -> tuple[ConfigError, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def load(path: str | os.PathLike[str], environ: Mapping[str, str] = os.environ) -> RouteTable:
    """Load a file. Raises ConfigErrors, also if it cannot be read. The files that it names are not looked at."""
    return _table(inspect(path, environ, deep=False, warn=False))


def loads(text: str, name: str = "routes.yaml", environ: Mapping[str, str] = os.environ) -> RouteTable:
    """Load a text; `name` is what errors call it. Raises ConfigErrors."""
    return _table(inspect_text(text, name, environ, warn=False))


def _table(found: Inspection) -> RouteTable:
    if found.table is None:
        raise ConfigErrors(found.errors)
    return found.table


def inspect(
    path: str | os.PathLike[str], environ: Mapping[str, str] = os.environ, *, deep: bool = True, warn: bool = True
) -> Inspection:
    """Read a file and say all about it. Never raises: a missing file is a problem like any other.

    `deep`: also about the files of TLS that it names; `warn`: also what is not wrong, but probably not meant.
    """
    name = os.fspath(path)
    try:
        with FilePath(path).open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode()
    except OSError as error:
        return _unreadable(name, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        return _unreadable(name, f"is not UTF-8: byte {error.start} cannot be read")
    around = Surroundings(FilePath(name).parent, datetime.now(UTC)) if deep else None
    return inspect_text(text, name, environ, around, warn=warn)


def _unreadable(name: str, message: str) -> Inspection:
    return Inspection(name, "", None, (ConfigError(name, 1, 1, "", message),))


def inspect_text(
    text: str, name: str, environ: Mapping[str, str], around: Surroundings | None = None, *, warn: bool = True
) -> Inspection:
    """As `inspect`, for a text; files that it names are looked at if it is said where."""
    with uncollected():
        return _inspected(text, name, environ, around, warn)


def _inspected(text: str, name: str, environ: Mapping[str, str], around: Surroundings | None, warn: bool) -> Inspection:
    document = read(text, environ)
    table, found = _examine(document, around, warn)
    faults = (_error(name, fault.place, Problem(fault.path, fault.message)) for fault in document.faults)
    problems = [*faults, *(_located(document, name, problem) for problem in found)]
    problems.sort(key=lambda error: (error.line, error.column, error.path))
    return Inspection(name, text, table, tuple(problems))


def _error(name: str, place: Place, problem: Problem) -> ConfigError:
    path, message = printable(written(problem.path)), printable(problem.message)
    return ConfigError(name, place.line, place.column, path, message, problem.severity)


def _examine(document: Document, around: Surroundings | None, warn: bool) -> tuple[RouteTable | None, list[Problem]]:
    if document.value is None:
        return None, [] if document.faults else [Problem((), "the file is empty")]
    spec, found = _validated(document)
    if spec is None or document.faults or found:
        lost = (fault for fault in document.faults if fault.lost)
        rough = draft.salvaged(document.value, [*_paths(found), *_paths(lost)])
        return None, _without_echoes(document.faults, [*found, *_checked(rough, around)])
    found = list(_checked(draft.whole(spec, document.value), around))
    if any(problem.severity is Severity.ERROR for problem in found):
        return None, found
    try:
        table = build(spec)
    except MatchError as error:  # each of its parts was right
        return None, [*found, Problem(("spec", "routes"), str(error), at_key=True)]
    return table, [*(lint.warnings(table, spec) if warn else ()), *found]


def _checked(rough: draft.Draft, around: Surroundings | None) -> Iterator[Problem]:
    yield from checks.problems(rough)
    if around is not None:
        yield from tls_checks.problems(rough, around)


def _validated(document: Document) -> tuple[RouteTableSpec | None, list[Problem]]:
    barred = list(unsupported(document.value))
    try:
        return RouteTableSpec.model_validate(document.value), barred
    except ValidationError as error:
        wrong = list(wording.problems(error, document.values))
        return None, _without_echoes((), [*wrong, *barred])


def _paths(found: Iterable[Problem | Fault]) -> Iterator[Path]:
    return (problem.path for problem in found)


def _without_echoes(faults: Iterable[Fault], found: list[Problem]) -> list[Problem]:
    """Without what only follows from something said before: at the same path, below a fault, or about a value whose
    type is wrong.
    """
    roots = {fault.path for fault in faults}
    kept: dict[Path, Problem] = {}
    for problem in found:
        below = any(problem.path[:end] in roots for end in range(len(problem.path) + 1))
        if not below and not (problem.path[-1:] == ("value",) and (*problem.path[:-1], "type") in kept):
            kept.setdefault(problem.path, problem)
    return list(kept.values())


def _located(document: Document, name: str, problem: Problem) -> ConfigError:
    place = document.key(problem.path) if problem.at_key else document.place(problem.path)
    message = _veiled(problem.message, document.variables.get(problem.path))
    return _error(name, place, replace(problem, message=message))


def _veiled(message: str, variable: tuple[str, str] | None) -> str:
    return message if variable is None or not variable[0] else message.replace(variable[0], variable[1])
