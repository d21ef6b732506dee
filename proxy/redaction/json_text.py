"""JSON with its secrets replaced in place: every other byte stays as it was spelled.

Law of this file: one pass over the tokens, no recursion and no decoded tree, so repeated keys, spellings and any depth
survive. What is not JSON is refused with None, never guessed at.
"""

import json
import re
from dataclasses import dataclass

from proxy.redaction.keys import Telling
from proxy.redaction.place import Place, Places
from proxy.redaction.values import Values
from proxy.redaction.words import NAMED, NAMING

_SPACE = " \t\r\n\x1e"
_TOKEN = re.compile(
    rf"[{_SPACE}]*(?:"
    r'("[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")|([{\[])|([}\]])|([,:])|'
    r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![-+.\w])|true|false|null|NaN|-?Infinity))"
)
_STRING, _OPEN, _CLOSE, _SIGN, _LITERAL = 1, 2, 3, 4, 5
_LEAST_DIGITS = 13
_WORDS = frozenset({"true", "false"})


@dataclass(slots=True)
class _Frame:
    """One open object or array."""

    is_object: bool
    place: Place
    index: int = -1
    key: str | None = None
    wants_value: bool = False  # in an object: after the colon
    has_value: bool = False  # a comma must come before the next one
    named: str | None = None  # what a member `name` or `key` says that the member `value` is
    held: re.Match[str] | None = None  # a `value` that came before it


class JsonText:
    """Replaces values in JSON texts by their names and by the paths of the rules."""

    def __init__(self, values: Values, places: Places) -> None:
        self._values = values
        self._places = places

    def redact(self, text: str, at: Place | None = None) -> str | None:
        """The text of one value, or of several objects and arrays, redacted; None if it is not JSON.

        `at` is where the value stands, if not at the top. Raises TooManyCandidates.
        """
        walk, place = self._walked(text, at or self._places.top)
        whole = place > 0 and not walk.is_open and not text[place:].strip(_SPACE)
        return walk.result(text) if whole else None

    def redact_beginning(self, text: str, at: Place | None = None) -> str:
        """The text, redacted as far as it is the beginning of JSON; what follows is as it was."""
        walk, _ = self._walked(text, at or self._places.top)
        return walk.result(text)

    def _walked(self, text: str, at: Place) -> tuple["_Walk", int]:
        """The walk over all that is JSON, and where that ends."""
        walk = _Walk(self._values, self._places, at)
        place = 0
        while (match := _TOKEN.match(text, place)) is not None and walk.take(match):
            place = match.end()
        return walk, place


class _Walk:
    """The state of one pass: a stack of open containers and the replacements found so far."""

    def __init__(self, values: Values, places: Places, at: Place) -> None:
        self._values = values
        self._places = places
        self._at = at
        self._stack: list[_Frame] = []
        self._found: list[tuple[int, int, str]] = []
        self._before: int | None = None

    @property
    def is_open(self) -> bool:
        return bool(self._stack)

    def result(self, text: str) -> str:
        parts: list[str] = []
        place = 0
        for start, end, replacement in self._found:
            parts += text[place:start], replacement
            place = end
        return "".join(parts) + text[place:] if parts else text

    def take(self, match: re.Match[str]) -> bool:
        """Whether the token may stand here."""
        kind = match.lastindex
        top = self._stack[-1] if self._stack else None
        if top is None:
            return kind not in (_CLOSE, _SIGN) and self._first(match)
        if kind == _SIGN:
            return self._sign(top, match[_SIGN])
        if kind == _CLOSE:
            return self._stack.pop().is_object == (match[_CLOSE] == "}")
        if top.has_value:
            return False
        if top.is_object and not top.wants_value:
            return kind == _STRING and self._key(top, match)
        return self._member(top, match)

    def _first(self, match: re.Match[str]) -> bool:
        """A value of its own. Several may follow one another (NDJSON) if all are objects or arrays."""
        alone = self._before is None or self._before == match.lastindex == _OPEN
        self._before = match.lastindex
        return alone and self._value(self._at, match)

    @staticmethod
    def _sign(top: _Frame, sign: str) -> bool:
        if sign == ":":
            allowed = top.key is not None and not top.wants_value
            top.wants_value = True
            return allowed
        allowed, top.has_value, top.wants_value, top.key = top.has_value, False, False, None
        return allowed

    def _key(self, top: _Frame, match: re.Match[str]) -> bool:
        if top.key is not None:
            return False
        top.key = _decoded(match[_STRING])
        self._replace(match, _STRING, top.key, self._values.named(top.key, Telling.NOTHING, False))
        return True

    def _next(self, top: _Frame) -> Place:
        top.has_value = True
        if top.key is not None:
            return self._places.below(top.place, top.key)
        top.index += 1
        return self._places.below(top.place, top.index)

    def _member(self, top: _Frame, match: re.Match[str]) -> bool:
        """A value in a container; `{"name": "cvc", "value": "123"}` is judged like `{"cvc": "123"}`."""
        place, key = self._next(top), (top.key or "").lower()
        if key in NAMING and match.lastindex == _STRING and top.named is None:
            top.named = self._naming(top, match)
            if top.named is not None and top.held is not None:
                self._found = [each for each in self._found if each[0] != top.held.start(top.held.lastindex or 0)]
                self._value(self._places.below(top.place, top.named), top.held)
                self._found.sort()
        if key in NAMED and top.named is not None:
            place = self._places.below(top.place, top.named)
        elif key in NAMED and match.lastindex != _OPEN:
            top.held = match
        return self._value(place, match)

    def _naming(self, top: _Frame, match: re.Match[str]) -> str | None:
        name = _decoded(match[_STRING])
        tells = self._places.below(top.place, name).telling is not Telling.NOTHING
        return name if tells else None

    def _value(self, place: Place, match: re.Match[str]) -> bool:
        if match.lastindex == _OPEN:
            self._stack.append(_Frame(match[_OPEN] == "{", place))
            return True
        group = match.lastindex or _LITERAL
        text = _decoded(match[_STRING]) if group == _STRING else match[_LITERAL]
        if group == _STRING or _holds(text, place):
            self._replace(match, group, text, self._values.named(text, place.telling, place.by_rule))
        return True

    def _replace(self, match: re.Match[str], group: int, text: str, clean: str) -> None:
        if clean != text:
            self._found.append((match.start(group), match.end(group), json.dumps(clean, ensure_ascii=False)))


def _holds(literal: str, place: Place) -> bool:
    """Whether a literal can hold a secret: null never, a boolean only by a rule."""
    if literal == "null" or literal in _WORDS:
        return literal != "null" and place.by_rule
    return place.by_rule or place.telling is not Telling.NOTHING or len(literal) >= _LEAST_DIGITS


def _decoded(quoted: str) -> str:
    """The value of a JSON string; one with a broken escape counts as it is spelled."""
    if "\\" not in quoted:
        return quoted[1:-1]
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        return quoted[1:-1]
