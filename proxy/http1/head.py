"""Reads one message head, strictly. Two readings must agree: the bytes are checked here, and llhttp has a veto.

Law of this file: what passes can be read in one way only (RFC 9112, sections 2.2, 3, 5 and 6.3). A head is refused for
a bare CR or LF, a control byte, a folded line, a space before a colon, an unknown version, framing that is missing,
repeated or contradictory, and a Host that is missing, repeated or not a host. Raises Malformed, never anything else.
"""

import re
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, HttpResponseParser

from proxy.messages import Headers, RequestHead, ResponseHead

HEAD_END: Final = b"\r\n\r\n"
_FIELD_BYTES = bytes([0x09, 0x0A, 0x0D, *range(0x20, 0x7F), *range(0x80, 0x100)])
_TARGET = re.compile(rb"[!$-;=?-\[\]_a-z{|}~]+")
_HOST = re.compile(rb"(?:[A-Za-z0-9._~%!$&'()*+;=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?#]*)(.*)", re.DOTALL)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?")
_NO_BODY = frozenset({204, 304})
_REFUSED_METHODS = frozenset({b"CONNECT", b"TRACE"})


class Malformed(Exception):
    """The bytes are not one HTTP/1.1 head, or not in one way only. `status`: what a client who sent them is told."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class _Fields:
    """What llhttp calls with each field line."""

    __slots__ = ("headers",)

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value.strip(b" \t")))


class _Framing:
    """What the fields of one head say about where its message ends and whether its connection stays."""

    __slots__ = ("chunked", "connection", "expect", "hosts", "length")

    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        self.length: bytes | None = None
        self.chunked = False
        self.connection = b""
        self.expect: bytes | None = None
        self.hosts: list[bytes] = []
        for name, value in headers:
            if len(name) in _FRAMING_LENGTHS:
                lower = name.lower()
                if lower in _FRAMING:
                    self._take(lower, value)
        if self.chunked and self.length is not None:
            raise Malformed(400, "both Content-Length and Transfer-Encoding")

    def _take(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self.hosts.append(value)
        elif name == b"connection":
            self.connection += b"," + value.lower()
        elif name == b"content-length":
            if self.length is not None or not _LENGTH.fullmatch(value):
                raise Malformed(400, "Content-Length is repeated or not a number")
            self.length = value
        elif name == b"transfer-encoding":
            if self.chunked or value.lower() != b"chunked":
                raise Malformed(400, "Transfer-Encoding is not exactly chunked")
            self.chunked = True
        else:
            self.expect = value.lower() if self.expect is None else b"more than one"

    def keeps_alive(self, version: bytes) -> bool:
        if not self.connection:
            return version == b"1"
        tokens = {token.strip(b" \t") for token in self.connection.split(b",")}
        return b"close" not in tokens and (version == b"1" or b"keep-alive" in tokens)


_FRAMING = frozenset({b"host", b"connection", b"content-length", b"transfer-encoding", b"expect"})
_FRAMING_LENGTHS = frozenset(len(name) for name in _FRAMING)


def read_request_head(raw: bytes, max_fields: int) -> RequestHead:
    """One request head, `raw` ending with the empty line. Raises Malformed with 400, 405, 417, 431 or 505."""
    _check_bytes(raw, max_fields)
    line = raw[: raw.index(b"\r\n")].split(b" ")
    if len(line) != 3 or line[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Malformed(505 if len(line) == 3 and line[2][:5] == b"HTTP/" else 400, "not an HTTP/1.1 request line")
    method, target, version = line[0], line[1], line[2][7:]
    if method in _REFUSED_METHODS:
        raise Malformed(405, f"{method.decode()} is not carried by this proxy")
    headers = _fields(raw, HttpRequestParser)
    framing = _Framing(headers)
    if version == b"0" and not framing.hosts and (absolute := _ABSOLUTE.fullmatch(target)):
        headers.append((b"Host", absolute[1]))  # RFC 9112, section 3.2.2: the target's own host is what is meant
        framing.hosts.append(absolute[1])
    _check_host(framing.hosts, version)
    if framing.chunked and version == b"0":
        raise Malformed(400, "Transfer-Encoding in HTTP/1.0")
    if framing.expect not in (None, b"100-continue"):
        raise Malformed(417, "an Expect that is not 100-continue")
    return RequestHead(
        method,
        _origin_form(method, target, framing.hosts),
        version,
        tuple(headers),
        None if framing.chunked else int(framing.length or 0),
        framing.keeps_alive(version),
        framing.expect is not None and version == b"1",
        framing.connection,
    )


def read_response_head(raw: bytes, max_fields: int, *, to_head: bool) -> ResponseHead:
    """One response head, to the empty line; `to_head`: the request was HEAD. Raises Malformed with 502."""
    try:
        return _response_head(raw, max_fields, to_head)
    except Malformed as fault:
        raise Malformed(502, fault.detail) from None


def _response_head(raw: bytes, max_fields: int, to_head: bool) -> ResponseHead:
    _check_bytes(raw, max_fields)
    line = _STATUS_LINE.fullmatch(raw[: raw.index(b"\r\n")])
    if line is None:
        raise Malformed(502, "not an HTTP/1.1 status line")
    version, status, reason = line[1], int(line[2]), line[3] or b""
    headers = _fields(raw, HttpResponseParser)
    framing = _Framing(headers)
    if framing.chunked and (version == b"0" or status == 204 or status < 200):
        raise Malformed(502, "Transfer-Encoding where none may be")
    length: int | None = 0
    if not to_head and status not in _NO_BODY and status >= 200:
        length = None if framing.chunked or framing.length is None else int(framing.length)
    until_close = length is None and not framing.chunked
    keep_alive = framing.keeps_alive(version) and not until_close
    return ResponseHead(status, reason, tuple(headers), length, keep_alive, framing.connection)


def is_chunked(headers: Headers) -> bool:
    """Whether a head that was read here carries a chunked body (so that its end is told by the last chunk)."""
    return any(len(name) == 17 and name.lower() == b"transfer-encoding" for name, _ in headers)


def _check_bytes(raw: bytes, max_fields: int) -> None:
    lines = raw.count(b"\r\n")
    if raw.translate(None, _FIELD_BYTES) or raw.count(b"\n") != lines or raw.count(b"\r") != lines:
        raise Malformed(400, "a control byte, or a CR or LF that stands alone, in the head")
    if b"\n " in raw or b"\n\t" in raw:
        raise Malformed(400, "a folded header line")
    if lines - 2 > max_fields:
        raise Malformed(431, f"more than {max_fields} header fields")


def _fields(raw: bytes, parser: type[HttpRequestParser] | type[HttpResponseParser]) -> list[tuple[bytes, bytes]]:
    fields = _Fields()
    try:
        parser(fields).feed_data(raw)
    except HttpParserUpgrade:
        pass  # the offer of another protocol is not taken up: its headers are hop-by-hop and go no further
    except HttpParserError as fault:
        raise Malformed(400, f"not HTTP/1.1: {fault}") from None
    if len(fields.headers) != raw.count(b"\r\n") - 2:
        raise Malformed(400, "header lines that can be read in more than one way")
    return fields.headers


def _check_host(hosts: list[bytes], version: bytes) -> None:
    if len(hosts) != 1 and (hosts or version == b"1"):
        raise Malformed(400, "Host is missing or repeated")
    if hosts and not _HOST.fullmatch(hosts[0]):
        raise Malformed(400, "Host is not one host")


def _origin_form(method: bytes, target: bytes, hosts: list[bytes]) -> bytes:
    """RFC 9112, section 3.2: what comes in absolute form is forwarded in origin form, and must name the same host."""
    if not _TARGET.fullmatch(target):
        raise Malformed(400, "a byte in the request target that no URI may hold")
    if target[:1] == b"/" or (target == b"*" and method == b"OPTIONS"):
        return target
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        raise Malformed(400, "a request target that is neither a path nor an http URL")
    if hosts and absolute[1].lower() != hosts[0].lower():
        raise Malformed(400, "Host disagrees with the request target")
    if method == b"OPTIONS" and not absolute[2]:
        return b"*"
    return absolute[2] if absolute[2][:1] == b"/" else b"/" + absolute[2]
