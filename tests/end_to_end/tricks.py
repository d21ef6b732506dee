"""Requests with at most a few faults, each fault named: valid ones are made first, then a trick is played on them.

Law of this file: a trick changes one thing, and the request without it is valid in every respect.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

TARGET = b"/v1/payments?a=b"
HOST = b"Host: pay.example\r\n"


@dataclass(frozen=True)
class Draft:
    """A request in parts, each as it is on the wire. `body` includes its chunk framing."""

    before: bytes = b""
    method: bytes = b"POST"
    target: bytes = TARGET
    version: bytes = b"HTTP/1.1"
    line: bytes = b"%b %b %b\r\n"
    host: bytes = HOST
    fields: bytes = b""
    framing: bytes = b"Content-Length: 5\r\n"
    body: bytes = b"hello"

    @property
    def wire(self) -> bytes:
        line = self.line % (self.method, self.target, self.version)
        return self.before + line + self.host + self.fields + self.framing + b"\r\n" + self.body


Trick = Callable[[Draft], Draft]
BODILESS = {"framing": b"", "body": b""}
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def _with(**parts: bytes) -> Trick:
    return lambda draft: replace(draft, **parts)


def _field(line: bytes) -> Trick:
    return lambda draft: replace(draft, fields=draft.fields + line)


def _framed(framing: bytes, body: bytes = b"hello") -> Trick:
    return _with(framing=framing, body=body, method=b"POST")


def _chunks(body: bytes) -> Trick:
    return _framed(CHUNKED, body)


TRICKS: dict[str, Trick] = {
    "an empty line before": _with(before=b"\r\n"),
    "LF ends the line": _with(line=b"%b %b %b\n"),
    "two spaces": _with(line=b"%b  %b %b\r\n"),
    "a tab": _with(line=b"%b\t%b %b\r\n"),
    "a space at the end": _with(line=b"%b %b %b \r\n"),
    "HTTP/1.0": _with(version=b"HTTP/1.0"),
    "HTTP/1.2": _with(version=b"HTTP/1.2"),
    "HTTP/2.0": _with(version=b"HTTP/2.0"),
    "http/1.1": _with(version=b"http/1.1"),
    "HTTP/0.9": _with(line=b"%b %b\r\n%.0b", host=b"", method=b"GET", **BODILESS),
    "a method in lower case": _with(method=b"post"),
    "an unknown method": _with(method=b"BREW"),
    "TRACE": _with(method=b"TRACE", **BODILESS),
    "CONNECT": _with(method=b"CONNECT", target=b"pay.example:80", **BODILESS),
    "OPTIONS *": _with(method=b"OPTIONS", target=b"*", **BODILESS),
    "GET *": _with(method=b"GET", target=b"*", **BODILESS),
    "an absolute target": _with(target=b"http://pay.example/v1"),
    "an absolute target, another host": _with(target=b"http://evil.example/v1"),
    "a fragment": _with(target=b"/v1#a"),
    "UTF-8 in the target": _with(target=b"/caf\xc3\xa9"),
    "a quote in the target": _with(target=b'/"a"'),
    "a backslash in the target": _with(target=b"/a\\b"),
    "a control byte in the target": _with(target=b"/a\x01b"),
    "a relative target": _with(target=b"v1"),
    "dot segments": _with(target=b"/a/../b/./c"),
    "dot segments above the root": _with(target=b"/../../b"),
    "two slashes": _with(target=b"//a//b"),
    "a bad escape": _with(target=b"/a%zz"),
    "an encoded NUL": _with(target=b"/a%00b"),
    "no Host": _with(host=b""),
    "no Host in HTTP/1.0": _with(version=b"HTTP/1.0", host=b""),
    "a relative target, no Host": _with(version=b"HTTP/1.0", host=b"", target=b"v1"),
    "Host twice": _with(host=HOST + HOST),
    "two Hosts": _with(host=HOST + b"Host: evil.example\r\n"),
    "an empty Host": _with(host=b"Host:\r\n"),
    "a user in Host": _with(host=b"Host: u@pay.example\r\n"),
    "a path in Host": _with(host=b"Host: pay.example/v1\r\n"),
    "a port of letters": _with(host=b"Host: pay.example:http\r\n"),
    "a folded line": _field(b"X-A: 1\r\n 2\r\n"),
    "a space before a colon": _field(b"X-A : 1\r\n"),
    "no colon": _field(b"X-A\r\n"),
    "an empty name": _field(b": 1\r\n"),
    "a bad byte in a name": _field(b"X(A: 1\r\n"),
    "UTF-8 in a name": _field(b"X-\xc3\xa9: 1\r\n"),
    "LF ends a field": _field(b"X-A: 1\n"),
    "CR within a value": _field(b"X-A: 1\r2\r\n"),
    "NUL in a value": _field(b"X-A: 1\x002\r\n"),
    "a control byte in a value": _field(b"X-A: 1\x012\r\n"),
    "Content_Length": _field(b"Content_Length: 0\r\n"),
    "Connection names the length": _field(b"Connection: Content-Length\r\n"),
    "Authorization twice": _field(b"Authorization: a\r\n" * 2),
    "Expect": _field(b"Expect: 100-continue\r\n"),
    "an unknown Expect": _field(b"Expect: magic\r\n"),
    "both framings": _framed(b"Content-Length: 3\r\n" + CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"),
    "the length twice": _framed(b"Content-Length: 5\r\n" * 2),
    "two lengths": _framed(b"Content-Length: 5\r\nContent-Length: 4\r\n"),
    "a list of lengths": _framed(b"Content-Length: 5, 5\r\n"),
    "a signed length": _framed(b"Content-Length: +5\r\n"),
    "a negative length": _framed(b"Content-Length: -5\r\n"),
    "an empty length": _framed(b"Content-Length:\r\n", b""),
    "a length with zeroes": _framed(b"Content-Length: 005\r\n"),
    "a length in hexadecimals": _framed(b"Content-Length: 0x5\r\n"),
    "a length folded": _framed(b"Content-Length:\r\n 5\r\n"),
    "chunks in HTTP/1.0": lambda draft: replace(_chunks(b"5\r\nhello\r\n0\r\n\r\n")(draft), version=b"HTTP/1.0"),
    "identity": _framed(b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n"),
    "gzip, chunked": _framed(b"Transfer-Encoding: gzip, chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
    "chunked, identity": _framed(b"Transfer-Encoding: chunked, identity\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
    "chunked twice": _framed(CHUNKED + CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"),
    "xchunked": _framed(b"Transfer-Encoding: xchunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
    "chunked and a tab": _framed(b"Transfer-Encoding:\tchunked\t\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
    "chunked and a vertical tab": _framed(b"Transfer-Encoding: \x0bchunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
    "a space before the coding's colon": _framed(b"Transfer-Encoding : chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
    "Transfer_Encoding": _field(b"Transfer_Encoding: chunked\r\n"),
    "chunk extensions": _chunks(b'5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n'),
    "an extension without a name": _chunks(b"5;\r\nhello\r\n0\r\n\r\n"),
    "LF within an extension": _chunks(b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
    "a long extension": _chunks(b"5;%b\r\nhello\r\n0\r\n\r\n" % (b"a" * 300)),
    "LF after a size": _chunks(b"5\nhello\r\n0\r\n\r\n"),
    "a space after a size": _chunks(b"5 \r\nhello\r\n0\r\n\r\n"),
    "a space before a size": _chunks(b" 5\r\nhello\r\n0\r\n\r\n"),
    "a signed size": _chunks(b"+5\r\nhello\r\n0\r\n\r\n"),
    "0x before a size": _chunks(b"0x5\r\nhello\r\n0\r\n\r\n"),
    "zeroes before a size": _chunks(b"0005\r\nhello\r\n000\r\n\r\n"),
    "a size of 17 digits": _chunks(b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
    "LF after a chunk": _chunks(b"5\r\nhello\n0\r\n\r\n"),
    "a chunk longer than its size": _chunks(b"4\r\nhello\r\n0\r\n\r\n"),
    "trailers": _chunks(b"5\r\nhello\r\n0\r\nX-A: 1\r\n\r\n"),
    "a bad trailer": _chunks(b"5\r\nhello\r\n0\r\nX A\r\n\r\n"),
}


def amounts_to(draft: Draft) -> list[str]:
    """The tricks that a draft plays as a whole, whichever made it so."""
    old = draft.version == b"HTTP/1.0"
    played = {
        "chunks in HTTP/1.0": old and draft.framing.startswith(CHUNKED),
        "GET *": draft.target == b"*" and draft.method != b"OPTIONS",
        "no Host": not draft.host,
        "a relative target, no Host": old and not draft.host and draft.target == b"v1",
        "an absolute target": draft.target.startswith(b"http://"),
        "no Host in HTTP/1.0": old and not draft.host,
    }
    return [trick for trick, is_played in played.items() if is_played]
