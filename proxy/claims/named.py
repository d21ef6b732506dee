"""The owned entities that a request names, and those that an answer has created. Pure.

Law of this file: an id leaves here as a keyed digest only. Created is what a successful answer names and its request
did not. What says that it can be read and cannot is said, never guessed about.
"""

from collections.abc import Iterable
from typing import Final

from comparators.codings import Unreadable, decoded
from proxy.claims.keys import Digests
from proxy.claims.words import MAX_REFS, Ref
from proxy.messages import Headers, Request, Response
from proxy.routing.asked import header_value
from proxy.routing.entities import Entity, Owner, PlaceKind
from proxy.routing.ids import Found, Ids, UnreadableBody

READ: Final = (b"", b"application/json", b"application/x-www-form-urlencoded")
"""Media types whose bodies are read."""

__all__ = ["Named", "Unreadable"]


class Named:
    """Finds the owned entities of a table."""

    def __init__(self, entities: Iterable[Entity], digests: Digests) -> None:
        owned = [entity for entity in entities if entity.owner is Owner.CREATOR]
        places = [place for entity in owned for place in (*entity.places, *entity.alias_places)]
        self._ids, self._digests = Ids(owned), digests
        self._in_bodies = any(place.kind in (PlaceKind.BODY, PlaceKind.FORM) for place in places)

    def __bool__(self) -> bool:
        return bool(self._ids)

    def reads_body(self, headers: Headers) -> bool:
        """Whether the body of such a request may name an entity."""
        kind = (header_value(headers, b"content-type") or b"").partition(b";")[0].strip().lower()
        return self._in_bodies and (kind in READ or kind.endswith(b"+json"))

    def by_request(self, request: Request) -> tuple[Ref, ...]:
        """What a request names; a body that is not to be read is left out by the caller. Raises Unreadable."""
        try:
            return self._refs(self._ids.in_request(request))
        except UnreadableBody as fault:
            raise Unreadable(str(fault)) from None

    def created(self, target: bytes, answer: Response, asked: tuple[Ref, ...]) -> tuple[Ref, ...]:
        """What an answer names and its request, which named these, did not. Raises Unreadable."""
        known = {ref.id for ref in asked}
        try:
            found = self._ids.in_answer(target, _plain(answer))
        except UnreadableBody as fault:
            raise Unreadable(str(fault)) from None
        return tuple(ref for ref in self._refs(found) if ref.id not in known)

    def _refs(self, found: Iterable[Found]) -> tuple[Ref, ...]:
        refs = {
            self._digests.id(each.entity.name, each.id.encode(errors="surrogateescape")): each.entity for each in found
        }
        if len(refs) > MAX_REFS:
            raise Unreadable(f"it names more than {MAX_REFS} entities")
        return tuple(Ref(entity.name, digest, entity.unknown_owner) for digest, entity in refs.items())


def _plain(answer: Response) -> Response:
    """The answer with its body's content coding taken off. Raises Unreadable."""
    coding = header_value(answer.headers, b"content-encoding")
    if coding is None or not answer.body:
        return answer
    codings = [each.strip() for each in coding.decode("latin-1").split(",")]
    headers = tuple(field for field in answer.headers if field[0].lower() != b"content-encoding")
    return Response(answer.status, answer.reason, headers, decoded(answer.body, codings))
