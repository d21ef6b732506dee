"""Ids and other values replaced in a message, in one pass, and not a byte besides. Pure.

Law of this file: all places are found in the message as it came, so that what is put in is never looked at again: ids
that are each other's twins swap without harm. Only whole values at the found places change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from proxy.messages import Headers, Request, Response, folded
from proxy.routing.ids import Found, Part, spelled

_LENGTH = b"content-length"


@dataclass(frozen=True, slots=True)
class Change:
    """Bytes `start` to `end` of a part of a message become `text`. `header`: which one, by its place."""

    part: Part
    start: int
    end: int
    text: bytes
    header: int = -1


def changes(found: Iterable[Found], names: Mapping[tuple[str, str], str]) -> list[Change]:
    """What turns each id found into what `names` calls (entity, id); an id that it has no other name for stays."""
    made: list[Change] = []
    for each in found:
        name = names.get((each.entity.name, each.id))
        if name is not None and name != each.id:
            made.append(Change(each.part, each.start, each.end, spelled(name, each.spelling), each.header))
    return made


def changed_request(request: Request, made: list[Change]) -> Request:
    """The request with these changes; its Content-Length fits. Where two overlap, the first stands."""
    if not made:
        return request
    body = _patched(request.body, [each for each in made if each.part is Part.BODY])
    target = _patched(request.target, [each for each in made if each.part is Part.TARGET])
    return Request(request.method, target, _fitted(_headers(request.headers, made), request.body, body), body)


def changed_answer(answer: Response, made: list[Change]) -> Response:
    """The answer with these changes."""
    if not made:
        return answer
    body = _patched(answer.body, [each for each in made if each.part is Part.BODY])
    return replace(answer, headers=_fitted(_headers(answer.headers, made), answer.body, body), body=body)


def _headers(headers: Headers, made: list[Change]) -> Headers:
    by_number: dict[int, list[Change]] = {}
    for each in made:
        if each.part is Part.HEADER:
            by_number.setdefault(each.header, []).append(each)
    if not by_number:
        return headers
    return tuple((name, _patched(value, by_number.get(number, []))) for number, (name, value) in enumerate(headers))


def _fitted(headers: Headers, before: bytes, body: bytes) -> Headers:
    if len(before) == len(body):
        return headers
    length = str(len(body)).encode()
    return tuple((name, length if folded(name) == _LENGTH else value) for name, value in headers)


def _patched(raw: bytes, made: list[Change]) -> bytes:
    if not made:
        return raw
    parts: list[bytes] = []
    place = 0
    for each in sorted(made, key=lambda change: change.start):
        if each.start >= place:
            parts += raw[place : each.start], each.text
            place = each.end
    return b"".join((*parts, raw[place:]))
