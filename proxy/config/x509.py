"""What is read from certificates: where they are in a PEM file, and from when until when each holds.

Law of this file: it verifies nothing, and what it cannot read it says nothing about. The standard library shows the
dates of a certificate only after a handshake has accepted it, which is too late to warn of one that expires.
"""

import base64
import re
from datetime import UTC, datetime
from typing import Final

_CERTIFICATE = re.compile(
    rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----(.*?)-----END (?:X509 |TRUSTED )?CERTIFICATE-----", re.DOTALL
)
_VERSION: Final = 0xA0
_UTC_TIME: Final = 0x17


def certificates(pem: bytes) -> list[bytes]:
    """The DER of each certificate in a PEM file, in its order; of one that is not base64: nothing."""
    return [der for found in _CERTIFICATE.finditer(pem) if (der := _decoded(found[1]))]


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except ValueError:
        return b""


def validity(der: bytes) -> tuple[datetime, datetime] | None:
    """From when until when a certificate holds (RFC 5280, section 4.1), or None if it cannot be read."""
    try:
        _, body, _ = _element(der, 0)
        _, at, _ = _element(der, body)
        tag, _, end = _element(der, at)
        skipped = 4 if tag == _VERSION else 3  # version, serial number, signature, issuer
        for _ in range(skipped):
            _, _, at = _element(der, at)
        _, begin, _ = _element(der, at)
        _, _, end = _element(der, begin)
        return _time(der, begin), _time(der, end)
    except (IndexError, ValueError):
        return None


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """The tag of the element at a place, where its content begins and where it ends."""
    tag, size, start = der[at], der[at + 1], at + 2
    if size & 0x80:
        width = size & 0x7F
        size = int.from_bytes(der[start : start + width], "big")
        start += width
    return tag, start, start + size


def _time(der: bytes, at: int) -> datetime:
    tag, start, end = _element(der, at)
    text = der[start:end].decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
