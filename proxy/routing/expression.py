"""RE2 expressions, as everywhere in the table.

Law of this file: an expression is matched in time linear in its input, or it is refused.
"""

from collections.abc import Iterable
from typing import Final

import re2

_MAX_PATTERN: Final = 1024
_SET_MEMORY: Final = 64 * 1024 * 1024


class MatchError(ValueError):
    """A match that cannot be compiled; the message says what is wrong with the path, expression or name."""


def compile_regex(pattern: str) -> "re2._Regexp":
    """Compile a RE2 expression, at most 1,024 characters long. Raises MatchError."""
    if len(pattern) > _MAX_PATTERN:
        raise MatchError(f"the expression is longer than {_MAX_PATTERN} characters")
    try:
        return re2.compile(pattern, regex_options())
    except re2.error as error:
        raise MatchError(f"not a RE2 expression: {_text(error)}") from None


def pattern_set(patterns: Iterable[str]) -> "re2.Set":
    """Expressions that are matched whole, all in one look; at least one. Raises MatchError if they are too large
    together.
    """
    options = regex_options()
    options.max_mem = _SET_MEMORY
    made = re2.Set.FullMatchSet(options)
    for pattern in patterns:
        made.Add(pattern)
    try:
        made.Compile()
    except re2.error:
        raise MatchError("the expressions of all routes are too large together: use fewer, or shorter ones") from None
    return made


def regex_options() -> "re2.Options":
    """UTF-8, and silent, since errors are raised."""
    options = re2.Options()
    options.log_errors = False
    return options


def _text(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
