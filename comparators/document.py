"""JSON bytes -> exact values.

Law of this file: nothing is lost on the way. Integers of any size are exact, other numbers are Decimals as they are
spelled, a key that is repeated in one object is seen, and so are lone surrogates. What RFC 8259 doesn't call JSON
(NaN, a byte order mark, bytes that are not UTF-8) is refused; what is JSON but can't be held (nesting, exponents) is
Unreadable.

msgspec reads first, in a few microseconds, but keeps only the last of repeated keys. Each key has one colon, and a
colon in a string survives decoding and encoding, so text and tree hold equally many colons exactly if no key was
dropped (a colon spelled as an escape would spoil the count: such texts take the slow way). The standard library's
parser, shown each pair, reads the rest.
"""

import json
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Final, NoReturn, TypeAlias

import msgspec

from comparators.codings import Unreadable

Json: TypeAlias = "bool | int | Decimal | str | list[Json] | dict[str, Json] | Repeated | None"

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Repeated(tuple[Json, ...]):
    """All values of a key that one object repeats, in order."""

    __slots__ = ()


class NotJson(ValueError):
    """The bytes are not JSON; the text says why."""


class Document(msgspec.Struct, frozen=True):
    """A JSON value, and bytes that are equal exactly if two values are, down to the spelling of decimals; or None."""

    value: Json
    canonical: bytes | None


_DECODER = msgspec.json.Decoder(float_hook=Decimal)
canonical: Final[Callable[[Json], bytes]] = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode
"""Bytes that are equal exactly if two values are, down to the spelling of decimals. The values are from documents that
have such bytes themselves.
"""


def parse(body: bytes) -> Document:
    """The value of a JSON text. Raises NotJson, and Unreadable for what is JSON and can't be held."""
    try:
        return _quick(body)
    except RecursionError:
        raise Unreadable("JSON is nested too deeply") from None
    except DecimalException:
        raise Unreadable("JSON holds a number whose exponent is too large") from None


def _quick(body: bytes) -> Document:
    try:
        value = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _thorough(body)
    encoded = canonical(value)
    if body.count(b":") != encoded.count(b":") or b"\\u003" in body:
        return _thorough(body)
    return Document(value, encoded)


def _thorough(body: bytes) -> Document:
    if body.startswith(BYTE_ORDER_MARK):
        raise NotJson("starts with a byte order mark")
    try:
        value = json.loads(
            body.decode(), parse_float=Decimal, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
        )
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at character {error.pos}") from None
    return Document(value, None)


def _integer(digits: str) -> int | Decimal:
    try:
        return int(digits)
    except ValueError:  # longer than the interpreter converts; a Decimal holds it exactly
        return Decimal(digits)


def _constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _repeating(pairs)


def _repeating(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    values: dict[str, list[Json]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: given[0] if len(given) == 1 else Repeated(given) for name, given in values.items()}
