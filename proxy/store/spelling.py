"""Headers and bodies as columns: headers as JSON that can be read in any SQL shell, bodies compressed and kept once.

Law of this file: what is read back is what was written, byte for byte.
"""

import zlib
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from proxy.messages import Headers

_WORTH_IT = 256  # bytes below which compression gains nothing
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[tuple[str, str]]).decode


@dataclass(frozen=True, slots=True)
class Packed:
    """A body as it lies in its table. `size` is its length in bytes before compression."""

    digest: bytes
    size: int
    is_compressed: bool
    data: bytes


def digest(body: bytes, salt: bytes) -> bytes:
    """The name of a body: equal bodies are kept once. Salted, so that no store can be searched for a known body."""
    return blake2b(body, digest_size=16, key=salt).digest()


def packed(body: bytes, name: bytes) -> Packed:
    if len(body) >= _WORTH_IT:
        data = zlib.compress(body, 1)
        if len(data) < len(body):
            return Packed(name, len(body), True, data)
    return Packed(name, len(body), False, body)


def unpacked(data: bytes, is_compressed: bool) -> bytes:
    return zlib.decompress(data) if is_compressed else data


def headers_to_text(headers: Headers) -> str:
    return _encode([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]).decode()


def headers_from_text(text: str) -> Headers:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in _decode(text))


def latin(data: bytes) -> str:
    """The bytes as text that any database takes, and that is the same bytes in latin-1."""
    text = data.decode("latin-1")
    return text if "\0" not in text else writable(text)


def writable(text: str) -> str:
    """The text as any database takes it: lone surrogates are spelled out, NUL too."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
