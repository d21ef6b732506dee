"""What a bearer token claims (JWT, RFC 7519), read to choose a route and never to trust anybody.

Law of this file: the signature is not looked at, so nothing found here may grant anything. At most 8 KiB are read;
what is no token, too large or not JSON claims nothing.
"""

import binascii
from base64 import b64decode
from typing import Final

import msgspec

from proxy.messages import Headers

MAX_TOKEN: Final = 8 * 1024
"""Bytes of a token's claims as they are sent; of larger ones nothing is read."""


def bearer_claims(headers: Headers) -> dict[str, object]:
    """The claims of the one `Authorization: Bearer` of a request; none if it has several or cannot be read."""
    found = [value for name, value in headers if name.lower() == b"authorization"]
    if len(found) != 1:
        return {}
    scheme, _, token = found[0].strip().partition(b" ")
    parts = token.strip().split(b".", 3)
    if scheme.lower() != b"bearer" or len(parts) != 3 or len(parts[1]) > MAX_TOKEN:
        return {}
    return _decoded(parts[1])


def _decoded(part: bytes) -> dict[str, object]:
    try:
        text = b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(text, type=dict[str, object])
    except (binascii.Error, msgspec.MsgspecError, RecursionError, ValueError):
        return {}


def claim(claims: dict[str, object], path: str) -> bytes | None:
    """The value of a claim by its name, or by names with dots between them; None if it is not there or null.

    A string is its text; all else is its JSON text, so that `true`, `42` and `["admin"]` can be matched.
    """
    value = claims[path] if path in claims else _inside(claims, path)
    if value is None:
        return None
    return value.encode(errors="replace") if isinstance(value, str) else msgspec.json.encode(value)


def _inside(value: object, path: str) -> object:
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
