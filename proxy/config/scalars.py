"""One scalar of YAML 1.2's core schema: what its text means, and what `${VAR}` in it stands for.

Law of this file: `yes`, `on`, `010:30` and dates are strings; only the core schema's words are anything else.
Variables are put in after parsing, so that a value can never add structure to the file.
"""

import math
import re
from collections.abc import Mapping
from typing import TypeAlias

Plain: TypeAlias = str | int | float | bool | None

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_NOT_A_NUMBER = frozenset({".nan", ".NaN", ".NAN"})
_MAX_DIGITS = 400
_VARIABLE = re.compile(r"\$(\$\{)|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?")


class ScalarError(ValueError):
    """A scalar that cannot be read; the message says what is wrong with it."""


def resolve(text: str) -> Plain:
    """What a plain (unquoted) scalar means. Raises ScalarError for a number of more than 400 digits."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if found := _INFINITY.fullmatch(text):
        return -math.inf if found[1] == "-" else math.inf
    return math.nan if text in _NOT_A_NUMBER else text


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ScalarError(f"a number of more than {_MAX_DIGITS} digits")
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def substitute(text: str, environ: Mapping[str, str]) -> str:
    """Put in `${VAR}` and `${VAR:-default}` (which also stands in for an empty VAR); `$${` is a plain `${`.

    Raises ScalarError for a variable that is not set and for a `${` that is neither.
    """
    return _VARIABLE.sub(lambda found: _value(found, environ), text) if "${" in text else text


def _value(found: re.Match[str], environ: Mapping[str, str]) -> str:
    escaped, name, default = found.groups()
    if escaped:
        return "${"
    if not name:
        raise ScalarError("${ must be ${NAME} or ${NAME:-default}; write $${ for a plain ${")
    if default is not None:
        return _unicode(name, environ.get(name) or str(default))
    if name not in environ:
        raise ScalarError(f"environment variable {name} is not set; set it or write ${{{name}:-default}}")
    return _unicode(name, environ[name])


def _unicode(name: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ScalarError(f"environment variable {name} is not UTF-8") from None
    return value
