"""What an operator wrote wrongly, and where.

Law of this file: an error names file, line, column and path; never the value of an environment variable.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether the file is refused for it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class ConfigError:
    """One thing that is wrong.

    Line and column count from 1; `path` is like `spec.routes[0].stage`, or empty for the whole file.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: {self.severity}: "
        return place + (f"{self.path}: {self.message}" if self.path else self.message)


def printable(text: str) -> str:
    """Text that a terminal shows and does not obey: a sign in place of each control character and line break."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


class ConfigErrors(Exception):
    """A configuration that is refused, with everything that is wrong with it, in the order of the file."""

    def __init__(self, errors: tuple[ConfigError, ...]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors
