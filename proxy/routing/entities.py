"""Entities: the things that both systems know by an id, and the places in a message where such ids stand.

Law of this file: all thinking about places is done here, when the table is built. An id is a whole value at a declared
place, never a part of a text and never a number that only looks like one. Places, as users write them:

    /v1/payments/{id}            a segment of the path, there and in all paths below; `{other}` stands for any segment
    $.payment, $..customer       a field of a JSON body, or of a form, whose names are read as paths: `card[id]`
    header:X-Payment             the whole value of a header
    query:payment, form:payment  a parameter of the query; a field of a form by its very name
    /v1/payments $.id            any of the three last kinds, but only where the path is exactly this template

The path's templates hold for the URLs in Location and Content-Location too.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

import re2

from comparators.paths import Segment, parse_path
from proxy.messages import System
from proxy.routing.expression import MatchError, compile_regex
from proxy.routing.target import canonical, is_plain

MAX_ID = 255
"""Characters of an id; a longer value is none."""

ID = "{id}"
_VARIABLE = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")


class Identity(StrEnum):
    """Whether each system makes its own ids, or both share them."""

    TWIN = "twin"
    SAME = "same"


class Owner(StrEnum):
    """Whether an entity belongs to the system that created it, or to nobody."""

    CREATOR = "creator"
    NONE = "none"


class PlaceKind(StrEnum):
    """In which part of a message a place is."""

    PATH = "path"
    BODY = "body"  # JSON, or a form whose names are read as paths
    HEADER = "header"
    QUERY = "query"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Template:
    """Segments of a path: a literal in its canonical spelling, or None for any; `at`: which one is the id, -1: none."""

    segments: tuple[bytes | None, ...]
    at: int = -1

    def leads(self, segments: list[bytes]) -> bool:
        """Whether a path of these canonical segments is this one or below it."""
        if len(segments) < len(self.segments):
            return False
        return all(mine is None or mine == its for mine, its in zip(self.segments, segments, strict=False))

    def is_path(self, segments: list[bytes]) -> bool:
        """Whether a path of these canonical segments is exactly this one."""
        return len(segments) == len(self.segments) and self.leads(segments)


@dataclass(frozen=True, slots=True)
class Place:
    """One place, compiled. `words`: as the file says it; `path`: of kind PATH, the template with the id; of another,
    the only path where it counts, None for all; `steps` and `text`: of kind BODY, the path read and as it was; `name`:
    of the other kinds, a header's folded.
    """

    kind: PlaceKind
    words: str
    path: Template | None = None
    steps: tuple[Segment, ...] = ()
    text: str = ""
    name: bytes = b""

    def counts_at(self, segments: list[bytes]) -> bool:
        """Whether it counts in messages about a path of these canonical segments."""
        if self.path is None:
            return True
        return self.path.leads(segments) if self.kind is PlaceKind.PATH else self.path.is_path(segments)


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of thing, as the file says it, and compiled. `aliases`: places of other ids that name it.

    Raises MatchError for a pattern, PathError or MatchError for a place.
    """

    name: str
    place: tuple[str, ...]
    pattern: str | None = None
    identity: Identity = Identity.TWIN
    owner: Owner = Owner.CREATOR
    unknown_owner: System = System.LEGACY
    aliases: tuple[str, ...] = ()
    places: tuple[Place, ...] = field(init=False, repr=False, compare=False)
    alias_places: tuple[Place, ...] = field(init=False, repr=False, compare=False)
    regex: "re2._Regexp | None" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", tuple(map(parse_place, self.place)))
        object.__setattr__(self, "alias_places", tuple(map(parse_place, self.aliases)))
        object.__setattr__(self, "regex", compile_regex(self.pattern) if self.pattern is not None else None)

    def is_id(self, text: str) -> bool:
        """Whether a value at one of its places is an id of it: all of the value fits the pattern."""
        if not 0 < len(text) <= MAX_ID or not _is_unicode(text):
            return False
        return self.regex is None or self.regex.fullmatch(text) is not None


def _is_unicode(text: str) -> bool:
    """Whether it is free of what was no UTF-8, or half a surrogate pair."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def parse_place(words: str) -> Place:
    """A place from its words. Raises MatchError, or PathError for what starts with `$`."""
    if words.startswith("/"):
        path, space, rest = words.partition(" ")
        return _path(words) if not space else _elsewhere(words, rest.strip(), _template(path))
    return _elsewhere(words, words, None)


def _elsewhere(words: str, text: str, path: Template | None) -> Place:
    if path is not None and path.at >= 0:
        raise MatchError(f"the path before {text} says where it counts: {{id}} has no meaning there; take another name")
    if text.startswith("$"):
        return Place(PlaceKind.BODY, words, path, steps=parse_path(text), text=text)
    kind, colon, name = text.partition(":")
    if not colon or not name or kind not in ("header", "query", "form"):
        raise MatchError("a place is a path with {id}, a JSON path like $.id, header:NAME, query:NAME or form:NAME")
    if kind != "header":
        return Place(PlaceKind(kind), words, path, name=name.encode())
    if not _HEADER_NAME.fullmatch(name):
        raise MatchError(f"{name} is no header's name")
    return Place(PlaceKind.HEADER, words, path, name=name.lower().replace("_", "-").encode())


def _path(words: str) -> Place:
    template = _template(words)
    if template.at < 0:
        raise MatchError("a path says with {id} which of its segments is the id")
    return Place(PlaceKind.PATH, words, template)


def _template(text: str) -> Template:
    parts = text.split("/")[1:]
    literal = "/".join("x" if _VARIABLE.fullmatch(part) else part for part in parts)
    if not is_plain(b"/" + literal.encode()) or (parts[-1:] == [""] and len(parts) > 1):
        raise MatchError("a path is made of whole segments, spelled plainly: literals, {id} and other {names}")
    if parts.count(ID) > 1:
        raise MatchError("a path has one {id}; name the other segments otherwise")
    segments = tuple(None if _VARIABLE.fullmatch(part) else canonical(part.encode()) for part in parts)
    return Template(segments, parts.index(ID) if ID in parts else -1)
