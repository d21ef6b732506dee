"""Requests that somebody has used, or could use, to make two parsers disagree, and what becomes of each.

Law of this file: what is refused is refused for one fault; what is carried is what its sender plainly meant. Each entry
is named by its trick. The ideas are those of RFC 9110 and 9112, of the published work on request smuggling, and of the
test suites of common servers.
"""

from typing import NamedTuple

HOST = b"Host: pay.example"
EVIL = b"GET /evil HTTP/1.1\r\nHost: pay.example\r\n\r\n"


class Carried(NamedTuple):
    """What must reach the upstream, request by request: (method, target, body). `ends`: whether nothing may follow."""

    wire: bytes
    asked: tuple[tuple[bytes, bytes, bytes], ...]
    ends: bool = False


def ask(*fields: bytes, line: bytes = b"POST /v1 HTTP/1.1", host: bytes = HOST, body: bytes = b"") -> bytes:
    return b"\r\n".join([line, *([host] if host else []), *fields, b"", body])


def sized(body: bytes = b"hello", *fields: bytes) -> bytes:
    return ask(b"Content-Length: %d" % len(body), *fields, body=body)


def chunked(body: bytes) -> bytes:
    return ask(b"Transfer-Encoding: chunked", body=body)


def _line(line: bytes) -> bytes:
    return ask(line=line)


def _host(field: bytes, *fields: bytes) -> bytes:
    return ask(*fields, host=field)


def _framed(*fields: bytes) -> bytes:
    return ask(*fields, body=b"5\r\nhello\r\n0\r\n\r\n")


