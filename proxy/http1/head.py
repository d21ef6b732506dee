"""Reads one message head, strictly. Two readings must agree: it is read here, and llhttp has a veto; a test holds that
what both let pass they read alike.

Law of this file: what passes can be read in one way only (RFC 9112, sections 2.2, 3, 5 and 6.3). A head is refused for
a bare CR or LF, a control byte, a folded line, a space before a colon, an unknown version, framing that is missing,
repeated or contradictory, and a Host that is missing, repeated or not a host. Raises Malformed, never anything else.
"""

import re
from typing import Final

from httptools import (
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
    HttpResponseParser,
)

from proxy.http1.line import CODING, CONNECTION, HOST, LENGTH, NOTHING, TOKEN, Malformed, check_text, read_line
from proxy.messages import Headers, RequestHead, ResponseHead

HEAD_END: Final = b"\r\n\r\n"
_TARGET_BYTES: Final = bytes(set(range(0x21, 0x7F)) - set(b'"#<>\\^`'))
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~%!$&'()*+;=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ABSOLUTE: Final = re.compile(rb"(?i:https?)://([^/?#]*)(.*)", re.DOTALL)
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?")
_NO_BODY: Final = frozenset({204, 304})
_VERSIONS: Final = frozenset({b"HTTP/1.1", b"HTTP/1.0"})
_USUAL_METHODS: Final = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
_REFUSED_METHODS: Final = frozenset({b"CONNECT", b"TRACE"})
_NOBODY: Final = object()
"""Whom llhttp tells nothing: only its yes or no is asked for."""
_REMEMBERED: Final = 1024
_SHORT: Final = 100
"""Hosts and status lines that are remembered: so many, so short."""
_DIGITS: Final = 18


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
        for each in lines:
            line = read_line(each)
            headers.append(line.field)
            if line.kind != NOTHING:
                self._take(line.kind, line.field[1])
        self.headers = headers

    def _take(self, kind: int, value: bytes) -> None:
        if kind == HOST:
            self.hosts.append(value)
        elif kind == CONNECTION:
            self.connection += b"," + value.lower()
        elif kind == LENGTH:
            if self.length is not None or not value.isdigit() or len(value) > _DIGITS:
                raise Malformed(400, "Content-Length is repeated or not a number")
            self.length = value
        elif kind == CODING:
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
        if self.connection == b",keep-alive":
            return True
        tokens = {token.strip(b" \t") for token in self.connection.split(b",")}
        return b"close" not in tokens and (version == b"1" or b"keep-alive" in tokens)


def read_request_head(raw: bytes, max_fields: int) -> RequestHead:
    """One request head, `raw` ending with the empty line. Raises Malformed with 400, 405, 417, 431, 501 or 505."""
    lines = _lines(raw, max_fields)
    line = lines[0].split(b" ")
    if len(line) != 3 or line[2] not in _VERSIONS:
        check_text(lines[0])
        raise Malformed(505 if len(line) == 3 and line[2][:5] == b"HTTP/" else 400, "not an HTTP/1.1 request line")
    method, target, version = line[0], line[1], line[2][7:]
    if method not in _USUAL_METHODS:
        _check_method(method)
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
    version, status, reason = _status_lines.get(lines[0]) or _status_line(lines[0])
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


_status_lines: Final[dict[bytes, tuple[bytes, int, bytes]]] = {}


def _status_line(line: bytes) -> tuple[bytes, int, bytes]:
    """Version, status and reason."""
    read = _STATUS_LINE.fullmatch(line)
    if read is None:
        raise Malformed(502, "not an HTTP/1.1 status line")
    found = (read[1], int(read[2]), read[3] or b"")
    if len(_status_lines) < _REMEMBERED and len(line) <= _SHORT:
        _status_lines[line] = found
    return found


def is_chunked(headers: Headers) -> bool:
    """Whether a head that was read here carries a chunked body (so that its end is told by the last chunk)."""
    return any(len(name) == 17 and name.lower() == b"transfer-encoding" for name, _ in headers)


def _lines(raw: bytes, max_fields: int) -> list[bytes]:
    """The lines of a head: the first, the fields, and two empty ones."""
    lines = raw.split(b"\r\n")
    if len(lines) - 3 > max_fields:
        raise Malformed(431, f"more than {max_fields} header fields")
    return lines


def _check_method(method: bytes) -> None:
    if not TOKEN.fullmatch(method):
        raise Malformed(400, "a method that is no token")
    if method in _REFUSED_METHODS:
        raise Malformed(405, f"{method.decode()} is not carried by this proxy")


def _ask(parser: HttpRequestParser | HttpResponseParser, raw: bytes) -> None:
    """llhttp's veto. It knows the registered methods: another one is told that it is not implemented (RFC 9110,
    section 9.1), since what nobody vetoes is not carried.
    """
    try:
        parser.feed_data(raw)
    except HttpParserUpgrade:
        pass  # a head that speaks of another protocol is a head; whoever offered or was offered it decides
    except HttpParserInvalidMethodError:
        raise Malformed(501, "a method that this proxy does not know") from None
    except HttpParserError as fault:
        raise Malformed(400, f"not HTTP/1.1: {fault}") from None


def _check_host(hosts: list[bytes], version: bytes) -> None:
    if len(hosts) != 1 and (hosts or version == b"1"):
        raise Malformed(400, "Host is missing or repeated")
    if hosts and hosts[0] not in _hosts:
        _check_one_host(hosts[0])


_hosts: Final[set[bytes]] = set()


def _check_one_host(host: bytes) -> None:
    if not _HOST.fullmatch(host):
        raise Malformed(400, "Host is not one host")
    if len(_hosts) < _REMEMBERED and len(host) <= _SHORT:
        _hosts.add(host)


def _origin_form(method: bytes, target: bytes, hosts: list[bytes]) -> bytes:
    """RFC 9112, section 3.2: what comes in absolute form is forwarded in origin form, and must name the same host."""
    if not target or target.lstrip(_TARGET_BYTES):
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
