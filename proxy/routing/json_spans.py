"""Where the values that some paths name stand in a JSON text: their places in the document, and their bytes.

Law of this file: the text is read in one pass and never decoded to a tree, so that a value can be replaced and every
other byte stays as it was. Only a text that is JSON as a whole has spans.
"""

import json
import re
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from proxy.redaction.paths import PathSet, States

Steps: TypeAlias = tuple[str | int, ...]

MAX_SPANS = 10_000
"""Values of one text; those beyond are not looked at, which the caller is told."""

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Span:
    """A string or number at a place: bytes `start` to `end` with its quotes; `paths`: the numbers of those that name
    it; `text`: a string's value, a number as it is spelled.
    """

    paths: tuple[int, ...]
    steps: Steps
    start: int
    end: int
    text: str
    quoted: bool


class NotJsonText(ValueError):
    """The bytes are not one JSON text, or hold more than MAX_SPANS values at the paths."""


@dataclass(slots=True)
class _Frame:
    """One open object or array: where the paths stand, and the step to the value that comes next."""

    states: States
    steps: Steps
    index: int
    key: str


def find_spans(body: bytes, paths: PathSet) -> list[Span]:
    """All strings and numbers that the paths name, in the order of the text. Raises NotJsonText."""
    start = len(_BYTE_ORDER_MARK) if body.startswith(_BYTE_ORDER_MARK) else 0
    try:
        msgspec.json.decode(memoryview(body)[start:], type=msgspec.Raw)
        found = _Walk(paths).walk(body, start)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotJsonText(type(error).__name__) from None
    if len(found) > MAX_SPANS:
        raise NotJsonText(f"more than {MAX_SPANS} ids")
    return found


class _Walk:
    """One pass over a text that is JSON. `_key` is the string that may turn out to be a name."""

    def __init__(self, paths: PathSet) -> None:
        self._paths = paths
        self._stack: list[_Frame] = []
        self._found: list[Span] = []

    def walk(self, body: bytes, start: int) -> list[Span]:
        wants_key = False
        for token in _TOKEN.finditer(body, start):
            first = body[token.start()]
            if first == 0x22 and wants_key:
                self._stack[-1].key = _text(token[0])
                wants_key = False
            elif first in b"{[":
                self._open(first == 0x5B)
                wants_key = first == 0x7B
            elif first in b"}]":
                self._stack.pop()
                wants_key = False
            elif first == 0x2C:
                wants_key = self._next()
            elif first != 0x3A:
                self._scalar(token, quoted=first == 0x22)
            if len(self._found) > MAX_SPANS:
                break
        return self._found

    def _open(self, is_array: bool) -> None:
        states, steps = self._here()
        self._stack.append(_Frame(states, steps, 0 if is_array else -1, ""))

    def _next(self) -> bool:
        """Past a comma; whether a name comes next."""
        top = self._stack[-1]
        if top.index < 0:
            return True
        top.index += 1
        return False

    def _here(self) -> tuple[States, Steps]:
        if not self._stack:
            return self._paths.start, ()
        top = self._stack[-1]
        step = top.key if top.index < 0 else top.index
        return (self._paths.step(top.states, step), (*top.steps, step)) if top.states else (top.states, ())

    def _scalar(self, token: re.Match[bytes], *, quoted: bool) -> None:
        states, steps = self._here()
        numbers = self._paths.accepted(states) if states else ()
        if numbers and (quoted or token[0][0] in b"-0123456789"):
            text = _text(token[0]) if quoted else token[0].decode()
            self._found.append(Span(numbers, steps, token.start(), token.end(), text, quoted))


def _text(quoted: bytes) -> str:
    """The value of a JSON string; lone surrogates stay what they are."""
    inner = quoted[1:-1]
    return inner.decode() if b"\\" not in inner else str(json.loads(quoted.decode(), strict=False))


def in_quotes(text: str) -> bytes:
    """A JSON string of this value."""
    return json.dumps(text, ensure_ascii=False).encode(errors="surrogatepass")
