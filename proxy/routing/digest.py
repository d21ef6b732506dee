"""The hash of a table's effective content.

Law of this file: what two tables do alike hashes alike, however it was written: comments, order of keys, defaults
that were spelled out and variables do not count. The order of routes counts, since it breaks ties.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from proxy.routing.table import RouteTable

_AS_IT_IS: Final = frozenset((type(None), bool, int, float, str))
"""What JSON holds itself; an enum's member is none of these, and counts by its value."""
_known: dict[type, tuple[str, ...] | None] = {}


def digest(table: "RouteTable") -> str:
    """16 hex digits of SHA-256 over everything in the table that is compared, but its hash."""
    content = {name: value for name, value in _plain(table).items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    names = _compared(kind)
    if names is not None:
        return {"": kind.__name__, **{name: _plain(getattr(value, name)) for name in names}}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(_plain, value))
    if isinstance(value, tuple | list):
        return list(map(_plain, value))
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _compared(kind: type[Any]) -> tuple[str, ...] | None:
    """The names of a dataclass's compared fields; None for any other type."""
    if kind not in _known:
        _known[kind] = tuple(part.name for part in fields(kind) if part.compare) if is_dataclass(kind) else None
    return _known[kind]
