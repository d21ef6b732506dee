"""A request whose route hangs on its body, as the conversation on its sockets."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.gateway.held import MAX_BODY
from proxy.messages import Stage
from proxy.routing.table import BodyMatch, Match, Route, RouteTable
from tests.end_to_end.both_loops import until
from tests.support.proxying import proxied, table
from tests.support.wire import answering, exchange, upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REQUESTS = "strangler_requests_total"


def _table(port: int) -> RouteTable:
    plain = table(port, stage=Stage.LEGACY)
    french = Route("french", "monolith", matches=(Match(body=BodyMatch("$.country", ("FR",))),))
    return replace(plain, routes=(*plain.routes, french))


def _post(body: bytes, *, chunked: bool = False) -> bytes:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    if chunked:
        return head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    return head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@pytest.mark.parametrize(
    ("body", "route", "chunked"),
    [
        (b'{"country": "FR"}', "french", False),
        (b'{"country": "FR"}', "french", True),
        (b'{"country": "DE"}', "pay", False),
        (b"not json", "pay", True),
        (b'{"country": "FR"' + b" " * MAX_BODY + b"}", "pay", False),
        (b'{"country": "FR"' + b" " * (MAX_BODY - 200) + b"}", "french", False),
        (b"", "pay", False),
    ],
    ids=["in", "in chunks", "out", "no json", "too large", "large", "empty"],
)
async def test_the_body_finds_the_route_and_goes_on_whole(
    tmp_path: Path, body: bytes, route: str, chunked: bool
) -> None:
    seen: list[bytes] = []
    async with upstream(answering(seen, OK)) as server, proxied(_table(server.port), tmp_path) as proxy:
        assert (await exchange(proxy.port, _post(body, chunked=chunked))).endswith(b"ok")
        assert proxy.counted(REQUESTS) == {(route, "legacy", "2xx"): 1}
    assert body in seen[0]


async def test_a_body_in_chunks_that_grows_too_large_streams_on(tmp_path: Path) -> None:
    """The route is found without it, and nothing that was held is lost."""
    sent = 3 * MAX_BODY
    got = bytearray()

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not got.endswith(b"0\r\n\r\n"):
            got.extend(await reader.read(65536))
        writer.write(OK)
        await writer.drain()

    async with upstream(counting) as server, proxied(_table(server.port), tmp_path) as proxy:
        assert (
            await exchange(proxy.port, _post(b'{"country": "FR", "pad": "%b"}' % (b"x" * sent), chunked=True))
        ).endswith(b"ok")
        assert proxy.counted(REQUESTS) == {("pay", "legacy", "2xx"): 1}
    assert got.partition(b"\r\n\r\n")[2].count(b"x") == sent


async def test_nothing_is_sent_before_the_body_is_known_and_a_client_that_leaves_is_counted(tmp_path: Path) -> None:
    async with upstream(answering([], OK)) as server, proxied(_table(server.port), tmp_path) as proxy:
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(_post(b'{"country": "FR"}')[:-1])
        await writer.drain()
        await until(lambda: proxy.connections, "it is there")
        writer.close()
        await until(lambda: proxy.counted(REQUESTS), "it is counted")
        assert proxy.counted(REQUESTS) == {("", "none", "4xx"): 1}
        assert server.connections == 0


async def test_a_body_that_cannot_be_read_is_refused_and_sent_to_nobody(tmp_path: Path) -> None:
    async with upstream(answering([], OK)) as server, proxied(_table(server.port), tmp_path) as proxy:
        wire = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        assert (await exchange(proxy.port, wire)).startswith(b"HTTP/1.1 400")
        assert server.connections == 0


async def test_what_a_table_without_such_a_match_carries_is_not_held(tmp_path: Path) -> None:
    arrived = asyncio.Event()

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        await reader.read()

    async with upstream(early) as server, proxied(table(server.port), tmp_path) as proxy:
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(_post(b'{"country": "FR"}')[:-5])
        async with asyncio.timeout(5):
            await arrived.wait()
        writer.close()
