"""Reading one field of a JSON object: each reader returns a value of its type, or raises ApiError 422 with its name."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal

from examples.monolith.payments import errors

Json = Mapping[str, object]


def text(body: Json, name: str, pattern: str, path: str = "") -> str:
    value = body.get(name)
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise errors.invalid(path + name)
    return value


def optional_text(body: Json, name: str, longest: int) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise errors.invalid(name)
    return value


def label(body: Json, name: str, longest: int, path: str = "") -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise errors.invalid(path + name)
    return value


def whole(body: Json, name: str, low: int, high: int, path: str = "") -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise errors.invalid(path + name)
    return value


def choice(body: Json, name: str, known: Collection[str], path: str = "") -> str:
    value = body.get(name)
    if not isinstance(value, str) or value not in known:
        raise errors.invalid(path + name)
    return value


def price(body: Json, name: str, path: str = "") -> Decimal:
    """A decimal written as a string, so that no float comes near it: "19.90"."""
    return Decimal(text(body, name, r"[0-9]{1,6}(\.[0-9]{1,2})?", path))


def section(body: Json, name: str, path: str = "") -> Json:
    return as_object(body.get(name), path + name)


def as_object(value: object, path: str) -> Json:
    if not isinstance(value, dict):
        raise errors.invalid(path)
    return value


def items(body: Json, name: str, most: int) -> list[object]:
    value = body.get(name)
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise errors.invalid(name)
    return value
