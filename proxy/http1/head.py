"""Reads one message head, strictly. Two readings must agree: it is read here, and llhttp has a veto; a test holds that
what both let pass they read alike.

Law of this file: what passes can be read in one way only (RFC 9112, sections 2.2, 3, 5 and 6.3). A head is refused for
a bare CR or LF, a control byte, a folded line, a space before a colon, an unknown version, framing that is missing,
repeated or contradictory, and a Host that is missing, repeated or not a host. Raises Malformed, never anything else.
"""

import re
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, HttpResponseParser

from proxy.messages import Headers, RequestHead, ResponseHead

HEAD_END: Final = b"\r\n\r\n"
_HEAD = re.compile(rb"[\t\x20-\x7e\x80-\xff]*(?:\r\n[\t\x20-\x7e\x80-\xff]*)*")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TARGET = re.compile(rb"[!$-;=?-\[\]_a-z{|}~]+")
_HOST = re.compile(rb"(?:[A-Za-z0-9._~%!$&'()*+;=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?#]*)(.*)", re.DOTALL)
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?")
_NO_BODY = frozenset({204, 304})
_REFUSED_METHODS = frozenset({b"CONNECT", b"TRACE"})
_NOBODY = object()
"""Whom llhttp tells nothing: only its yes or no is asked for."""
_REMEMBERED: Final = 4096
_NAME: Final = 64
"""Names that are remembered: so many, so long."""
_DIGITS: Final = 18


class Malformed(Exception):
    """The bytes are not one HTTP/1.1 head, or not in one way only. `status`: what a client who sent them is told."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


_NOTHING: Final = 0
_HOST_FIELD: Final = 1
_CONNECTION: Final = 2
_LENGTH: Final = 3
_CODING: Final = 4
_EXPECT: Final = 5
_KINDS = {
    b"host": _HOST_FIELD,
    b"connection": _CONNECTION,
    b"content-length": _LENGTH,
    b"transfer-encoding": _CODING,
    b"expect": _EXPECT,
}
"""What a field says about its message's frame."""
_kinds: dict[bytes, int] = {}


def _kind(name: bytes) -> int:
    if not _TOKEN.fullmatch(name):
        raise Malformed(400, "a header line that does not begin with a name")
    kind = _KINDS.get(name.lower(), _NOTHING)
    if len(_kinds) < _REMEMBERED and len(name) <= _NAME:
        _kinds[name] = kind
    return kind


class _Fields:
    """The fields of one head, and what they say about where its message ends and whether its connection stays."""

    __slots__ = ("chunked", "connection", "expect", "headers", "hosts", "length")

    def __init__(self, lines: list[bytes]) -> None:
        self.length: bytes | None = None
        self.chunked = False
        self.connection = b""
        self.expect: bytes | None = None
        self.hosts: list[bytes] = []
        headers: list[tuple[bytes, bytes]] = []
        for line in lines:
            name, colon, value = line.partition(b":")
            kind = _kinds.get(name)
            if kind is None:
                kind = _kind(name)
            if not colon:
                raise Malformed(400, "a header line without a colon")
            value = value.strip(b" \t")
            headers.append((name, value))
            if kind:
                self._take(kind, value)
        self.headers = headers

    def _take(self, kind: int, value: bytes) -> None:
        if kind == _HOST_FIELD:
            self.hosts.append(value)
        elif kind == _CONNECTION:
            self.connection += b"," + value.lower()
        elif kind == _LENGTH:
            if self.length is not None or not value.isdigit() or len(value) > _DIGITS:
                raise Malformed(400, "Content-Length is repeated or not a number")
            self.length = value
        elif kind == _CODING:
            if self.chunked or value.lower() != b"chunked":
                raise Malformed(400, "Transfer-Encoding is not exactly chunked")
            self.chunked = True
        else:
            self.expect = value.lower() if self.expect is None else b"more than one"
        if self.chunked and self.length is not None:  # asked in here, where mypyc does not take the length for unset
            raise Malformed(400, "both Content-Length and Transfer-Encoding")

    def keeps_alive(self, version: bytes) -> bool:
        if not self.connection:
            return version == b"1"
        tokens = {token.strip(b" \t") for token in self.connection.split(b",")}
        return b"close" not in tokens and (version == b"1" or b"keep-alive" in tokens)


