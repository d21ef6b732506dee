"""A table as bytes, for our own processes: it is read and checked in one of them, and made again in each at a fraction
of the cost, and without what reading takes.

Law of this file: closed. Only the kinds of value that are named here are written or made, and a table that was made
again is the same, its hash included. What is compiled does not travel: it is compiled again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, timezone
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from comparators import Policy, Severity, Units, compile_policy, rules
from proxy.messages import Stage, System
from proxy.redaction import RedactionRules
from proxy.routing import sandbox
from proxy.routing import table as tables
from proxy.routing.table import RouteTable
from proxy.routing.uncollected import uncollected

_WORDS: Final = (
    *(vars(tables)[name] for name in tables.__all__),
    *(sandbox.ByHeader, sandbox.ByOperator, sandbox.ByProbe, sandbox.CardData, sandbox.MapCredentials),
    *(sandbox.Resign, sandbox.Scheme, sandbox.SetCredentials),
    *(RedactionRules, Severity, Stage, System, Units),
    *(rules.DecimalRule, rules.IgnoreRule, rules.MoneyRule, rules.PatternRule, rules.SeverityRule),
    *(rules.TimestampRule, rules.TwinRule, rules.UnorderedRule),
)
_DATA: Final[tuple[type[Any], ...]] = tuple(word for word in _WORDS if isinstance(word, type) and is_dataclass(word))
_ENUMS: Final = tuple(word for word in _WORDS if isinstance(word, type) and issubclass(word, Enum))
_NAMES: Final = {kind: tuple(part.name for part in fields(kind) if part.init) for kind in _DATA}
_AS_IT_IS: Final = frozenset((type(None), bool, float, str, bytes))
_LARGEST: Final = 2**63 - 1


def packed(table: RouteTable) -> bytes:
    """The table as `unpacked` reads it. It holds what variables held: not to be kept or shown."""
    return msgspec.msgpack.encode(_flat(table))


def unpacked(document: bytes) -> RouteTable:
    """The table that was `packed`. Raises ValueError for anything else, without a word of what it is."""
    with uncollected():
        try:
            made = _made(msgspec.msgpack.decode(document))
        except (msgspec.MsgspecError, ArithmeticError, LookupError, OSError, TypeError, ValueError):
            made = None
    if not isinstance(made, RouteTable):
        raise ValueError("these bytes are no packed route table")
    return made


def _flat(value: Any) -> Any:
    """Scalars as they are; all else as a list that begins with the name of its kind."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is int:
        return value if -_LARGEST <= value <= _LARGEST else ["int", str(value)]
    if kind is tuple:
        return ["", *map(_flat, value)]
    names = _NAMES.get(kind)
    if names is not None:
        return [kind.__name__, *(_flat(getattr(value, name)) for name in names)]
    return [_word(value), *map(_flat, _parts(value))]


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return "map"
    if isinstance(value, timezone):
        return "UTC"
    name = type(value).__name__
    if name not in _MAKERS:
        raise TypeError(f"a {name} is no part of a route table")
    return name


def _parts(value: Any) -> Iterable[Any]:
    match value:
        case Enum():
            return (value.value,)
        case Mapping():
            return (part for pair in value.items() for part in pair)
        case frozenset():
            return value
        case Policy():
            return (value.content_types, value.headers, value.rules, value.cookies, value.families)
        case timezone():
            return ()
        case ZoneInfo():
            return (value.key,)
        case _:
            return (str(value),)


def _made(flat: Any) -> Any:
    if not isinstance(flat, list):
        return flat
    parts = map(_made, flat[1:])
    return _MAKERS[flat[0]](*parts) if flat[0] else tuple(parts)


def _mapping(*parts: Any) -> dict[Any, Any]:
    each: Iterator[Any] = iter(parts)
    return dict(zip(each, each, strict=True))


def _policy(content_types: Any, headers: Any, its_rules: Any, cookies: Any, families: Any) -> Policy:
    return compile_policy(
        content_types=tuple(content_types),
        headers=[name.decode("latin-1") for name in headers],
        rules=its_rules,
        cookies=[name.decode("latin-1") for name in cookies],
        families=families,
    )


_MAKERS: Final[dict[str, Callable[..., Any]]] = {
    **{kind.__name__: kind for kind in (*_DATA, *_ENUMS, Decimal, IPv4Network, IPv6Network, ZoneInfo, int)},
    "frozenset": lambda *parts: frozenset(parts),
    "map": _mapping,
    "Policy": _policy,
    "UTC": lambda: UTC,
}
