"""The copy's bytes, beside those that the primary got for the same request."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.http1.head import read_request_head
from proxy.http1.ticker import Ticker
from proxy.messages import Failure, FailureKind, Hop, Request, Response
from proxy.routing.table import Backend
from proxy.runtime.sending import ShadowSender, serialise
from proxy.runtime.upstreams import Upstreams
from proxy.shadow.request import marked_copy
from tests.support.proxying import proxied, table
from tests.support.wire import answering, exchange, upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MARKER = b"X-Strangler-Shadow: 1"
HOP = Hop(b"192.0.2.7", False, False)
SHADOW = Backend("payments", "http", "127.0.0.1", 1)

FIELDS = b"X-b: \xff\r\nHost: pay.example\r\nX-B: 1\r\nTE: trailers\r\nX-Forwarded-For: 10.9.9.9\r\nVia: 1.0 edge\r\n"
CLOSE = b"Connection: close, x-named\r\nX-Named: 1\r\n"


def lines(wire: bytes) -> list[bytes]:
    return wire.partition(b"\r\n\r\n")[0].split(b"\r\n")


async def both(folder: Path, wire: bytes) -> tuple[bytes, bytes]:
    """What the primary got for this request, and what a shadow would get."""
    seen: list[bytes] = []
    async with upstream(answering(seen, OK)) as server, proxied(table(server.port), folder) as proxy:
        await exchange(proxy.port, wire)
        copied = await proxy.copy()
    return seen[0], serialise(marked_copy(copied.request), copied.hop, SHADOW)


@pytest.mark.parametrize("body", [b"", b"Content-length: 5\r\n"])
async def test_the_copy_is_what_the_primary_got_and_the_marker(tmp_path: Path, body: bytes) -> None:
    content = b"hello" if body else b""
    wire = b"GET /v1/payments?a=%41 HTTP/1.1\r\n" + FIELDS + body + CLOSE + b"\r\n" + content
    primary, copy = await both(tmp_path, wire)
    assert MARKER not in lines(primary)
    assert lines(copy).count(MARKER) == 1
    assert [line for line in lines(copy) if line != MARKER] == lines(primary)
    assert copy.partition(b"\r\n\r\n")[2] == primary.partition(b"\r\n\r\n")[2] == content


async def test_a_chunked_body_is_sent_whole_with_its_length_said_once(tmp_path: Path) -> None:
    chunked = b"Transfer-Encoding: chunked\r\n" + CLOSE + b"\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
    primary, copy = await both(tmp_path, b"GET / HTTP/1.1\r\n" + FIELDS + chunked)
    assert copy.endswith(b"\r\n\r\nhello!")
    framing = {MARKER, b"Content-Length: 6", b"Transfer-Encoding: chunked"}
    assert [line for line in lines(copy) if line in framing] == [MARKER, b"Content-Length: 6"]
    assert [line for line in lines(copy) if line not in framing] == [
        line for line in lines(primary) if line not in framing
    ]


async def test_the_client_cannot_have_the_marker_taken_off(tmp_path: Path) -> None:
    wire = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Strangler-Shadow, x_strangler_shadow\r\n\r\n"
    _, copy = await both(tmp_path, wire)
    assert lines(copy).count(MARKER) == 1


def test_a_backends_own_path_and_host_hold_for_copies_too() -> None:
    shadow = Backend("payments", "http", "127.0.0.1", 1, base_path=b"/beta", host_header=b"beta.example")
    wire = serialise(Request(b"GET", b"/v1?x", ((b"Host", b"pay.example"),), b""), HOP, shadow)
    assert wire.startswith(b"GET /beta/v1?x HTTP/1.1\r\nHost: beta.example\r\n")
    assert serialise(Request(b"OPTIONS", b"*", (), b""), HOP, shadow).startswith(b"OPTIONS * HTTP/1.1\r\n")


def test_a_length_of_nothing_is_said_if_the_client_said_it() -> None:
    """RFC 9110, section 8.6: a POST without content says so, and some servers answer 411 if it does not."""
    wire = serialise(Request(b"POST", b"/", ((b"Host", b"a"), (b"Content-Length", b"0")), b""), HOP, SHADOW)
    assert wire.count(b"Content-Length: 0\r\n") == 1


NAMES = st.sampled_from(
    [b"X-A", b"Connection", b"Transfer-Encoding", b"transfer_encoding", b"Content_Length", b"Keep-Alive", b"Expect"]
)
VALUES = st.sampled_from([b"chunked", b"close", b"content-length", b"5", b"host", b"100-continue", b""])


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6), st.binary(max_size=20), st.booleans())
def test_framing_is_said_once_and_is_true(fields: list[tuple[bytes, bytes]], body: bytes, is_said: bool) -> None:
    length = [(b"content-LENGTH", b"%d" % len(body))] if is_said else []
    wire = serialise(Request(b"POST", b"/", ((b"Host", b"a"), *fields, *length), body), HOP, SHADOW)
    head, _, rest = wire.partition(b"\r\n\r\n")
    assert rest == body
    assert b"transfer" not in head.lower()
    assert read_request_head(head + b"\r\n\r\n", 100).length == len(body)


async def test_it_is_sent_to_the_backend_named_and_the_whole_answer_comes_back() -> None:
    seen: list[bytes] = []
    other: list[bytes] = []
    async with upstream(answering(seen, OK)) as server, upstream(answering(other, OK)) as another:
        routes = table(another.port)
        backends = {**routes.backends, "payments": Backend("payments", "http", "127.0.0.1", server.port)}
        upstreams = Upstreams(backends, Ticker(asyncio.get_running_loop()))
        request = Request(b"GET", b"/v1", ((b"Host", b"a"),), b"")
        outcome = await ShadowSender(replace(routes, backends=backends), upstreams).send("payments", request, HOP, 5.0)
        await upstreams.close()
    assert outcome == Response(200, b"OK", ((b"Content-Length", b"2"),), b"ok")
    assert (seen, other) == ([serialise(request, HOP, backends["payments"])], [])


async def test_an_answer_beyond_the_bound_is_a_failure() -> None:
    async with upstream(answering([], OK)) as server:
        routes = table(server.port)
        upstreams = Upstreams(routes.backends, Ticker(asyncio.get_running_loop()))
        request = Request(b"GET", b"/v1", ((b"Host", b"a"),), b"")
        outcome = await ShadowSender(routes, upstreams, max_answer=1).send("payments", request, HOP, 5.0)
        await upstreams.close()
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.TOO_LARGE
