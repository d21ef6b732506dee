"""What one exchange touches: the entities that it names, and its caller. Pure.

Law of this file: a write is taken to change every entity that it names and every one that its answer names, a read to
look at them. A read that names none is a list: it is ordered against what its caller makes.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b

from msgspec.structs import replace

from comparators.answers import Answer, fields, reading
from comparators.codings import Unreadable, decoded
from proxy.messages import Exchange, Request, Response, folded
from proxy.routing.ids import Found, Ids, UnreadableBody
from proxy.shadow.book import Name
from proxy.shadow.sequence import Touch

_CODING = b"content-encoding"


@dataclass(frozen=True, slots=True)
class Touched:
    """The ids in the request and in the primary's answer; `unreadable`: the request may hold more."""

    asked: tuple[Found, ...]
    answered: tuple[Found, ...]
    writes: bool
    unreadable: bool = False

    @property
    def names(self) -> frozenset[Name]:
        """All entities that the exchange names."""
        return names_of((*self.asked, *self.answered))


def names_of(found: tuple[Found, ...]) -> frozenset[Name]:
    return frozenset((each.entity.name, each.id) for each in found)


def touched(exchange: Exchange, ids: Ids, *, writes: bool) -> Touched:
    """What the exchange touches, as far as it can be read."""
    request, outcome = exchange.request, exchange.primary.outcome
    unreadable = False
    try:
        asked = ids.in_request(request)
    except UnreadableBody:
        unreadable = True
        asked = ids.in_request(Request(request.method, request.target, request.headers, b""))
    answered = found_in(exchange.request.target, plain(outcome), ids) if isinstance(outcome, Response) else ()
    return Touched(asked, answered, writes, unreadable)


def found_in(target: bytes, answer: Response, ids: Ids) -> tuple[Found, ...]:
    """The ids of an answer, in which a content coding is off; those of a body that cannot be read are not there."""
    try:
        return ids.in_answer(target, answer)
    except UnreadableBody:
        return ids.in_answer(target, replace(answer, body=b""))


def plain(answer: Response) -> Response:
    """The answer without its content coding; as it is if that cannot be taken off."""
    codings = reading(fields(Answer(answer.status, answer.headers, b""), (_CODING,))).codings
    if not codings or not answer.body:
        return answer
    try:
        body = decoded(answer.body, codings)
    except Unreadable:
        return answer
    return replace(answer, headers=tuple(field for field in answer.headers if folded(field[0]) != _CODING), body=body)


def touches(exchange: Exchange, found: Touched) -> dict[Hashable, Touch]:
    """How the exchange touches what it touches, for its turn among the others of one shadow's backend."""
    shadow = exchange.plan.shadow
    how = Touch.CHANGE if found.writes else Touch.LOOK
    things: dict[Hashable, Touch] = {(shadow, *name): how for name in found.names}
    if found.writes or not found.asked:
        things[shadow, caller(exchange)] = Touch.MAKE if found.writes else Touch.LOOK
    return things


def caller(exchange: Exchange) -> bytes:
    """Who asks, as far as order needs it: a digest of the credentials, else of the address."""
    said = [value for name, value in exchange.request.headers if folded(name) == b"authorization"]
    return blake2b(b"\0".join(said) if said else exchange.hop.client, digest_size=16).digest()
