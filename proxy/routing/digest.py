"""The hash of a table's effective content.

Law of this file: what two tables do alike hashes alike, however it was written: comments, order of keys, defaults
that were spelled out and variables do not count. The order of routes counts, since it breaks ties.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proxy.routing.table import RouteTable


def digest(table: "RouteTable") -> str:
    """16 hex digits of SHA-256 over everything in the table that is compared, but its hash."""
    content = {name: value for name, value in _plain(table).items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
        return value
    if is_dataclass(value):
        parts = {part.name: _plain(getattr(value, part.name)) for part in fields(value) if part.compare}
        return {"": type(value).__name__, **parts}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
