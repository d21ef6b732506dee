"""The text of a path <-> its segments.

Law of this file: a rule's path is RFC 9535 or it is refused with the offset of what is wrong; nothing is guessed. The
subset: names (`.a`, `['a']`, `["a"]`), indexes (`[0]`), all children (`[*]`, `.*`), and `..` before any of these.
A difference's path is written in the same language, so that it can be pasted into a rule.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

ALLOWED = "allowed are $, names (.a or ['a']), indexes ([0]), all children ([*]) and descendants (..) of RFC 9535"

MAX_NAME = 100
"""Characters of one name that a difference's path shows."""

MAX_PATH = 1000
"""Characters of a difference's path."""

Place: TypeAlias = "tuple[Place, str | int] | None"
"""Where a walk stands: (the place of the parent, name or index); None is the root. Written out only when needed."""

_NAME = r"[A-Za-z_\u0080-\ud7ff\ue000-\U0010ffff][A-Za-z0-9_\u0080-\ud7ff\ue000-\U0010ffff]*"
_SEGMENT = re.compile(
    rf"""
      (?P<dots> \.\.? ) (?: (?P<name> {_NAME} ) | (?P<star> \* ) )
    | (?P<deep> \.\. )? \[ [ \t\n\r]* (?:
          (?P<index> 0 | [1-9][0-9]{{0,15}} )
        | (?P<all> \* )
        | (?P<single> ' (?: [^'\\\x00-\x1f] | \\. )* ' )
        | (?P<double> " (?: [^"\\\x00-\x1f] | \\. )* " )
      ) [ \t\n\r]* \]
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INDEX_OR_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\[\d+\]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class PathError(ValueError):
    """A rule's path can't be read. `path` as given; `offset` in characters from its start; `problem` in words."""

    def __init__(self, path: str, offset: int, problem: str) -> None:
        super().__init__(f"path {path!r}, offset {offset}: {problem}; {ALLOWED}")
        self.path = path
        self.offset = offset
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Segment:
    """One step down. `selector`: a member's name, an element's index, or None for every child; `deep`: at any depth."""

    selector: str | int | None
    deep: bool


def parse_path(text: str) -> tuple[Segment, ...]:
    """The segments of a path after `$`. Raises PathError."""
    if not text.startswith("$"):
        raise PathError(text, 0, "a path starts with $")
    segments = []
    offset = 1
    while offset < len(text):
        found = _SEGMENT.match(text, offset)
        if found is None:
            raise PathError(text, offset, f"can't read {text[offset : offset + 20]!r}")
        segments.append(_segment(text, found))
        offset = found.end()
    return tuple(segments)


def _segment(text: str, found: re.Match[str]) -> Segment:
    deep = found["dots"] == ".." or found["deep"] is not None
    if found["star"] or found["all"]:
        return Segment(None, deep)
    if found["index"]:
        return Segment(int(found["index"]), deep)
    return Segment(found["name"] or _unquoted(text, found), deep)


def _unquoted(text: str, found: re.Match[str]) -> str:
    quoted = found["double"] or _double_quoted(found["single"])
    try:
        name = str(json.loads(quoted))
        name.encode()
    except ValueError:
        raise PathError(text, found.start(), "a quoted name has an escape that JSON doesn't know") from None
    return name


def _double_quoted(single: str) -> str:
    body = re.sub(r"\\.|\"", lambda part: {"\\'": "'", '"': '\\"'}.get(part[0], part[0]), single[1:-1])
    return f'"{body}"'


def written(place: Place) -> str:
    """A place as a concrete path: `$.lines[3]['unit price']`. Long names and paths are cut, marked with "…"."""
    parts: list[str] = []
    while place is not None:
        place, step = place
        parts.append(_step(step))
    path = "$" + "".join(reversed(parts))
    return _cut(path, MAX_PATH)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return _name(_cut(step, MAX_NAME))


def _cut(text: str, most: int) -> str:
    """Never inside a run of digits: half a card number would slip past those who look for whole ones."""
    return text if len(text) <= most else text[: most - 1].rstrip("0123456789 -") + "…"


@lru_cache(maxsize=4096)
def _name(name: str) -> str:
    return f".{name}" if _PLAIN.fullmatch(name) else quoted(name)


def quoted(name: str) -> str:
    """A name in brackets and quotes: `['unit price']`."""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return "['" + _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + "']"


def pattern_of(path: str) -> str:
    """A concrete path with each index as `[*]`; names stay, also those that look like an index."""
    return _INDEX_OR_QUOTED.sub(lambda found: "[*]" if found[0].startswith("[") else found[0], path)