LINES = {
    "HTTP/0.9": (_line(b"GET /"), 400),
    "a method alone": (_line(b"GET"), 400),
    "two spaces before the target": (_line(b"GET  / HTTP/1.1"), 400),
    "two spaces before the version": (_line(b"GET /  HTTP/1.1"), 400),
    "a tab for a space": (_line(b"GET\t/ HTTP/1.1"), 400),
    "a tab after the version": (_line(b"GET / HTTP/1.1\t"), 505),
    "a space after the version": (_line(b"GET / HTTP/1.1 "), 400),
    "a space before the method": (_line(b" GET / HTTP/1.1"), 400),
    "a space in the target": (_line(b"GET /a b HTTP/1.1"), 400),
    "two versions": (_line(b"GET / HTTP/1.1 HTTP/1.1"), 400),
    "a version without a minor": (_line(b"GET / HTTP/1"), 505),
    "a version of three parts": (_line(b"GET / HTTP/1.1.1"), 505),
    "a minor of two digits": (_line(b"GET / HTTP/1.10"), 505),
    "a major of two digits": (_line(b"GET / HTTP/01.1"), 505),
    "a signed version": (_line(b"GET / HTTP/+1.1"), 505),
    "a comma in the version": (_line(b"GET / HTTP/1,1"), 505),
    "HTTP/1.2": (_line(b"GET / HTTP/1.2"), 505),
    "HTTP/0.9 by name": (_line(b"GET / HTTP/0.9"), 505),
    "HTTP/2.0": (_line(b"GET / HTTP/2.0"), 505),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "a protocol in lower case": (_line(b"GET / http/1.1"), 400),
    "another protocol": (_line(b"GET / HTTPS/1.1"), 400),
    "RTSP": (_line(b"OPTIONS / RTSP/1.0"), 400),
    "a space in the protocol": (_line(b"GET / HTTP /1.1"), 400),
    "a method in lower case": (_line(b"get / HTTP/1.1"), 501),
    "a method in mixed case": (_line(b"Post / HTTP/1.1"), 501),
    "a method that nobody knows": (_line(b"BREW /pot HTTP/1.1"), 501),
    "a colon in the method": (_line(b"GE:T / HTTP/1.1"), 400),
    "a byte before the method": (_line(b"\xffGET / HTTP/1.1"), 400),
    "a byte order mark": (_line(b"\xef\xbb\xbfGET / HTTP/1.1"), 400),
    "NUL before the method": (_line(b"\x00GET / HTTP/1.1"), 400),
    "a quoted method": (_line(b'"GET" / HTTP/1.1'), 400),
    "CONNECT": (_line(b"CONNECT pay.example:443 HTTP/1.1"), 405),
    "TRACE": (_line(b"TRACE / HTTP/1.1"), 405),
    "no target": (_line(b"GET HTTP/1.1"), 400),
    "a target without a slash": (_line(b"GET v1 HTTP/1.1"), 400),
    "a query alone": (_line(b"GET ?a=b HTTP/1.1"), 400),
    "a fragment": (_line(b"GET /#a HTTP/1.1"), 400),
    "a backslash": (_line(b"GET /a\\b HTTP/1.1"), 400),
    "a quote in the target": (_line(b'GET /"a" HTTP/1.1'), 400),
    "angle brackets in the target": (_line(b"GET /<a> HTTP/1.1"), 400),
    "a caret and a backquote": (_line(b"GET /^` HTTP/1.1"), 400),
    "UTF-8 in the target": (_line(b"GET /caf\xc3\xa9 HTTP/1.1"), 400),
    "DEL in the target": (_line(b"GET /\x7f HTTP/1.1"), 400),
    "NUL in the target": (_line(b"GET /\x00 HTTP/1.1"), 400),
    "a bare CR in the target": (_line(b"GET /\rX: y HTTP/1.1"), 400),
    "a bare LF in the target": (_line(b"GET /\nX: y HTTP/1.1"), 400),
    "a bare LF after the line": (b"GET / HTTP/1.1\nHost: pay.example\r\n\r\n", 400),
    "CR CR LF after the line": (b"GET / HTTP/1.1\r\r\nHost: pay.example\r\n\r\n", 400),
    "a star for a path": (_line(b"GET * HTTP/1.1"), 400),
    "an authority for a path": (_line(b"GET pay.example:80 HTTP/1.1"), 400),
    "another scheme": (_line(b"GET ftp://pay.example/ HTTP/1.1"), 400),
    "a file": (_line(b"GET file:///etc/passwd HTTP/1.1"), 400),
    "one slash after the scheme": (_line(b"GET http:/pay.example/ HTTP/1.1"), 400),
    "no authority": (_line(b"GET http:///v1 HTTP/1.1"), 400),
    "a user in the authority": (_line(b"GET http://u:p@pay.example/ HTTP/1.1"), 400),
    "the host as a user": (_line(b"GET http://pay.example@evil.example/ HTTP/1.1"), 400),
    "another host in the target": (_line(b"GET http://evil.example/ HTTP/1.1"), 400),
    "another port in the target": (_line(b"GET http://pay.example:81/ HTTP/1.1"), 400),
    "a fragment after the authority": (_line(b"GET http://pay.example#@evil.example/ HTTP/1.1"), 400),
    "a user in HTTP/1.0 without Host": (ask(line=b"GET http://u@pay.example/ HTTP/1.0", host=b""), 400),
    "no authority in HTTP/1.0": (ask(line=b"GET http:///v1 HTTP/1.0", host=b""), 400),
    "a request line beyond its bound": (_line(b"GET /%b HTTP/1.1" % (b"a" * 8192)), 414),
}

HOSTS = {
    "no Host": (_host(b""), 400),
    "Host twice, the same": (_host(HOST, HOST), 400),
    "Host twice, not the same": (_host(HOST, b"Host: evil.example"), 400),
    "Host twice in HTTP/1.0": (ask(HOST, line=b"GET / HTTP/1.0"), 400),
    "an empty Host": (_host(b"Host:"), 400),
    "a Host of white space": (_host(b"Host: \t "), 400),
    "a user in Host": (_host(b"Host: u@pay.example"), 400),
    "a user and a password in Host": (_host(b"Host: pay.example:80@evil.example"), 400),
    "a path in Host": (_host(b"Host: pay.example/v1"), 400),
    "a query in Host": (_host(b"Host: pay.example?a"), 400),
    "a fragment in Host": (_host(b"Host: pay.example#a"), 400),
    "a backslash in Host": (_host(b"Host: pay.example\\a"), 400),
    "a URL for a Host": (_host(b"Host: http://pay.example"), 400),
    "a list of Hosts": (_host(b"Host: pay.example, evil.example"), 400),
    "two Hosts with a space": (_host(b"Host: pay.example evil.example"), 400),
    "two Hosts with a tab": (_host(b"Host: pay.example\tevil.example"), 400),
    "a Host that is not ASCII": (_host(b"Host: p\xc3\xa4y.example"), 400),
    "a port of letters": (_host(b"Host: pay.example:http"), 400),
    "a negative port": (_host(b"Host: pay.example:-80"), 400),
    "two ports": (_host(b"Host: pay.example:80:80"), 400),
    "a port of six digits": (_host(b"Host: pay.example:000080"), 400),
    "an open bracket": (_host(b"Host: [::1"), 400),
    "IPv6 without brackets": (_host(b"Host: ::1"), 400),
    "brackets about a name": (_host(b"Host: [pay.example]"), 400),
    "a space before Host's colon": (_host(b"Host : pay.example"), 400),
    "a space before Host": (_host(b" Host: pay.example"), 400),
    "Host folded": (_host(b"Host:\r\n pay.example"), 400),
    "Host and a folded second one": (_host(HOST, b"X-A: b\r\n Host: evil.example"), 400),
}

