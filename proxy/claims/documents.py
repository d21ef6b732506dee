"""The body of a request or an answer as a document: JSON, or a form as the object that its names spell. Pure.

Law of this file: what cannot be read is not there; nothing is guessed from a body that is neither.
"""

import re
from typing import Final
from urllib.parse import unquote_plus

import msgspec

from proxy.messages import Headers
from proxy.routing.asked import header_value

FIELDS: Final = 1000
"""Of a form; the others are not read."""

_FORM: Final = b"application/x-www-form-urlencoded"
_STEP: Final = re.compile(r"[^\[\]]+")
_DEEPEST: Final = 8


def document_of(headers: Headers, body: bytes | None) -> object:
    """None: there is nothing that can be read."""
    if not body:
        return None
    kind = (header_value(headers, b"content-type") or b"").partition(b";")[0].strip().lower()
    return _form(body) if kind == _FORM else _json(body)


def _json(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None


def _form(body: bytes) -> dict[str, object]:
    """`card[number]=1&to[]=a&to[]=b` as an object with objects and lists in it; the first of equal names counts."""
    document: dict[str, object] = {}
    for pair in body.decode("utf-8", "replace").split("&")[:FIELDS]:
        name, _, value = pair.partition("=")
        clear = unquote_plus(name)
        steps = _STEP.findall(clear)[:_DEEPEST]
        if steps:
            _put(document, steps, unquote_plus(value), in_list=clear.endswith("[]"))
    return document


def _put(holder: dict[str, object], steps: list[str], value: str, *, in_list: bool) -> None:
    for step in steps[:-1]:
        inside = holder.setdefault(step, {})
        if not isinstance(inside, dict):
            return
        holder = inside
    if in_list:
        known = holder.setdefault(steps[-1], [])
        if isinstance(known, list):
            known.append(value)
    else:
        holder.setdefault(steps[-1], value)
