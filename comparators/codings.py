"""Content codings taken off, for comparison only (RFC 9110, section 8.4.1): gzip, deflate, br, zstd.

Law of this file: no output grows beyond its bound, and a body that can't be decoded to its end is refused, with a
reason.
"""

import zlib
from collections.abc import Sequence

import brotli
import zstandard

MAX_BODY = 16 * 1024 * 1024
"""Bytes of one body that are compared, decoded."""

MAX_CODINGS = 3
MAX_MEMBERS = 16
"""Members of one gzip file (RFC 1952, section 2.2). Servers send one."""

ZSTD_WINDOW = 8 * 1024 * 1024
"""Bytes of a zstd window, the most that HTTP allows (RFC 9659, section 3)."""

_GZIP = 16 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS


class Unreadable(Exception):
    """A body can't be compared fairly; the text says why."""


def decoded(body: bytes, codings: Sequence[str]) -> bytes:
    """`body` without its codings, which are named in the order in which they were applied. Raises Unreadable."""
    if len(codings) > MAX_CODINGS:
        raise Unreadable(f"{len(codings)} content codings, of which at most {MAX_CODINGS} are taken off")
    for coding in reversed(codings):
        body = _without(body, coding)
    if len(body) > MAX_BODY:
        raise _too_large()
    return body


def _without(body: bytes, coding: str) -> bytes:
    try:
        if coding in {"gzip", "x-gzip"}:
            return _members(body)
        if coding == "deflate":
            return _deflated(body)
        if coding == "br":
            return _brotli(body)
        if coding == "zstd":
            return _zstd(body)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise Unreadable(f"content coding {coding} is corrupt: {error}") from error
    raise Unreadable(f"content coding {coding[:40]!r} is not one of gzip, deflate, br, zstd")


def _members(body: bytes) -> bytes:
    output, rest = _inflated(body, _GZIP, MAX_BODY)
    for _ in range(1, MAX_MEMBERS):
        if not rest:
            return output
        more, rest = _inflated(rest, _GZIP, MAX_BODY - len(output))
        output += more
    if rest:
        raise Unreadable(f"a gzip body of more than {MAX_MEMBERS} members")
    return output


def _deflated(body: bytes) -> bytes:
    output, rest = _inflated(body, zlib.MAX_WBITS if _has_zlib_header(body) else _RAW_DEFLATE, MAX_BODY)
    if rest:
        raise zlib.error("bytes follow its end")
    return output


def _inflated(data: bytes, window_bits: int, limit: int) -> tuple[bytes, bytes]:
    inflater = zlib.decompressobj(window_bits)
    output = inflater.decompress(data, limit + 1)
    if len(output) > limit:
        raise _too_large()
    if not inflater.eof:
        raise zlib.error("it ends too early")
    return output, inflater.unused_data


def _brotli(body: bytes) -> bytes:
    """RFC 7932. Its window is at most 16 MB."""
    decoder = brotli.Decompressor()
    output = bytearray(decoder.process(body, output_buffer_limit=MAX_BODY + 1))
    while not decoder.can_accept_more_data() and len(output) <= MAX_BODY:
        output += decoder.process(b"", output_buffer_limit=MAX_BODY + 1 - len(output))
    if len(output) > MAX_BODY:
        raise _too_large()
    if not decoder.is_finished():
        raise brotli.error("it ends too early")
    return bytes(output)


def _zstd(body: bytes) -> bytes:
    """RFC 8878. Windows beyond ZSTD_WINDOW are refused."""
    decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
    if len(decoder.stream_reader(body, read_across_frames=True).read(MAX_BODY + 1)) > MAX_BODY:
        raise _too_large()
    output = bytearray()
    for _ in range(
        MAX_MEMBERS
    ):  # again, now that it's known to be bounded, since the reader doesn't tell of a lost end
        frame = decoder.decompressobj(read_across_frames=False)
        output += frame.decompress(body)
        if not frame.eof:
            raise zstandard.ZstdError("it ends too early")
        body = frame.unused_data
        if not body:
            return bytes(output)
    raise Unreadable(f"a zstd body of more than {MAX_MEMBERS} frames")


def _has_zlib_header(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0


def _too_large() -> Unreadable:
    return Unreadable(f"more than {MAX_BODY} bytes once decoded")
