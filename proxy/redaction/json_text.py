"""JSON with its secrets replaced in place: every other byte stays as it was spelled.

Law of this file: one pass over the tokens, no recursion and no decoded tree, so repeated keys, spellings and any depth
survive. What is not JSON is refused with None, never guessed at.
"""

import json
import re
from collections.abc import Collection, Container, Iterable

from msgspec import Struct
from msgspec.structs import replace

from proxy.redaction.cards import TooManyCandidates
from proxy.redaction.keys import Telling
from proxy.redaction.place import Place, Places
from proxy.redaction.prefilter import is_clean
from proxy.redaction.values import Values
from proxy.redaction.words import NAMED, NAMING

_SPACE = " \t\r\n\x1e"
_STRING = r'"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"'
_LITERAL = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![-+.\w])|true|false|null|NaN|-?Infinity"
_PIECE = re.compile(
    rf"[{_SPACE}]*(?:(?:({_STRING})[{_SPACE}]*:[{_SPACE}]*)?(?:({_STRING})|({_LITERAL})|([{{\[]))|([}}\]]))[{_SPACE}]*(,)?"
)
"""A value, the beginning of a container or its end; with the name before it and the comma behind it, if any."""
_AT_NAME, _AT_STRING, _AT_LITERAL, _AT_OPEN, _AT_CLOSE, _AT_COMMA = range(1, 7)

_MEMORY = 4096
_LONG_NAME = 128
_LEAST_DIGITS = 13
_WORDS = frozenset({"true", "false"})


class _Scalar(Struct, frozen=True, gc=False):
    """A string or a literal in the text, and what it says. `place`: None for the name of a member."""

    start: int
    end: int
    text: str
    place: Place | None
    is_string: bool = True

    @property
    def is_plain(self) -> bool:
        """Whether it is a value of which nothing but what it says itself can tell what it is."""
        return self.place is not None and self.place.telling is Telling.NOTHING and not self.place.by_rule


class _Frame(Struct):
    """One open object or array."""

    is_object: bool
    place: Place
    index: int = -1
    is_ready: bool = True  # for a value: at the beginning and behind a comma
    named: str | None = None  # what a member `name` or `key` says that the member `value` is
    held: _Scalar | None = None  # a `value` that came before it


class JsonText:
    """Replaces values in JSON texts by their names and by the paths of the rules."""

    def __init__(self, values: Values, places: Places) -> None:
        self._values = values
        self._places = places
        self._clean_names: set[str] = set()

    def redact(self, text: str, at: Place | None = None) -> str | None:
        """The text of one value, or of several objects and arrays, redacted; None if it is not JSON.

        `at` is where the value stands, if not at the top. Raises TooManyCandidates.
        """
        walk = _Walk(self._places, at or self._places.top, self._clean_names)
        place = self._end(text, walk)
        whole = place > 0 and not walk.is_open and not text[place:].strip(_SPACE)
        return self._replaced(text, walk.scalars) if whole else None

    def redact_beginning(self, text: str, at: Place | None = None) -> str:
        """The text, redacted as far as it is the beginning of JSON; what follows is as it was."""
        walk = _Walk(self._places, at or self._places.top, self._clean_names)
        self._end(text, walk)
        return self._replaced(text, walk.scalars)

    @staticmethod
    def _end(text: str, walk: "_Walk") -> int:
        """Where that ends which is JSON."""
        place = 0
        while (match := _PIECE.match(text, place)) is not None and walk.take(match):
            place = match.end()
        return place

    def _replaced(self, text: str, scalars: Collection[_Scalar]) -> str:
        if self._is_quiet(each.text for each in scalars if each.is_plain):
            scalars = [each for each in scalars if not each.is_plain]
        parts: list[str] = []
        place = 0
        for each in scalars:
            clean = self._judged(each)
            if clean != each.text:
                parts += text[place : each.start], json.dumps(clean, ensure_ascii=False)
                place = each.end
        return "".join(parts) + text[place:] if parts else text

    def _judged(self, scalar: _Scalar) -> str:
        if scalar.place is not None:
            return self._values.named(scalar.text, scalar.place.telling, scalar.place.by_rule)
        clean = self._values.named(scalar.text, Telling.NOTHING, False)
        if clean == scalar.text and len(clean) <= _LONG_NAME:
            if len(self._clean_names) >= _MEMORY:
                self._clean_names.clear()
            self._clean_names.add(clean)
        return clean

    @staticmethod
    def _is_quiet(texts: Iterable[str]) -> bool:
        """Whether one search tells that none of them holds anything."""
        try:
            return is_clean("\n".join(texts).encode(errors="surrogatepass"), "utf-8")
        except TooManyCandidates:
            return False


