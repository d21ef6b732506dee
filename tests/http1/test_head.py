"""A head is read in one way or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.http1.head import is_chunked, read_request_head, read_response_head
from proxy.http1.line import Malformed

TOKEN = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def request(*lines: bytes, line: bytes = b"GET /v1/payments HTTP/1.1", host: bytes = b"Host: pay.example") -> bytes:
    return b"\r\n".join([line, *([host] if host else []), *lines, b"", b""])


def response(*lines: bytes, line: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join([line, *lines, b"", b""])


def test_a_request_keeps_order_case_and_duplicates() -> None:
    head = read_request_head(request(b"X-A: 1", b"x-a: 2", b"X-\x62: caf\xe9", b"Cookie: a=b"), 100)
    assert head.method == b"GET"
    assert head.target == b"/v1/payments"
    assert head.headers[1:] == ((b"X-A", b"1"), (b"x-a", b"2"), (b"X-b", b"caf\xe9"), (b"Cookie", b"a=b"))
    assert (head.length, head.keep_alive, head.expects_continue) == (0, True, False)


def test_optional_white_space_around_a_value_is_no_part_of_it() -> None:
    head = read_request_head(request(b"X-A: \t 1 \t", b"Content-Length:  5 "), 100)
    assert head.headers[1] == (b"X-A", b"1")
    assert head.length == 5


@pytest.mark.parametrize(
    ("lines", "length"),
    [((), 0), ((b"Content-Length: 12",), 12), ((b"Transfer-Encoding: Chunked",), None), ((b"content-length: 003",), 3)],
)
def test_framing_of_a_request(lines: tuple[bytes, ...], length: int | None) -> None:
    assert read_request_head(request(*lines, line=b"POST / HTTP/1.1"), 100).length == length


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (request(b"Content-Length: 1", b"Transfer-Encoding: chunked"), 400),
        (request(b"Content-Length: 1", b"Content-Length: 1"), 400),
        (request(b"Content-Length: 1, 1"), 400),
        (request(b"Content-Length: +1"), 400),
        (request(b"Content-Length: -1"), 400),
        (request(b"Content-Length: 1_0"), 400),
        (request(b"Content-Length: "), 400),
        (request(b"Content-Length: 9999999999999999999"), 400),
        (request(b"Transfer-Encoding: gzip, chunked"), 400),
        (request(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"), 400),
        (request(b"Transfer-Encoding: xchunked"), 400),
        (request(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.0"), 400),
        (request(b"X-A : 1"), 400),
        (request(b" X-A: 1"), 400),
        (request(b"X-A: 1", b" folded"), 400),
        (request(b"X-A: 1", b"\tfolded"), 400),
        (request(b"X-A: a\x00b"), 400),
        (request(b"X-A: a\x0bb"), 400),
        (request(b"X-A: a\x7fb"), 400),
        (request(b"X-A: a\rb"), 400),
        (request(b"X-A: a\nX-B: b"), 400),
        (request(b": empty"), 400),
        (request(b"no colon"), 400),
        (request(host=b""), 400),
        (request(b"Host: other.example"), 400),
        (request(host=b"Host: "), 400),
        (request(host=b"Host: user@pay.example"), 400),
        (request(host=b"Host: a.example, b.example"), 400),
        (request(host=b"Host: pay.example/path"), 400),
        (request(line=b"GET  / HTTP/1.1"), 400),
        (request(line=b"GET / HTTP/1.1 "), 400),
        (request(line=b"GET /"), 400),
        (request(line=b"GET / HTTP/2.0"), 505),
        (request(line=b"GET / HTTP/1.2"), 505),
        (request(line=b"GET / http/1.1"), 400),
        (request(line=b"GET /a\x80 HTTP/1.1"), 400),
        (request(line=b"GET /#part HTTP/1.1"), 400),
        (request(line=b"GET path HTTP/1.1"), 400),
        (request(line=b"GET * HTTP/1.1"), 400),
        (request(line=b"get / HTTP/1.1"), 501),
        (request(line=b"BREW /pot HTTP/1.1"), 501),
        (request(line=b"B(REW / HTTP/1.1"), 400),
        (request(line=b"GET http://other.example/ HTTP/1.1"), 400),
        (request(line=b"CONNECT pay.example:443 HTTP/1.1"), 405),
        (request(line=b"TRACE / HTTP/1.1"), 405),
        (request(b"Expect: magic"), 417),
        (request(*[b"X-A: 1"] * 101), 431),
    ],
)
def test_what_could_be_read_otherwise_is_refused(raw: bytes, status: int) -> None:
    with pytest.raises(Malformed) as caught:
        read_request_head(raw, 100)
    assert caught.value.status == status, caught.value.detail


@pytest.mark.parametrize(
    ("target", "forwarded"),
    [
        (b"http://pay.example/v1?a=b", b"/v1?a=b"),
        (b"HTTP://PAY.example", b"/"),
        (b"http://pay.example?a=b", b"/?a=b"),
        (b"/v1//x/../%2e%zz?expand[]=a|b", b"/v1//x/../%2e%zz?expand[]=a|b"),
    ],
)
def test_targets_go_on_in_origin_form_and_otherwise_as_they_came(target: bytes, forwarded: bytes) -> None:
    assert read_request_head(request(line=b"GET %b HTTP/1.1" % target), 100).target == forwarded


def test_options_may_ask_about_the_server_itself() -> None:
    assert read_request_head(request(line=b"OPTIONS * HTTP/1.1"), 100).target == b"*"


@pytest.mark.parametrize(
    ("version", "connection", "keeps"),
    [
        (b"1", b"", True),
        (b"1", b"close", False),
        (b"1", b"X-A, Close", False),
        (b"0", b"", False),
        (b"0", b"Keep-Alive", True),
        (b"1", b"keep-alive", True),
    ],
)
def test_whether_a_connection_stays(version: bytes, connection: bytes, keeps: bool) -> None:
    lines = (b"Connection: " + connection,) if connection else ()
    assert read_request_head(request(*lines, line=b"GET / HTTP/1." + version), 100).keep_alive is keeps


def test_an_offer_to_upgrade_is_an_ordinary_request() -> None:
    head = read_request_head(request(b"Connection: Upgrade", b"Upgrade: websocket"), 100)
    assert (head.method, head.length) == (b"GET", 0)


@given(
    st.lists(
        st.tuples(
            st.text(TOKEN, min_size=1, max_size=20).filter(
                lambda name: name.lower() not in ("host", "content-length", "transfer-encoding", "expect", "connection")
            ),
            st.binary(max_size=30).map(lambda raw: bytes(b for b in raw if b == 9 or 32 <= b < 127 or b >= 128)),
        ),
        max_size=20,
    )
)
def test_every_field_comes_out_as_it_went_in(fields: list[tuple[str, bytes]]) -> None:
    head = read_request_head(request(*(name.encode() + b":" + value for name, value in fields)), 100)
    assert head.headers[1:] == tuple((name.encode(), value.strip(b" \t")) for name, value in fields)


@given(st.binary(max_size=200))
def test_no_bytes_make_anything_but_a_head_or_a_refusal(junk: bytes) -> None:
    for raw in (junk + b"\r\n\r\n", request(junk), request(line=junk)):
        for read in (lambda raw: read_request_head(raw, 100), lambda raw: read_response_head(raw, 100, to_head=False)):
            try:
                read(raw)
            except Malformed as fault:
                assert fault.status in (400, 405, 417, 431, 502, 505)


@pytest.mark.parametrize(
    ("raw", "to_head", "length", "keeps"),
    [
        (response(b"Content-Length: 5"), False, 5, True),
        (response(b"Content-Length: 5"), True, 0, True),
        (response(b"Transfer-Encoding: chunked"), False, None, True),
        (response(), False, None, False),
        (response(line=b"HTTP/1.1 204 No Content"), False, 0, True),
        (response(b"Content-Length: 9", line=b"HTTP/1.1 304 Not Modified"), False, 0, True),
        (response(b"Content-Length: 0", b"Connection: close"), False, 0, False),
        (response(b"Content-Length: 2", line=b"HTTP/1.0 200 OK"), False, 2, False),
        (response(b"Content-Length: 2", line=b"HTTP/1.1 200 "), False, 2, True),
    ],
)
def test_framing_of_a_response(raw: bytes, to_head: bool, length: int | None, keeps: bool) -> None:
    head = read_response_head(raw, 100, to_head=to_head)
    assert (head.length, head.keep_alive) == (length, keeps)


@pytest.mark.parametrize(
    "raw",
    [
        response(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        response(b"Content-Length: 5", b"Content-Length: 6"),
        response(b"Transfer-Encoding: identity"),
        response(b"X-A: 1", b" folded"),
        response(b"Transfer-Encoding: chunked", line=b"HTTP/1.0 200 OK"),
        response(b"Transfer-Encoding: chunked", line=b"HTTP/1.1 204 No Content"),
        response(line=b"HTTP/1.1 20 OK"),
        response(line=b"HTTP/1.1 099 OK"),
        response(line=b"HTTP/2 200 OK"),
        response(line=b"ICY 200 OK"),
        response(b"X-A: \x01"),
        response(*[b"X-A: 1"] * 101),
    ],
)
def test_a_response_that_could_be_read_otherwise_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        read_response_head(raw, 100, to_head=False)
    assert caught.value.status == 502


def test_an_empty_reason_and_a_foreign_one_are_kept() -> None:
    assert read_response_head(response(line=b"HTTP/1.1 200 "), 100, to_head=True).reason == b""
    assert read_response_head(response(line=b"HTTP/1.1 299 \xe9t\xe9"), 100, to_head=True).reason == b"\xe9t\xe9"


def test_chunked_is_seen_in_any_case() -> None:
    assert is_chunked(((b"TRANSFER-Encoding", b"chunked"),))
    assert not is_chunked(((b"Content-Length", b"1"),))
