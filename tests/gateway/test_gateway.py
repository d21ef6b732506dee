"""What all requests of a worker share."""

import asyncio
from dataclasses import replace
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import pytest

from proxy.messages import Headers, Hop, Stage
from proxy.routing.table import Match, PathKind, PathMatch, Route, Window
from tests.support.proxying import proxied, table
from tests.support.wire import answering, exchange, read_request, upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def test_a_request_keeps_the_table_that_it_began_with(tmp_path: Path) -> None:
    arrived, swapped = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        arrived.set()
        await swapped.wait()
        writer.write(OK)
        await reader.read()

    async with upstream(slow) as server, proxied(table(server.port), tmp_path) as proxy:
        asking = asyncio.create_task(exchange(proxy.port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
        await arrived.wait()
        proxy.gateway.table = replace(proxy.gateway.table, hash="another", routes=())
        swapped.set()
        assert (await asking).endswith(b"ok")
        assert (await proxy.copy()).table == "hash"
        assert b"404" in await exchange(proxy.port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")


async def test_who_is_trusted_is_asked_of_the_next_table_anew(tmp_path: Path) -> None:
    seen: list[bytes] = []
    async with upstream(answering(seen, OK)) as server, proxied(table(server.port), tmp_path) as proxy:
        wire = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
        trusting = replace(table(server.port), trusted_proxies=(ip_network("127.0.0.0/8"),))
        for each in (replace(trusting, trusted_proxies=(ip_network("10.0.0.0/8"),)), trusting, table(server.port)):
            proxy.gateway.adopt(each, proxy.gateway.upstreams)
            await exchange(proxy.port, wire)
    assert [b"X-Forwarded-Proto: https" in each for each in seen] == [False, True, False]


async def test_what_cannot_be_read_is_answered_and_counted(tmp_path: Path) -> None:
    async with upstream(answering([], OK)) as server, proxied(table(server.port), tmp_path) as proxy:
        answer = await exchange(proxy.port, b"GET / HTTP/1.1\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 Bad Request")
        assert b'"type": "bad-request"' in answer
        assert proxy.counted("strangler_requests_total") == {("", "none", "4xx"): 1}


async def test_a_target_that_servers_read_as_another_routes_is_refused(tmp_path: Path) -> None:
    seen: list[bytes] = []
    async with upstream(answering(seen, OK)) as server:
        routes = table(server.port, stage=Stage.LEGACY)
        special = replace(routes.routes[0], name="admin", matches=(Match(PathMatch(PathKind.PREFIX, "/admin")),))
        async with proxied(replace(routes, routes=(*routes.routes, special)), tmp_path) as proxy:
            answer = await exchange(proxy.port, b"GET /x/../admin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert seen == []


@pytest.mark.parametrize(("network", "trusted"), [("127.0.0.0/8", True), ("10.0.0.0/8", False)])
async def test_who_is_trusted_is_told_by_the_table(tmp_path: Path, network: str, trusted: bool) -> None:
    seen: list[bytes] = []
    async with upstream(answering(seen, OK)) as server:
        routes = replace(table(server.port), trusted_proxies=(ip_network(network),))
        async with proxied(routes, tmp_path) as proxy:
            wire = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
            await exchange(proxy.port, wire)
    assert (b"X-Forwarded-Proto: https" in seen[0]) is trusted


FORWARDED = b"X-Forwarded-For"


@pytest.mark.parametrize(
    ("fields", "client"),
    [
        ((), b"127.0.0.1"),
        (((FORWARDED, b"203.0.113.9"),), b"203.0.113.9"),
        (((FORWARDED, b"198.51.100.1, 203.0.113.9, 10.1.1.1"),), b"203.0.113.9"),
        (((FORWARDED, b"198.51.100.1"), (FORWARDED, b"203.0.113.9")), b"203.0.113.9"),
        (((FORWARDED, b"10.1.1.1, 10.2.2.2"),), b"10.1.1.1"),
        (((FORWARDED, b"nonsense"),), b"nonsense"),
        (((FORWARDED, b" , "),), b"127.0.0.1"),
    ],
)
async def test_who_asks_is_told_by_the_last_proxy_that_is_trusted(
    tmp_path: Path, fields: Headers, client: bytes
) -> None:
    routes = replace(table(1), trusted_proxies=(ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8")))
    async with proxied(routes, tmp_path) as proxy:
        assert proxy.gateway.client_of(Hop(b"127.0.0.1", True, False), fields) == client
        assert proxy.gateway.client_of(Hop(b"192.0.2.7", False, False), fields) == b"192.0.2.7"


async def test_a_match_on_the_time_is_held_against_the_clock_of_the_gateway(tmp_path: Path) -> None:
    async with upstream(answering([], OK)) as server:
        routes = table(server.port, stage=Stage.LEGACY)
        early = Route("early", "monolith", matches=(Match(during=Window(0, 60)),))
        async with proxied(replace(routes, routes=(*routes.routes, early)), tmp_path) as proxy:
            for now in (3599.0, 3600.0):
                proxy.gateway.clock = partial(float, now)
                await exchange(proxy.port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert set(proxy.counted("strangler_requests_total")) == {
                ("early", "legacy", "2xx"),
                ("pay", "legacy", "2xx"),
            }