def read_request_head(raw: bytes, max_fields: int) -> RequestHead:
    """One request head, `raw` ending with the empty line. Raises Malformed with 400, 405, 417, 431 or 505."""
    lines = _lines(raw, max_fields)
    line = lines[0].split(b" ")
    if len(line) != 3 or line[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Malformed(505 if len(line) == 3 and line[2][:5] == b"HTTP/" else 400, "not an HTTP/1.1 request line")
    method, target, version = line[0], line[1], line[2][7:]
    if method in _REFUSED_METHODS:
        raise Malformed(405, f"{method.decode()} is not carried by this proxy")
    fields = _Fields(lines[1:-2])
    _ask(HttpRequestParser(_NOBODY), raw)
    hosts = fields.hosts
    if version == b"0" and not hosts and (absolute := _ABSOLUTE.fullmatch(target)):
        fields.headers.append((b"Host", absolute[1]))  # RFC 9112, section 3.2.2: the target's own host is what is meant
        hosts.append(absolute[1])
    _check_host(hosts, version)
    if fields.chunked and version == b"0":
        raise Malformed(400, "Transfer-Encoding in HTTP/1.0")
    if fields.expect not in (None, b"100-continue"):
        raise Malformed(417, "an Expect that is not 100-continue")
    return RequestHead(
        method,
        _origin_form(method, target, hosts),
        version,
        tuple(fields.headers),
        None if fields.chunked else int(fields.length or 0),
        fields.keeps_alive(version),
        fields.expect is not None and version == b"1",
        fields.connection,
    )


def read_response_head(raw: bytes, max_fields: int, *, to_head: bool) -> ResponseHead:
    """One response head, to the empty line; `to_head`: the request was HEAD. Raises Malformed with 502."""
    try:
        return _response_head(raw, max_fields, to_head)
    except Malformed as fault:
        raise Malformed(502, fault.detail) from None


def _response_head(raw: bytes, max_fields: int, to_head: bool) -> ResponseHead:
    lines = _lines(raw, max_fields)
    line = _STATUS_LINE.fullmatch(lines[0])
    if line is None:
        raise Malformed(502, "not an HTTP/1.1 status line")
    version, status, reason = line[1], int(line[2]), line[3] or b""
    fields = _Fields(lines[1:-2])
    _ask(HttpResponseParser(_NOBODY), raw)
    if fields.chunked and (version == b"0" or status == 204 or status < 200):
        raise Malformed(502, "Transfer-Encoding where none may be")
    length: int | None = 0
    if not to_head and status not in _NO_BODY and status >= 200:
        length = None if fields.chunked or fields.length is None else int(fields.length)
    until_close = length is None and not fields.chunked
    keep_alive = fields.keeps_alive(version) and not until_close
    return ResponseHead(status, reason, tuple(fields.headers), length, keep_alive, fields.connection)


def is_chunked(headers: Headers) -> bool:
    """Whether a head that was read here carries a chunked body (so that its end is told by the last chunk)."""
    return any(len(name) == 17 and name.lower() == b"transfer-encoding" for name, _ in headers)


def _lines(raw: bytes, max_fields: int) -> list[bytes]:
    """The lines of a head: the first, the fields, and two empty ones."""
    if not _HEAD.fullmatch(raw):
        raise Malformed(400, "a control byte, or a CR or LF that stands alone, in the head")
    lines = raw.split(b"\r\n")
    if len(lines) - 3 > max_fields:
        raise Malformed(431, f"more than {max_fields} header fields")
    return lines


def _ask(parser: HttpRequestParser | HttpResponseParser, raw: bytes) -> None:
    """llhttp's veto."""
    try:
        parser.feed_data(raw)
    except HttpParserUpgrade:
        pass  # a head that speaks of another protocol is a head; whoever offered or was offered it decides
    except HttpParserError as fault:
        raise Malformed(400, f"not HTTP/1.1: {fault}") from None


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
