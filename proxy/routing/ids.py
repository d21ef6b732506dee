"""The ids in one message: which entity each names, and which bytes spell it.

Law of this file: an id is a whole value at a declared place that looks as its entity says. Nothing is decoded that is
not asked for, and what cannot be read as it claims to be holds no ids, which is said.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from proxy.messages import Headers, Request, Response, folded
from proxy.redaction.paths import PathSet
from proxy.routing.entities import Entity, PlaceKind
from proxy.routing.json_spans import NotJsonText, Steps, find_spans, in_quotes
from proxy.routing.target import canonical, split_target

LOCATIONS = (b"location", b"content-location")
"""Headers of an answer whose value is a URL (RFC 9110, sections 10.2.2 and 8.7)."""

_STEP = re.compile(r"[^\[\]]+")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FORM = b"application/x-www-form-urlencoded"


class Spelling(StrEnum):
    """How a text is written where it stands."""

    SEGMENT = "segment"  # of a path, with %XX
    FORM = "form"  # of a query or form, with %XX and +
    STRING = "string"  # of JSON, with its quotes
    NUMBER = "number"  # of JSON
    PLAIN = "plain"  # of a header


class Part(StrEnum):
    """The part of a message whose bytes are meant."""

    TARGET = "target"
    HEADER = "header"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Found:
    """One id: bytes `start` to `end` of its part. `header`: which one, by its place; `at`: the concrete place, equal
    in two messages where the ids correspond; `alias`: it stands at an alias of the entity.
    """

    entity: Entity
    id: str
    part: Part
    start: int
    end: int
    spelling: Spelling
    at: Steps
    header: int = -1
    alias: bool = False


class UnreadableBody(ValueError):
    """A body that says that it is JSON and is not, or has a content coding: whether ids are in it is not known."""


def spelled(text: str, spelling: Spelling) -> bytes:
    """A text as it is written in such a place. What stood as a number stays one if it can."""
    match spelling:
        case Spelling.SEGMENT:
            return quote(text, safe="!$&'()*+,=:@").encode()
        case Spelling.FORM:
            return quote_plus(text).encode()
        case Spelling.PLAIN:
            return text.encode()
        case Spelling.NUMBER if _INTEGER.match(text):
            return text.encode()
        case _:
            return in_quotes(text)


class Ids:
    """Finds the ids of some entities. Immutable; made once for a table."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        places = [
            (entity, place, alias)
            for entity in entities
            for alias, group in ((False, entity.places), (True, entity.alias_places))
            for place in group
        ]
        self._paths = tuple(each for each in places if each[1].kind is PlaceKind.PATH)
        self._named = tuple(each for each in places if each[1].name)
        self._bodies = tuple(each for each in places if each[1].kind is PlaceKind.BODY)
        self._json = PathSet(tuple(place.text for _, place, _ in self._bodies))
        self._headers = frozenset(place.name for _, place, _ in self._named if place.kind is PlaceKind.HEADER)
        self._forms = bool(self._bodies) or any(place.kind is PlaceKind.FORM for _, place, _ in self._named)

    def __bool__(self) -> bool:
        return bool(self._paths or self._named or self._bodies)

    @property
    def reads_bodies(self) -> bool:
        """Whether an id may stand in a body."""
        return self._forms

    def in_request(self, request: Request) -> tuple[Found, ...]:
        """The ids of a request, in no order. Raises UnreadableBody."""
        here = _segments(request.target)
        found = [*self._in_url(request.target, Part.TARGET, -1), *self._in_query(request.target, here)]
        found += self._in_headers(request.headers, here)
        return (*found, *self._in_body(request.headers, request.body, here))

    def in_answer(self, target: bytes, answer: Response) -> tuple[Found, ...]:
        """The ids of an answer to a request for `target`; the body's content coding is off. Raises UnreadableBody."""
        here = _segments(target)
        found = [*self._in_headers(answer.headers, here)]
        for number, (name, value) in enumerate(answer.headers):
            if folded(name) in LOCATIONS:
                found += self._in_url(value, Part.HEADER, number)
        return (*found, *self._in_body(answer.headers, answer.body, here))

    def _in_url(self, url: bytes, part: Part, header: int) -> Iterator[Found]:
        if not self._paths:
            return
        path, start = _placed_path(url)
        parts = path.split(b"/")[1:]
        segments = [canonical(each) for each in parts]
        for entity, place, alias in self._paths:
            if place.path is not None and place.path.leads(segments):
                at = place.path.at
                raw = parts[at].partition(b";")[0]  # parameters are no part of an id
                begin = start + sum(len(each) + 1 for each in parts[:at]) + 1
                text = unquote(raw.decode("latin-1"), errors="surrogateescape")
                if entity.is_id(text):
                    where: Steps = (part, "path", str(at))
                    yield Found(entity, text, part, begin, begin + len(raw), Spelling.SEGMENT, where, header, alias)

    def _in_query(self, target: bytes, here: list[bytes]) -> Iterator[Found]:
        if not any(place.kind is PlaceKind.QUERY for _, place, _ in self._named):
            return
        query = split_target(target)[1]
        for name, start, end in _pairs(query, len(target) - len(query)):
            yield from self._by_name(PlaceKind.QUERY, name, target, start, end, Part.TARGET, here)

    def _by_name(
        self, kind: PlaceKind, name: str, raw: bytes, start: int, end: int, part: Part, here: list[bytes]
    ) -> Iterator[Found]:
        text = unquote_plus(raw[start:end].decode("latin-1"), errors="surrogateescape")
        for entity, place, alias in self._named:
            is_here = place.kind is kind and place.name == name.encode(errors="surrogateescape")
            if is_here and place.counts_at(here) and entity.is_id(text):
                yield Found(entity, text, part, start, end, Spelling.FORM, (kind, name), alias=alias)

    def _in_headers(self, headers: Headers, here: list[bytes]) -> Iterator[Found]:
        if not self._headers:
            return
        for number, (name, value) in enumerate(headers):
            known = folded(name)
            if known in self._headers:
                yield from self._in_header(number, known, value, here)

    def _in_header(self, number: int, name: bytes, value: bytes, here: list[bytes]) -> Iterator[Found]:
        bare = value.strip(b" \t")
        start, text = value.find(bare), bare.decode(errors="surrogateescape")
        for entity, place, alias in self._named:
            if place.kind is PlaceKind.HEADER and place.name == name and place.counts_at(here) and entity.is_id(text):
                where: Steps = (PlaceKind.HEADER, name.decode())
                end = start + len(bare)
                yield Found(entity, text, Part.HEADER, start, end, Spelling.PLAIN, where, number, alias)

    def _in_body(self, headers: Headers, body: bytes, here: list[bytes]) -> Iterator[Found]:
        if not body or not self._forms:
            return
        media, is_coded = _declared(headers)
        if is_coded:
            raise UnreadableBody("it has a content coding")
        if media == _FORM:
            yield from self._in_form(body, here)
        elif b"json" in media or body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            yield from self._in_json(body, here, claims=b"json" in media)

    def _in_json(self, body: bytes, here: list[bytes], *, claims: bool) -> Iterator[Found]:
        if not self._bodies:
            return
        try:
            spans = find_spans(body, self._json)
        except NotJsonText as reason:
            if claims:
                raise UnreadableBody(str(reason)) from None
            return
        for span in spans:
            spelling = Spelling.STRING if span.quoted else Spelling.NUMBER
            for entity, alias in self._at(span.paths, here):
                if entity.is_id(span.text):
                    yield Found(entity, span.text, Part.BODY, span.start, span.end, spelling, span.steps, alias=alias)

    def _in_form(self, body: bytes, here: list[bytes]) -> Iterator[Found]:
        for name, start, end in _pairs(body, 0):
            yield from self._by_name(PlaceKind.FORM, name, body, start, end, Part.BODY, here)
            steps = tuple(int(step) if step.isdecimal() else step for step in _STEP.findall(name[:1024]))
            states = self._json.start
            for step in steps:
                states = self._json.step(states, step)
            text = unquote_plus(body[start:end].decode("latin-1"), errors="surrogateescape")
            for entity, alias in self._at(self._json.accepted(states), here):
                if entity.is_id(text):
                    yield Found(entity, text, Part.BODY, start, end, Spelling.FORM, steps, alias=alias)

    def _at(self, numbers: tuple[int, ...], here: list[bytes]) -> Iterator[tuple[Entity, bool]]:
        for number in numbers:
            entity, place, alias = self._bodies[number]
            if place.counts_at(here):
                yield entity, alias


def _placed_path(url: bytes) -> tuple[bytes, int]:
    """The path of a target or URL, and where it starts in it."""
    bare = url.partition(b"#")[0].partition(b"?")[0]
    path = split_target(bare)[0]
    return path, len(bare) - len(path)


def _segments(target: bytes) -> list[bytes]:
    return [canonical(part) for part in split_target(target)[0].split(b"/")[1:]]


def _pairs(raw: bytes, start: int) -> Iterator[tuple[str, int, int]]:
    """The decoded name of each pair, and where its value stands."""
    for pair in raw.split(b"&"):
        name, sign, _ = pair.partition(b"=")
        if sign:
            decoded = unquote_plus(name.decode("latin-1"), errors="surrogateescape")
            yield decoded, start + len(name) + 1, start + len(pair)
        start += len(pair) + 1


def _declared(headers: Headers) -> tuple[bytes, bool]:
    """The media type in lower case, and whether a content coding hides the body."""
    media, coded = b"", False
    for name, value in headers:
        known = folded(name)
        if known == b"content-type" and not media:
            media = value.partition(b";")[0].strip().lower()
        elif known == b"content-encoding":
            coded = coded or value.strip().lower() not in (b"", b"identity")
    return media, coded
