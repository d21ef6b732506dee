"""The idempotency key that a request carries, and whose key it is. Pure.

Law of this file: a key is told apart by its value and its scope alone, wherever it stood, so that a retry by another
route, or with the key in another place, is the same one. Neither leaves here but as a keyed digest. The scope is never
a credential: tokens are new between a request and its retry.
"""

import hmac
from dataclasses import dataclass
from typing import Final

from comparators.paths import Segment, parse_path
from proxy.claims.documents import document_of
from proxy.redaction.tokens import Tokens
from proxy.routing.asked import Asked, select
from proxy.routing.canary import Key, compile_keys, value_of
from proxy.routing.route import Pin, Route, templates
from proxy.routing.split import asks

LONGEST: Final = 1024
"""Bytes of a key or an id; a longer one is none."""
_BODY: Final = "body:"
_DIGEST: Final = 32


@dataclass(frozen=True, slots=True)
class Source:
    """Where a key may be: in a field of the body, or anywhere else."""

    key: Key | None
    segments: tuple[Segment, ...] = ()

    @property
    def in_body(self) -> bool:
        return self.key is None


@dataclass(frozen=True, slots=True)
class PinRule:
    """A route's pin, compiled."""

    pin: Pin
    sources: tuple[Source, ...]
    scope: Key | None


@dataclass(frozen=True, slots=True)
class Found:
    """`key`: None if the request has none; `scope`: empty where there is none; `needs_body`: it cannot be told yet."""

    key: bytes | None = None
    scope: bytes = b""
    needs_body: bool = False


def compile_rule(route: Route) -> PinRule | None:
    """The rule by which a route's writes are pinned; None: they are not."""
    if route.pin is None:
        return None
    known = templates(route)
    scope = compile_keys((route.pin.scope,), known)[0] if route.pin.scope is not None else None
    return PinRule(route.pin, tuple(_source(text, known) for text in route.pin.key), scope)


def rule_text(pin: Pin) -> str:
    """What makes two rules the same: with another one, keys that were recorded are not found again."""
    return f"{' '.join(pin.key)} of {pin.scope or 'none'}"


def is_pinned(route: Route, method: bytes) -> bool:
    """Whether a request of this route is a write that a key can bind."""
    return route.pin is not None and not asks(route.semantics, method)


def find(rule: PinRule, asked: Asked) -> Found:
    """The key of a request, from the first source that has one. `asked.awaited`: its body is still to come."""
    for source in rule.sources:
        if source.key is None:
            if asked.awaited:
                return Found(needs_body=True)
            value = _in_body(asked, source.segments)
        else:
            value = value_of(source.key, asked)
        if value and len(value) <= LONGEST:
            return Found(value, _scope(rule, asked))
    return Found()


class Digests:
    """Makes digests of keys and ids with a secret of this installation, which stands in its key file."""

    def __init__(self, secret: bytes) -> None:
        self._hmac = hmac.new(secret, digestmod="sha256")
        self._tokens = Tokens(secret)

    def key(self, found: Found) -> str:
        """The digest of a key within its scope."""
        assert found.key is not None
        return self._made(b"pin", found.scope, found.key)

    def token(self, value: bytes) -> str:
        """What stands for it before people, in stored exchanges too."""
        return self._tokens.secret(value)

    def id(self, entity: str, value: bytes) -> str:
        """The digest of an entity's id, or of an alias of it."""
        return self._made(b"owner", entity.encode(), value)

    def _made(self, *parts: bytes) -> str:
        state = self._hmac.copy()
        for part in parts:
            state.update(len(part).to_bytes(4, "big"))
            state.update(part)
        return state.hexdigest()[:_DIGEST]


def _source(text: str, known: tuple[str, ...]) -> Source:
    if text.startswith(_BODY):
        return Source(None, parse_path(text.removeprefix(_BODY)))
    return Source(compile_keys((text,), known)[0])


def _scope(rule: PinRule, asked: Asked) -> bytes:
    return b"" if rule.scope is None else value_of(rule.scope, asked) or b""


def _in_body(asked: Asked, segments: tuple[Segment, ...]) -> bytes | None:
    found = select(document_of(asked.headers, asked.body), segments)
    return next((text for text in map(text_of, found) if text), None)


def text_of(value: object) -> bytes | None:
    """An id or key as bytes: a string, or a whole number; all else is none."""
    if isinstance(value, str):
        return value.encode(errors="replace")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).encode()
    return None