LENGTHS = {
    **{
        f"Content-Length: {value!r}": (ask(b"Content-Length: " + value, body=b"hello"), 400)
        for value in (
            *(b"", b"-5", b"+5", b"0x5", b"5.0", b"5e0", b"5_0", b"5 5", b"5\t5", b"'5'", b'"5"', b"5;", b"5,", b",5"),
            *(b"5, 5", b"5,6", b"5, 0", b"five", b"\xd9\xa5", b"\xef\xbc\x95", b"5\xa0", b"5\x00", b"5\x0b", b"\x0c5"),
            *(b"9" * 19, b"18446744073709551621", b"4294967301" * 3, b"NaN", b"5\r", b"0, 5"),
        )
    },
    "Content-Length twice, the same": (ask(b"Content-Length: 5", b"Content-Length: 5", body=b"hello"), 400),
    "Content-Length twice, not the same": (ask(b"Content-Length: 0", b"Content-Length: 5", body=b"hello"), 400),
    "Content-Length twice, apart": (ask(b"content-length: 5", b"X-A: 1", b"CONTENT-LENGTH: 0", body=b"hello"), 400),
    "a space before Content-Length's colon": (ask(b"Content-Length : 5", body=b"hello"), 400),
    "a tab before Content-Length's colon": (ask(b"Content-Length\t: 5", body=b"hello"), 400),
    "NUL in Content-Length": (ask(b"Content-Length\x00: 5", body=b"hello"), 400),
    "a space in Content-Length": (ask(b"Content Length: 5", body=b"hello"), 400),
    "a hard space after Content-Length": (ask(b"Content-Length\xa0: 5", body=b"hello"), 400),
    "Content-Length folded": (ask(b"Content-Length:\r\n 5", body=b"hello"), 400),
    "a Content-Length that continues a line": (ask(b"X-A: 1\r\n\tContent-Length: 5", body=b"hello"), 400),
}

