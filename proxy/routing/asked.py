"""One request as conditions and canaries read it: its host, headers, cookies, query, claims, body, client and moment.

Law of this file: each thing is read when it is first asked for, once, and never changed. What cannot be read is not
there. Nothing read here is forwarded or trusted.
"""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from comparators.paths import Segment
from proxy.messages import Headers
from proxy.routing.bearer import bearer_claims, claim
from proxy.routing.target import query_values, split_target


class Source(StrEnum):
    """Where a named value of a request is."""

    HEADER = "header"
    QUERY = "query"
    COOKIE = "cookie"
    CLAIM = "claim"
    HOST = "host"


def never() -> float:
    """A chance that always falls on the first of all: for those who only ask what could be."""
    return 0.0


class Asked:
    """`now`: Unix seconds; `client`: its address; `chance` draws a number from 0 up to 1; `body`: whole, or None if it
    is too large or was not kept; `awaited`: the body is still to come, and what asks about it is taken to hold.
    """

    __slots__ = (
        "_claims",
        "_cookies",
        "_document",
        "_host",
        "_query",
        "_selected",
        "awaited",
        "body",
        "chance",
        "client",
        "headers",
        "now",
        "target",
    )

    def __init__(
        self,
        target: bytes,
        headers: Headers,
        *,
        now: float = 0.0,
        client: bytes = b"",
        body: bytes | None = None,
        awaited: bool = False,
        chance: Callable[[], float] = never,
    ) -> None:
        self.target = target
        self.headers = headers
        self.now = now
        self.client = client
        self.body = body
        self.awaited = awaited
        self.chance = chance
        self._claims: dict[str, object] | None = None
        self._cookies: dict[bytes, bytes] | None = None
        self._query: dict[bytes, bytes] | None = None
        self._host: bytes | None = None
        self._document: tuple[object] | None = None
        self._selected: dict[tuple[Segment, ...], tuple[object, ...]] = {}

    def value(self, source: Source, name: bytes) -> bytes | None:
        """A named value, or None; the name of a header in lower case, of a host anything."""
        if source is Source.HEADER:
            return header_value(self.headers, name)
        if source is Source.QUERY:
            return self._queries().get(name)
        if source is Source.COOKIE:
            return self._baked().get(name)
        if source is Source.CLAIM:
            return self._claimed(name.decode())
        return self.host()

    def host(self) -> bytes:
        """In lower case, without its port; empty if there is none."""
        if self._host is None:
            self._host = _host(self.target, self.headers)
        return self._host

    def document(self) -> object:
        """The body as JSON; None if it is not."""
        if self._document is None:
            self._document = (_json(self.body),)
        return self._document[0]

    def selected(self, segments: tuple[Segment, ...]) -> tuple[object, ...]:
        """What stands at a path of the body; looked for once, however many rules ask."""
        found = self._selected.get(segments)
        if found is None:
            found = self._selected[segments] = select(self.document(), segments)
        return found

    def _queries(self) -> dict[bytes, bytes]:
        if self._query is None:
            self._query = query_values(split_target(self.target)[1])
        return self._query

    def _baked(self) -> dict[bytes, bytes]:
        if self._cookies is None:
            self._cookies = cookies(self.headers)
        return self._cookies

    def _claimed(self, path: str) -> bytes | None:
        if self._claims is None:
            self._claims = bearer_claims(self.headers)
        return claim(self._claims, path)


def header_value(headers: Headers, name: bytes) -> bytes | None:
    """The value of a header by its lower-case name; several are joined by a comma (RFC 9110, section 5.3)."""
    values = [value for key, value in headers if key.lower() == name]
    return b",".join(values) if values else None


def cookies(headers: Headers) -> dict[bytes, bytes]:
    """Cookies by name, their values as they stand; the first of several equal names counts."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name.lower() == b"cookie":
            for pair in value.split(b";"):
                key, separator, text = pair.strip().partition(b"=")
                if separator:
                    found.setdefault(key.strip(), text.strip())
    return found


def _host(target: bytes, headers: Headers) -> bytes:
    _, absolute, rest = (b"", b"", b"") if target[:1] == b"/" else target.partition(b"://")
    authority = rest.partition(b"/")[0].partition(b"?")[0] if absolute else header_value(headers, b"host") or b""
    authority = authority.strip().lower()
    if authority[:1] == b"[":
        return authority.partition(b"]")[0] + b"]"
    return authority.partition(b":")[0].removesuffix(b".")


def _json(body: bytes | None) -> object:
    try:
        return None if not body else msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None


def select(document: object, segments: tuple[Segment, ...]) -> tuple[object, ...]:
    """The values at a path without `..`, in no order; at most as many as the document has."""
    found = [document]
    for segment in segments:
        found = [child for holder in found for child in _children(holder, segment.selector)]
    return tuple(found)


def _children(value: object, selector: str | int | None) -> list[object]:
    if isinstance(value, dict):
        if selector is None:
            return list(value.values())
        return [value[selector]] if isinstance(selector, str) and selector in value else []
    if isinstance(value, list):
        if selector is None:
            return value
        return [value[selector]] if isinstance(selector, int) and selector < len(value) else []
    return []
