"""Answers of the store as JSON for programs: camelCase names, times as RFC 3339 in UTC, latencies in seconds.

Law of this file: `schemaVersion` changes when a name goes or changes its meaning, not when one is added.
"""

import base64
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TypeAlias

import msgspec

from proxy.store.answers import FieldFinding, RouteReport

SCHEMA_VERSION = 1

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_TIMES = frozenset({"since", "first", "last", "first_seen", "last_seen", "started_at", "at", "until"})

_ALSO: Mapping[type, tuple[str, ...]] = {
    RouteReport: ("exchanges", "compared", "unexplained"),
    FieldFinding: ("is_noise", "is_unexplained"),
}
"""What follows from an answer's fields and is printed too."""


def document(**answers: object) -> str:
    """One indented JSON object of these answers, with `schemaVersion` first."""
    found: dict[str, Json] = {"schemaVersion": SCHEMA_VERSION}
    for name, answer in answers.items():
        found[_camel(name)] = _json(name, answer)
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def body(content: bytes) -> dict[str, Json]:
    """Bytes as `{"text": ...}`, or as `{"base64": ...}` if they are not UTF-8."""
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _json(name: str, value: object) -> Json:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, float) and name in _TIMES:
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, bytes):
        return body(value) if name == "body" else value.decode("latin-1")
    if is_dataclass(value):
        names = (*(each.name for each in fields(value)), *_ALSO.get(type(value), ()))
        return {_camel(name): _json(name, getattr(value, name)) for name in names}
    if isinstance(value, msgspec.Struct):
        return {_camel(each): _json(each, getattr(value, each)) for each in value.__struct_fields__}
    if isinstance(value, tuple | list):
        return [_json("", each) for each in value]
    raise TypeError(f"{name}: a {type(value).__name__} has no JSON form here")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
