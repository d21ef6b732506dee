"""Who goes to the candidate in stage canary: a stable place of each key, in per cent.

Law of this file: the same seed and key fall alike in every process, on every machine and at every weight, so that the
keys at 10 % are among those at 20 %. Only the value of a key counts, not where it stood: a merchant that a header names
in one route and the path in another goes to one system. A request without a key goes to legacy. A reason never holds a
key's value.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final
from urllib.parse import unquote_to_bytes

from proxy.routing.asked import Asked, Source
from proxy.routing.target import canonical, split_target

RANDOM: Final = "random"
CALLERS: Final = ("header:authorization", "client")
"""What a caller is told by where nothing else is said."""
_CLIENT: Final = "client"
_PATH: Final = "path"
_SOURCES: Final = {"header": Source.HEADER, "cookie": Source.COOKIE, "query": Source.QUERY, "jwt": Source.CLAIM}
_SHOWN: Final = 64
"""Characters of a key's source in a reason."""


@dataclass(frozen=True, slots=True)
class Canary:
    """`weight`: per cent of the keys; `hash_on`: where a key is (`header:X`, `cookie:x`, `query:x`, `path:id`,
    `jwt:claim`, `client`, `random`), the first that is there counts; `include`: keys that always go to the candidate;
    `seed`: the group's name, else the route's.
    """

    weight: float
    hash_on: tuple[str, ...] = ()
    include: frozenset[bytes] = frozenset()
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """Where a key may be, compiled. `places`: of a path's, the templates and the place of its name in each."""

    kind: str
    name: bytes
    words: str
    places: tuple[tuple[tuple[bytes | None, ...], int], ...] = ()


def compile_keys(hash_on: Iterable[str], templates: Iterable[str]) -> tuple[Key, ...]:
    """The keys of a route whose PathTemplates are these."""
    known = tuple(templates)
    return tuple(_compile(text, known) for text in hash_on)


def _compile(text: str, templates: tuple[str, ...]) -> Key:
    kind, _, name = text.partition(":")
    words = text[:_SHOWN]
    if kind == "header":
        return Key(kind, name.lower().encode(), words)
    if kind != _PATH:
        return Key(kind, name.encode(), words)
    cut = [template.split("/")[1:] for template in templates]
    places = tuple((_segments(parts), parts.index(f"{{{name}}}")) for parts in cut if f"{{{name}}}" in parts)
    return Key(kind, name.encode(), words, places)


def _segments(parts: list[str]) -> tuple[bytes | None, ...]:
    return tuple(None if part.startswith("{") else canonical(part.encode()) for part in parts)


def bucket(seed: str, key: bytes) -> float:
    """Where a key falls: from 0 up to, but never at, 100."""
    digest = blake2b(seed.encode() + b"\x00" + key, digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53) * 100.0


def choose(canary: Canary, keys: tuple[Key, ...], asked: Asked) -> tuple[bool, str]:
    """Whether a request goes to the candidate, and why."""
    said = f"canary {canary.weight:g} %"
    for key in keys:
        if key.kind == RANDOM:
            return asked.chance() * 100.0 < canary.weight, f"{said}: by chance"
        value = value_of(key, asked)
        if value:
            if value in canary.include:
                return True, f"{said}: {key.words} is one of include"
            place = bucket(canary.seed, value)
            return place < canary.weight, f"{said}: bucket {place:.1f} of {key.words}"
    return False, f"{said}: no key is there"


def key_of(keys: tuple[Key, ...], asked: Asked) -> bytes | None:
    """The first of the keys that is there."""
    for key in keys:
        value = value_of(key, asked)
        if value:
            return value
    return None


def value_of(key: Key, asked: Asked) -> bytes | None:
    """What stands there, for one that is in no body and not left to chance."""
    if key.kind == _CLIENT:
        return asked.client
    if key.kind == _PATH:
        return _in_path(key, asked.target)
    source = _SOURCES.get(key.kind)
    return None if source is None else asked.value(source, key.name)


def _in_path(key: Key, target: bytes) -> bytes | None:
    parts = canonical(split_target(target)[0]).split(b"/")[1:]
    for segments, place in key.places:
        if len(parts) == len(segments) and all(
            wanted is None or wanted == part for wanted, part in zip(segments, parts, strict=True)
        ):
            return unquote_to_bytes(parts[place].partition(b";")[0])  # parameters are no part of an id
    return None
