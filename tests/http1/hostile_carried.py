"""Requests that look like a trick and are one plain request, or a row of them: each reaches the upstream as one.

Law of this file: see hostile_requests.
"""

from tests.http1.hostile_requests import EVIL, HOST, Carried, ask, chunked, sized

HELLO = (b"POST", b"/v1", b"hello")


def _target(target: bytes, *, line: bytes = b"GET %b HTTP/1.1", told: bytes | None = None) -> Carried:
    return Carried(ask(line=line % target), ((b"GET", target if told is None else told, b""),))


def _get(*fields: bytes, version: bytes = b"HTTP/1.1", host: bytes = HOST) -> Carried:
    return Carried(
        ask(*fields, line=b"GET /v1 " + version, host=host), ((b"GET", b"/v1", b""),), version == b"HTTP/1.0"
    )


CARRIED = {
    "a request in a body": Carried(sized(EVIL), ((b"POST", b"/v1", EVIL),)),
    "a request in a chunk": Carried(chunked(b"%x\r\n%b\r\n0\r\n\r\n" % (len(EVIL), EVIL)), ((b"POST", b"/v1", EVIL),)),
    "a last chunk in a body": Carried(sized(b"0\r\n\r\n" + EVIL), ((b"POST", b"/v1", b"0\r\n\r\n" + EVIL),)),
    "a last chunk in a chunk": Carried(chunked(b"5\r\n0\r\n\r\n\r\n0\r\n\r\n"), ((b"POST", b"/v1", b"0\r\n\r\n"),)),
    "a GET with a body": Carried(
        ask(b"Content-Length: 5", line=b"GET /v1 HTTP/1.1", body=b"hello"), ((b"GET", b"/v1", b"hello"),)
    ),
    "a HEAD with a body": Carried(
        ask(b"Content-Length: 5", line=b"HEAD /v1 HTTP/1.1", body=b"hello"), ((b"HEAD", b"/v1", b"hello"),)
    ),
    "a DELETE with chunks": Carried(
        ask(b"Transfer-Encoding: chunked", line=b"DELETE /v1 HTTP/1.1", body=b"5\r\nhello\r\n0\r\n\r\n"),
        ((b"DELETE", b"/v1", b"hello"),),
    ),
    "a length with zeroes": Carried(ask(b"Content-Length: 005", body=b"hello"), (HELLO,)),
    "a length of zeroes": Carried(ask(b"Content-Length: 000"), ((b"POST", b"/v1", b""),)),
    "a length between spaces": Carried(ask(b"Content-Length: \t 5 \t", body=b"hello"), (HELLO,)),
    "a POST without a body": Carried(ask(), ((b"POST", b"/v1", b""),)),
    "chunked in capitals": Carried(ask(b"TRANSFER-ENCODING:\tCHUNKED ", body=b"5\r\nhello\r\n0\r\n\r\n"), (HELLO,)),
    "a chunk size with zeroes": Carried(chunked(b"0005\r\nhello\r\n000\r\n\r\n"), (HELLO,)),
    "a chunk size in capitals": Carried(chunked(b"A\r\n0123456789\r\n0\r\n\r\n"), ((b"POST", b"/v1", b"0123456789"),)),
    "chunk extensions": Carried(chunked(b'5;a;b=c ; d="e;\\"f"\r\nhello\r\n0;g=h\r\n\r\n'), (HELLO,)),
    "an extension with a CRLF's look": Carried(chunked(b'5;a="0 0"\r\nhello\r\n0\r\n\r\n'), (HELLO,)),
    "one byte a chunk": Carried(chunked(b"".join(b"1\r\n%c\r\n" % c for c in b"hello") + b"0\r\n\r\n"), (HELLO,)),
    "framing in trailers": Carried(
        chunked(b"5\r\nhello\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\nHost: evil.example\r\n\r\n"), (HELLO,)
    ),
    "secrets in trailers": Carried(chunked(b"5\r\nhello\r\n0\r\nAuthorization: evil\r\nX-Evil: 1\r\n\r\n"), (HELLO,)),
    "two requests in one segment": Carried(sized() + sized(b"again"), (HELLO, (b"POST", b"/v1", b"again"))),
    "chunks, then another request": Carried(
        chunked(b"5\r\nhello\r\n0\r\n\r\n") + EVIL, (HELLO, (b"GET", b"/evil", b""))
    ),
    "an empty line before": Carried(b"\r\n" + sized(), (HELLO,)),
    "two empty lines before": Carried(b"\r\n\r\n" + sized(), (HELLO,)),
    "an empty line between": Carried(sized() + b"\r\n" + sized(b"again"), (HELLO, (b"POST", b"/v1", b"again"))),
    "Content_Length": Carried(sized(b"hello", b"Content_Length: 0", b"content_Length: 9"), (HELLO,)),
    "Transfer_Encoding": Carried(sized(b"hello", b"Transfer_Encoding: chunked"), (HELLO,)),
    "an underscore for each": Carried(sized(b"hello", b"CONTENT_LENGTH: 1", b"TRANSFER_encoding: chunked"), (HELLO,)),
    "Connection names the framing": Carried(
        sized(b"hello", b"Connection: Content-Length, Host, Transfer-Encoding"), (HELLO,)
    ),
    "Connection names a field": _get(b"Connection: X-Evil, keep-alive", b"X-Evil: 1"),
    "Connection names it later": _get(b"x-EVIL: 1", b"Connection:,, x-evil ,"),
    "hop-by-hop fields": _get(b"Keep-Alive: 1", b"Proxy-Connection: close", b"TE: trailers", b"Trailer: X-Evil"),
    "an upgrade that is not taken": _get(
        b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAM"
    ),
    "claims of a client about itself": _get(
        *(b"X-Forwarded-For: evil", b"X-Forwarded-Proto: evil", b"X-Forwarded-Host: evil", b"X-Forwarded-Port: evil"),
        *(b"X-Forwarded-Ssl: evil", b"X-Forwarded-Prefix: evil", b"X-Forwarded-Scheme: evil", b"X-Forwarded-By: evil"),
        *(b"Forwarded: for=evil", b"X-Real-IP: evil", b"X_Forwarded_For: evil", b"X-Forwarded_Proto: evil"),
        *(b"x_real_ip: evil", b"X-FORWARDED-PROTOCOL: evil", b"X-Forwarded-Server: evil", b"X_Forwarded_Ssl: evil"),
    ),
    "our own control fields": _get(b"X-Strangler-System: evil", b"x_strangler_route: evil", b"X-STRANGLER-X: evil"),
    "Expect with its body": Carried(sized(b"hello", b"Expect: 100-continue"), (HELLO,)),
    "Expect in capitals": Carried(sized(b"hello", b"EXPECT: 100-Continue"), (HELLO,)),
    "Expect without a body": _get(b"Expect: 100-continue"),
    "Expect in HTTP/1.0": _get(b"Expect: 100-continue", version=b"HTTP/1.0"),
    "HTTP/1.0 without Host": _get(version=b"HTTP/1.0", host=b""),
    "HTTP/1.0 that stays": _get(b"Connection: keep-alive", version=b"HTTP/1.0")._replace(ends=False),
    "HTTP/1.0 with a length": Carried(
        ask(b"Content-Length: 5", line=b"POST /v1 HTTP/1.0", body=b"hello"), (HELLO,), True
    ),
    "close, then another": Carried(sized(b"hello", b"Connection: close"), (HELLO,), True),
    "close among others": Carried(sized(b"hello", b"Connection: x, CLOSE ,y"), (HELLO,), True),
    "Host with a port": _get(host=b"Host: pay.example:65535"),
    "Host by IPv6": _get(host=b"HOST: [2001:db8::1]:80"),
    "Host in capitals": _get(host=b"host:PAY.EXAMPLE"),
    "the host in the target": _target(b"/v1?a=b", line=b"GET http://pay.example%b HTTP/1.1"),
    "the host in the target, in capitals": _target(b"/v1", line=b"GET HTTP://PAY.example%b HTTP/1.1"),
    "a query after the authority": _target(b"?a=b", line=b"GET http://pay.example%b HTTP/1.1", told=b"/?a=b"),
    "nothing after the authority": _target(b"", line=b"GET http://pay.example%b HTTP/1.1", told=b"/"),
    "the host in the target alone": Carried(
        ask(line=b"GET http://pay.example/v1 HTTP/1.0", host=b""), ((b"GET", b"/v1", b""),), True
    ),
    "OPTIONS of the server": Carried(ask(line=b"OPTIONS * HTTP/1.1"), ((b"OPTIONS", b"*", b""),)),
    "OPTIONS of the server by URL": Carried(
        ask(line=b"OPTIONS http://pay.example HTTP/1.1"), ((b"OPTIONS", b"*", b""),)
    ),
    "OPTIONS of its root by URL": Carried(
        ask(line=b"OPTIONS http://pay.example/ HTTP/1.1"), ((b"OPTIONS", b"/", b""),)
    ),
    **{
        f"a target {target!r}": _target(target)
        for target in (
            *(
                b"//evil.example/v1",
                b"/a//b",
                b"/a/./b",
                b"/%2e%2e%2f",
                b"/%00",
                b"/%zz%",
                b"/a;b=c",
                b"/a?b?c&&d=",
                b"/?",
            ),
            *(
                b"/[a]{b}|c",
                b"/http://evil.example/",
                b"/@evil.example",
                b"/:80",
                b"/*",
                b"/a%0d%0aX-Evil:%201",
                b"/a+b~!$'()",
            ),
        )
    },
    **{
        f"the method {method.decode()}": Carried(ask(line=method + b" /v1 HTTP/1.1"), ((method, b"/v1", b""),))
        for method in (b"GET", b"HEAD", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"PROPFIND", b"QUERY", b"M-SEARCH")
    },
    "an empty value": _get(b"X-A:", b"X-B: ", b"X-C:\t"),
    "bytes beyond ASCII in a value": _get(b"X-A: \x80\xff caf\xc3\xa9"),
    "a tab in a value": _get(b"X-A: a\tb"),
    "every byte of a name": _get(b"!#$%&'*+-.^_`|~0aZ: 1"),
    "a field name of one byte": _get(b"~:1"),
    "a value that looks like framing": _get(b"X-A: Transfer-Encoding: chunked", b"X-B:Content-Length: 9"),
    "100 fields": _get(*[b"X-A: 1"] * 99),
    "a request line at its bound": _target(b"/" + b"a" * (8192 - len(b"GET / HTTP/1.1"))),
    "fields near their bound": _get(b"X-A: " + b"a" * 32_000),
}
"""name -> what reaches the upstream."""