class _Walk:
    """The state of one pass: a stack of open containers, and the scalars so far that may hold something."""

    def __init__(self, places: Places, at: Place, clean_names: Container[str]) -> None:
        self._places = places
        self._clean_names = clean_names
        self._at = at
        self._stack: list[_Frame] = []
        self._scalars: dict[int, _Scalar] = {}
        self._out_of_order = False
        self._before: int | None = None

    @property
    def is_open(self) -> bool:
        return bool(self._stack)

    @property
    def scalars(self) -> Collection[_Scalar]:
        """In the order of the text."""
        found = self._scalars
        return [found[start] for start in sorted(found)] if self._out_of_order else found.values()

    def take(self, match: re.Match[str]) -> bool:
        """Whether the piece may stand here."""
        name, _, _, opened, closed, comma = match.groups()
        top = self._stack[-1] if self._stack else None
        if top is None:
            return not (name or closed) and self._first(match) and not comma
        if closed:
            return self._close(top, closed, comma)
        if not top.is_ready or top.is_object != (name is not None) or (opened and comma):
            return False
        top.is_ready = comma is not None
        return self._element(top, match) if name is None else self._member(top, match, name)

    def _first(self, match: re.Match[str]) -> bool:
        """A value of its own. Several may follow one another (NDJSON) if all are objects or arrays."""
        kind = match.lastindex
        alone = self._before is None or self._before == kind == _AT_OPEN
        self._before = kind
        if alone:
            self._value(self._at, match)
        return alone

    def _close(self, top: _Frame, closed: str, comma: str | None) -> bool:
        self._stack.pop()
        if comma and self._stack:
            self._stack[-1].is_ready = True
        return top.is_object == (closed == "}") and not (comma and not self._stack)

    def _element(self, top: _Frame, match: re.Match[str]) -> bool:
        top.index += 1
        self._value(self._places.below(top.place, top.index), match)
        return True

    def _member(self, top: _Frame, match: re.Match[str], quoted: str) -> bool:
        """A name and its value; `{"name": "cvc", "value": "123"}` is judged like `{"cvc": "123"}`."""
        name = _decoded(quoted)
        if name not in self._clean_names:
            self._keep(_Scalar(*match.span(_AT_NAME), name, None))
        place, key = self._places.below(top.place, name), name.lower()
        if key in NAMING and top.named is None and match[_AT_STRING]:
            self._name(top, _decoded(match[_AT_STRING]))
        if key in NAMED and top.named is not None:
            place = self._places.below(top.place, top.named)
        scalar = self._value(place, match)
        if scalar is not None and key in NAMED and top.named is None:
            top.held = scalar
        return True

    def _name(self, top: _Frame, name: str) -> None:
        """What the value of its object is, be it held already or to come."""
        place = self._places.below(top.place, name)
        if place.telling is Telling.NOTHING:
            return
        top.named = name
        if top.held is not None:
            self._out_of_order = self._out_of_order or top.held.start not in self._scalars
            self._keep(replace(top.held, place=place))

    def _value(self, place: Place, match: re.Match[str]) -> _Scalar | None:
        if opened := match[_AT_OPEN]:
            self._stack.append(_Frame(opened == "{", place))
            return None
        quoted = match[_AT_STRING]
        if quoted is None:
            scalar = _Scalar(*match.span(_AT_LITERAL), match[_AT_LITERAL], place, False)
        else:
            scalar = _Scalar(*match.span(_AT_STRING), _decoded(quoted), place)
        self._keep(scalar)
        return scalar

    def _keep(self, scalar: _Scalar) -> None:
        if scalar.is_string or _holds(scalar.text, scalar.place):
            self._scalars[scalar.start] = scalar


def _holds(literal: str, place: Place | None) -> bool:
    """Whether a literal can hold a secret: null never, a boolean only by a rule."""
    if place is None:
        return True
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
