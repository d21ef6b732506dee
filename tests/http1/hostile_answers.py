"""Answers that an upstream should not give, and what the client sees of each.

Law of this file: each answer has one fault. `/case` is answered with it; whatever it was, the request after it gets its
own answer and nobody else's.
"""

from typing import NamedTuple

from tests.support.h11_origin import OK

EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"


def _say(*fields: bytes, line: bytes = b"HTTP/1.1 200 OK", body: bytes = b"") -> bytes:
    return b"\r\n".join([line, *fields, b"", body])


def _sized(*fields: bytes, line: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return _say(b"Content-Length: 5", *fields, line=line, body=b"hello")


def _chunked(body: bytes, line: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return _say(b"Transfer-Encoding: chunked", line=line, body=body)


INVALID = {
    **{
        f"a status line {line!r}": _sized(line=line)
        for line in (
            *(b"", b"OK", b"200 OK", b"HTTP/1.1", b"HTTP/1.1 ", b"HTTP/1.1 OK", b"HTTP/1.1 20", b"HTTP/1.1 20 OK"),
            *(b"HTTP/1.1 2000 OK", b"HTTP/1.1 099 OK", b"HTTP/1.1 000 OK", b"HTTP/1.1 200OK", b"HTTP/1.1 -200 OK"),
            *(b"HTTP/1.1 2x0 OK", b"HTTP/1.1  200 OK", b"HTTP/1.1\t200 OK", b" HTTP/1.1 200 OK", b"HTTP/1.1200 OK"),
            *(b"HTTP/1.2 200 OK", b"HTTP/2 200 OK", b"HTTP/2.0 200 OK", b"HTTP/0.9 200 OK", b"HTTP/1.10 200 OK"),
            *(b"HTTP/11 200 OK", b"http/1.1 200 OK", b"ICY 200 OK", b"HTTPS/1.1 200 OK", b"HTTP/1.1 200 O\x00K"),
            *(
                b"HTTP/1.1 200 O\x7fK",
                b"HTTP/1.1 200 O\rK",
                b"HTTP/1.1 \xd9\xa2\xd9\xa0\xd9\xa0 OK",
                b"\xef\xbb\xbfHTTP/1.1 200 OK",
            ),
            *(
                b"GET / HTTP/1.1",
                b"HTTP/1.1 101 Switching Protocols",
                b"SSH-2.0-OpenSSH_9.6",
                b"220 mail.example ESMTP",
            ),
        )
    },
    **{
        f"a length {value!r}": _say(b"Content-Length: " + value, body=b"hello")
        for value in (
            *(
                b"",
                b"-5",
                b"+5",
                b"0x5",
                b"5.0",
                b"5 5",
                b"5, 5",
                b"5,6",
                b"5;",
                b"'5'",
                b"9" * 19,
                b"18446744073709551621",
            ),
            *(b"five", b"5\x00", b"5\x0b", b"5\xa0", b"\xd9\xa5", b"5_0"),
        )
    },
    **{
        f"a coding {value!r}": _say(b"Transfer-Encoding: " + value, body=b"5\r\nhello\r\n0\r\n\r\n")
        for value in (
            *(
                b"",
                b"identity",
                b"gzip",
                b"gzip, chunked",
                b"chunked, gzip",
                b"chunked, chunked",
                b"chunked;a",
                b"xchunked",
            ),
            *(b'"chunked"', b"chunked,", b"\x0bchunked", b"chunked\x00", b"\xa0chunked", b"cow"),
        )
    },
    "a length twice, the same": _sized(b"Content-Length: 5"),
    "a length twice, not the same": _sized(b"Content-Length: 6"),
    "a length and chunks": _sized(b"Transfer-Encoding: chunked"),
    "chunks and a length": _say(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"5\r\nhello\r\n0\r\n\r\n"),
    "chunks twice": _say(*[b"Transfer-Encoding: chunked"] * 2, body=b"5\r\nhello\r\n0\r\n\r\n"),
    "chunks in HTTP/1.0": _chunked(b"5\r\nhello\r\n0\r\n\r\n", b"HTTP/1.0 200 OK"),
    "chunks in 204": _chunked(b"0\r\n\r\n", b"HTTP/1.1 204 No Content"),
    "chunks in 103": _chunked(b"0\r\n\r\n", b"HTTP/1.1 103 Early Hints") + OK,
    "101 that nobody asked for": _say(b"Upgrade: x", b"Connection: upgrade", line=b"HTTP/1.1 101 Switching Protocols"),
    "17 times 100": _say(line=b"HTTP/1.1 100 Continue") * 17 + OK,
    "17 times 103": _say(b"Link: </a>", line=b"HTTP/1.1 103 Early Hints") * 17 + OK,
    "1,000 times 102": _say(line=b"HTTP/1.1 102 Processing") * 1000 + OK,
    "lines ended by LF alone": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello\r\n\r\n",
    "a status line ended by LF": b"HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello",
    "a line ended by LF": b"HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 5\r\n\r\nhello",
    "a line ended by CR": b"HTTP/1.1 200 OK\r\nX-A: 1\rContent-Length: 5\r\n\r\nhello",
    "CR CR LF": b"HTTP/1.1 200 OK\r\r\nContent-Length: 5\r\n\r\nhello",
    "an empty line before": b"\r\n" + _sized(),
    "a folded line": _sized(b"X-A: 1\r\n 2"),
    "a folded first line": _sized(line=b"HTTP/1.1 200 OK\r\n X-A: 1"),
    "a space before the colon": _sized(b"X-A : 1"),
    "a space before the length's colon": _say(b"Content-Length : 5", body=b"hello"),
    "a line without a colon": _sized(b"X-A"),
    "an empty field name": _sized(b": 1"),
    "NUL in a field name": _sized(b"X\x00A: 1"),
    "NUL in a value": _sized(b"X-A: a\x00b"),
    "a control byte in a value": _sized(b"X-A: a\x1bb"),
    "a field name that is not ASCII": _sized(b"X\xc3\xa9: 1"),
    "201 fields": _sized(*[b"X-A: 1"] * 200),
    "fields beyond their bound": _sized(b"X-A: " + b"a" * 70_000),
    "a head without an end": b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 70_000,
    "bytes that are no HTTP": b"\x16\x03\x01\x02\x00\r\n\r\n",
}
"""name -> an answer of which the client sees nothing but 502."""

BROKEN = {
    **{
        f"a chunk {wire!r}": _chunked(wire + b"\r\n0\r\n\r\n")
        for wire in (
            *(
                b"5\nhello",
                b"5 \r\nhello",
                b" 5\r\nhello",
                b"0x5\r\nhello",
                b"-5\r\nhello",
                b"5;\r\nhello",
                b"5;a\nb\r\nhello",
            ),
            *(
                b"g\r\nhello",
                b"\r\nhello",
                b"4\r\nhello",
                b"5\r\nhello!",
                b"5\r\nhello\r",
                b"FFFFFFFFFFFFFFFFF\r\nhello",
            ),
            *(b"5;%b\r\nhello" % (b"a" * 300), b"%b5\r\nhello" % (b"0" * 300), b"5,a\r\nhello", b"5\x00\r\nhello"),
        )
    },
    "a trailer without a colon": _chunked(b"5\r\nhello\r\n0\r\nX-A\r\n\r\n"),
    "a folded trailer": _chunked(b"5\r\nhello\r\n0\r\nX-A: 1\r\n 2\r\n\r\n"),
    "a last chunk ended by LF": _chunked(b"5\r\nhello\r\n0\n\r\n"),
}
"""name -> an answer whose body breaks after its head was right: 502, or an answer that can be seen not to be whole."""

SHORT = {
    "a sized body": _say(b"Content-Length: 6", body=b"hello"),
    "a sized body of which nothing comes": _say(b"Content-Length: 6"),
    "a chunk": _chunked(b"6\r\nhello"),
    "chunks without a last": _chunked(b"5\r\nhello\r\n"),
    "half a last chunk": _chunked(b"5\r\nhello\r\n0\r\n"),
    "half a size": _chunked(b"5"),
    "trailers": _chunked(b"5\r\nhello\r\n0\r\nX-A: 1\r\n"),
    "a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "an answer after an interim one": b"HTTP/1.1 103 Early Hints\r\n\r\n",
    "an answer of which nothing comes": b"",
}
"""name -> an answer that stops, its connection ended: 502, or an answer that can be seen not to be whole."""


class Given(NamedTuple):
    """What the upstream says to `method` /case, and the bytes that the client gets for it; `close`: it closes after."""

    said: bytes
    got: bytes
    method: bytes = b"GET"
    close: bool = False


_HELLO = _sized()
_IN_CHUNKS = _chunked(b"5\r\nhello\r\n0\r\n\r\n")
_NONE = _say(line=b"HTTP/1.1 204 No Content")

GIVEN = {
    "another answer after it": Given(_HELLO + EVIL, _HELLO),
    "bytes after it": Given(_HELLO + b"\x00\r\n", _HELLO),
    "another answer after its last chunk": Given(_IN_CHUNKS + EVIL, _IN_CHUNKS),
    "204 with a length": Given(_say(b"Content-Length: 4", line=b"HTTP/1.1 204 No Content"), _NONE),
    "204 with a body": Given(_NONE + EVIL, _NONE),
    "204 with a length and a body": Given(_sized(line=b"HTTP/1.1 204 No Content"), _NONE),
    "304 with a length": Given(
        _say(b"Content-Length: 5", line=b"HTTP/1.1 304 X"), _say(b"Content-Length: 5", line=b"HTTP/1.1 304 X")
    ),
    "304 with a body": Given(_sized(line=b"HTTP/1.1 304 X"), _say(b"Content-Length: 5", line=b"HTTP/1.1 304 X")),
    "304 in chunks": Given(_chunked(b"5\r\nhello\r\n0\r\n\r\n", b"HTTP/1.1 304 X"), _say(line=b"HTTP/1.1 304 X")),
    "HEAD with a body": Given(_HELLO, _say(b"Content-Length: 5"), b"HEAD"),
    "HEAD in chunks": Given(_IN_CHUNKS, _say(), b"HEAD"),
    "HEAD with another answer": Given(_say(b"Content-Length: 5") + EVIL, _say(b"Content-Length: 5"), b"HEAD"),
    "100 first": Given(_say(line=b"HTTP/1.1 100 Continue") + _HELLO, _HELLO),
    "103 first": Given(
        _say(b"Link: </a>", line=b"HTTP/1.1 103 Early Hints") + _HELLO,
        _say(b"Link: </a>", line=b"HTTP/1.1 103 Early Hints") + _HELLO,
    ),
    "103 with a length": Given(
        _say(b"Content-Length: 5", line=b"HTTP/1.1 103 X") + _HELLO, _say(line=b"HTTP/1.1 103 X") + _HELLO
    ),
    "16 times 103": Given(_say(line=b"HTTP/1.1 103 X") * 16 + _HELLO, _say(line=b"HTTP/1.1 103 X") * 16 + _HELLO),
    "chunk extensions and trailers": Given(
        _chunked(b'5;a="b"\r\nhello\r\n000;c\r\nX-A: 1\r\nSet-Cookie: evil\r\n\r\n'), _IN_CHUNKS
    ),
    "an end by close": Given(
        _say(b"X-A: 1", body=b"hello"),
        _say(b"X-A: 1", b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n"),
        close=True,
    ),
    "an end by close in HTTP/1.0": Given(_say(line=b"HTTP/1.0 200 OK", body=b"hello"), _IN_CHUNKS, close=True),
    "HTTP/1.0 with a length": Given(_sized(line=b"HTTP/1.0 200 OK"), _HELLO),
    "a length with zeroes": Given(_say(b"Content-Length: 005", body=b"hello"), _HELLO),
    "no reason": Given(_sized(line=b"HTTP/1.1 200 "), _sized(line=b"HTTP/1.1 200 ")),
    "no space before no reason": Given(_sized(line=b"HTTP/1.1 200"), _sized(line=b"HTTP/1.1 200 ")),
    "a foreign reason": Given(_sized(line=b"HTTP/1.1 500 \xe9\xff"), _sized(line=b"HTTP/1.1 500 \xe9\xff")),
    "a status that nobody knows": Given(_sized(line=b"HTTP/1.1 799 X"), _sized(line=b"HTTP/1.1 799 X")),
    "hop-by-hop fields": Given(
        _sized(b"Connection: close, x-evil", b"X-Evil: 1", b"Keep-Alive: 1", b"Upgrade: h2c"), _HELLO
    ),
    "Connection names the length": Given(_sized(b"Connection: Content-Length"), _HELLO),
    "cookies, twice": Given(_sized(b"Set-Cookie: a", b"set-cookie: b"), _sized(b"Set-Cookie: a", b"set-cookie: b")),
}
"""name -> an odd answer that has one meaning, and the very bytes that the client gets."""