CODINGS = {
    **{
        f"Transfer-Encoding: {value!r}": (_framed(b"Transfer-Encoding: " + value), 400)
        for value in (
            *(b"", b"identity", b"gzip", b"gzip, chunked", b"chunked, gzip", b"chunked, chunked", b"chunked, identity"),
            *(b"identity, chunked", b"chunked,", b",chunked", b"chunked;q=1", b"chunked;a", b'"chunked"', b"'chunked'"),
            *(b"xchunked", b"chunkedx", b"x chunked", b"chunked x", b"chunk", b"chunked-2", b"\x0bchunked"),
            *(b"chunked\x0b", b"\x00chunked", b"chunked\x00", b"\xa0chunked", b"chunked\xff", b"\xef\xbb\xbfchunked"),
            *(b"chun\xe2\x84\xaaed", b"chunked\r", b"chunked\r\r", b"chunked\x1f", b"[chunked]", b"0chunked", b"null"),
        )
    },
    "CL.TE": (_framed(b"Content-Length: 6", b"Transfer-Encoding: chunked"), 400),
    "TE.CL": (_framed(b"Transfer-Encoding: chunked", b"Content-Length: 4"), 400),
    "TE and a length of 0": (_framed(b"Content-Length: 0", b"Transfer-Encoding: chunked"), 400),
    "TE in HTTP/1.0": (ask(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.0", body=b"0\r\n\r\n"), 400),
    "TE.TE, identity last": (_framed(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"), 400),
    "TE.TE, identity first": (_framed(b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked"), 400),
    "TE.TE, twice": (_framed(b"Transfer-Encoding: chunked", b"Transfer-encoding: chunked"), 400),
    "TE.TE, a cow": (_framed(b"Transfer-Encoding: chunked", b"Transfer-encoding: cow"), 400),
    "a space before TE's colon": (_framed(b"Transfer-Encoding : chunked"), 400),
    "a tab before TE's colon": (_framed(b"Transfer-Encoding\t: chunked"), 400),
    "a form feed before TE's colon": (_framed(b"Transfer-Encoding\x0c: chunked"), 400),
    "NUL in TE": (_framed(b"Transfer\x00Encoding: chunked"), 400),
    "TE after a space": (_framed(b" Transfer-Encoding: chunked"), 400),
    "TE after a bare CR": (_framed(b"X-A: 1\rTransfer-Encoding: chunked"), 400),
    "TE after a bare LF": (_framed(b"X-A: 1\nTransfer-Encoding: chunked"), 400),
    "TE folded": (_framed(b"Transfer-Encoding:\r\n chunked"), 400),
    "TE folded by its name": (_framed(b"Transfer-Encoding\r\n : chunked"), 400),
    "TE with two colons": (_framed(b"Transfer-Encoding:: chunked"), 400),
}

FIELDS = {
    **{
        f"a field name {name!r}": (ask(name + b": 1"), 400)
        for name in (
            *(
                b"",
                b"X A",
                b"X-A ",
                b"X-A\t",
                b"\tX-A",
                b" X-A",
                b"X(A",
                b"X)A",
                b"X,A",
                b"X/A",
                b'X"A',
                b"X@A",
                b"X[A",
            ),
            *(b"X]A", b"X{A", b"X}A", b"X=A", b"X;A", b"X<A", b"X>A", b"X?A", b"X\\A", b"X\x00A", b"X\x7fA", b"X\x80A"),
            *(b"X\xc3\xa9", b"X\x01", b"X\x1b", b"X\rA", b"X\nA"),
        )
    },
    **{
        f"a value with {value!r}": (ask(b"X-A: a" + value + b"b"), 400)
        for value in (
            b"\x00",
            b"\x01",
            b"\x08",
            b"\x0b",
            b"\x0c",
            b"\x0e",
            b"\x1b",
            b"\x1f",
            b"\x7f",
            b"\r",
            b"\n",
            b"\n\r",
        )
    },
    "a line without a colon": (ask(b"X-A"), 400),
    "a line of white space": (ask(b" "), 400),
    "a folded line": (ask(b"X-A: 1\r\n 2"), 400),
    "a line folded by a tab": (ask(b"X-A: 1\r\n\t2"), 400),
    "a second request line": (ask(b"GET /evil HTTP/1.1"), 400),
    "101 fields": (ask(*[b"X-A: 1"] * 100), 431),
    "fields beyond their bound": (ask(b"X-A: " + b"a" * 33_000), 431),
    "an Expect that nobody knows": (ask(b"Expect: magic"), 417),
    "two Expects, one unknown": (sized(b"hello", b"Expect: magic", b"Expect: 100-continue"), 417),
    "an Expect of two parts": (sized(b"hello", b"Expect: 100-continue, 100-continue"), 417),
    "an Expect with a parameter": (sized(b"hello", b"Expect: 100-continue;a"), 417),
}

CHUNKS = {
    **{
        f"a chunk {wire!r}": (chunked(wire + b"\r\n0\r\n\r\n"), 400)
        for wire in (
            *(
                b"5\nhello",
                b"5\rhello",
                b"5\r\r\nhello",
                b"5 \r\nhello",
                b" 5\r\nhello",
                b"\t5\r\nhello",
                b"5\t\r\nhello",
            ),
            *(b"0x5\r\nhello", b"0X5\r\nhello", b"+5\r\nhello", b"-5\r\nhello", b"5_\r\nhello", b"5h\r\nhello"),
            *(b"\r\n5\r\nhello", b"\n5\r\nhello", b"5;\r\nhello", b"5;\nhello", b"5;a\nb\r\nhello", b"5;a\rb\r\nhello"),
            *(
                b"5;a=\r\nhello",
                b"5;=a\r\nhello",
                b"5; a b\r\nhello",
                b'5;a="b\r\nhello',
                b"5;a\x00\r\nhello",
                b"5,a\r\nhello",
            ),
            *(
                b"5 a\r\nhello",
                b";a\r\nhello",
                b"\r\nhello",
                b"5\x00\r\nhello",
                b"5\xa0\r\nhello",
                b"\xd9\xa5\r\nhello",
            ),
            *(
                b"5.0\r\nhello",
                b"'5'\r\nhello",
                b"5\r\nhelloX",
                b"5\r\nhell",
                b"5\r\nhello\r",
                b"5\r\nhello\n",
                b"5\r\nhello!",
            ),
            *(b"FFFFFFFFFFFFFFFF\r\nhello", b"10000000000000005\r\nhello", b"%b5\r\nhello" % (b"0" * 300)),
            *(b"5;%b\r\nhello" % (b"a" * 300), b"5;a=%b\r\nhello" % (b"b" * 70_000), b"4\r\nhello", b"6\r\nhello"),
        )
    },
    **{
        f"an end {wire!r}": (chunked(b"5\r\nhello\r\n" + wire), 400)
        for wire in (
            *(
                b"0\n\r\n",
                b"0\r\n\n",
                b"0\r\r\n\r\n",
                b"0 \r\n\r\n",
                b"-0\r\n\r\n",
                b"0x0\r\n\r\n",
                b"\r\n\r\n",
                b"0;\r\n\r\n",
            ),
            *(b"0\r\nX-A\r\n\r\n", b"0\r\nX-A : 1\r\n\r\n", b"0\r\n X-A: 1\r\n\r\n", b"0\r\nX-A: 1\r\n 2\r\n\r\n"),
            *(b"0\r\nX-A: 1\n\r\n", b"0\r\nX-A: \x00\r\n\r\n", b"0\r\n: 1\r\n\r\n", b"0\r\nX-A: 1\rX-B: 2\r\n\r\n"),
            *(b"0\r\nX-A: 1\r\n\n", b"0\r\n%b\r\n" % (b"X-A: 1\r\n" * 2000), b"0\r\nX-A: %b\r\n\r\n" % (b"a" * 9000)),
        )
    },
}

REFUSED = {**LINES, **HOSTS, **LENGTHS, **CODINGS, **FIELDS, **CHUNKS}
"""name -> (bytes, the status that the client is told)."""

NEVER_WHOLE = {
    "lines ended by LF alone": b"GET / HTTP/1.1\nHost: pay.example\n\n",
    "lines ended by CR alone": b"GET / HTTP/1.1\rHost: pay.example\r\r",
    "LF CR": b"GET / HTTP/1.1\n\rHost: pay.example\n\r\n\r",
    "HTTP/0.9 without an empty line": b"GET /\r\n",
    "a head without an end": b"GET / HTTP/1.1\r\nHost: pay.example\r\nX-A: ",
    "an end by LF": b"GET / HTTP/1.1\r\nHost: pay.example\r\n\n",
    "a body that is short": ask(b"Content-Length: 6", body=b"hello"),
    "0.CL": ask(b"Content-Length: 50", line=b"GET / HTTP/1.1", body=b"GET /evil HTTP/1.1\r\nX-A: "),
    "no last chunk": chunked(b"5\r\nhello\r\n"),
    "half a last chunk": chunked(b"5\r\nhello\r\n0\r\n"),
    "a chunk that is short": chunked(b"6\r\nhello"),
    "trailers without an end": chunked(b"0\r\nX-A: 1\r\n"),
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "a chunk of 2^59 bytes": chunked(b"7ffffffffffffff\r\nhello\r\n0\r\n\r\n"),
}
"""name -> bytes of which no whole request may be made; the client is told 4xx, or that it took too long."""
