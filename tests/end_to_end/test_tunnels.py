"""The switch to WebSocket, byte by byte: what is passed on, what is a tunnel and what is not, and how a tunnel ends."""

import asyncio
import socket
import struct
from pathlib import Path

import pytest

from proxy.http1.server import PIPELINED
from proxy.messages import Stage
from proxy.routing.table import PoolLimits
from proxy.runtime.link import Stop
from tests.end_to_end.both_loops import on_both_loops, until
from tests.end_to_end.pressing import (
    READ,
    accept,
    dialled,
    drained,
    inflight,
    listening,
    pool,
    port_of,
    received,
    taken,
    turns,
    upstream_waiting,
    waiting,
)
from tests.end_to_end.switching import (
    NEXT,
    OFFER,
    OK,
    PASSED_ON,
    SWITCH,
    SWITCHED,
    between,
    counted,
    over,
    say,
    sides,
    tunnelled,
)
from tests.runtime.children import listening as payments_socket
from tests.runtime.children import ready, start
from tests.support.proxying import proxied, table
from tests.support.wire import exchange, read_request, upstream

MUCH = bytes(range(256)) * (1 << 14)
SIDES = pytest.mark.parametrize("side", ["client", "upstream"])


@on_both_loops
async def test_it_is_counted_once_holds_its_connections_and_is_never_copied(tmp_path: Path) -> None:
    async with tunnelled(tmp_path, stage=Stage.SHADOW) as (proxy, client, far):
        assert counted(proxy) == {("pay", "legacy", "1xx"): 1}
        assert inflight(proxy) == 0
        await say(client, b"\x81\x80GET / HTTP/1.1\r\n\r\n")
        assert await received(far, b"\r\n\r\n") == b"\x81\x80GET / HTTP/1.1\r\n\r\n"
        await say(far, OK)
        assert await received(client, OK) == OK
        assert (len(proxy.connections), pool(proxy).size) == (1, 1)
        far.close()
        client.close()
        await over(proxy)
        assert counted(proxy) == {("pay", "legacy", "1xx"): 1}
        assert proxy.sender.taken == 0
        assert proxy.counted("strangler_dropped_total") == {}


@on_both_loops
async def test_what_comes_directly_behind_either_head_is_the_tunnels(tmp_path: Path) -> None:
    """The client's comes too soon: the upstream sees it when it has switched, and not before."""
    async with between(tmp_path) as (proxy, client, server):
        await say(client, OFFER + b"early")
        with await accept(server) as far:
            assert await received(far, b"\r\n\r\n") == PASSED_ON
            await turns(proxy)
            with pytest.raises(BlockingIOError):
                far.recv(1)
            await say(far, SWITCH + b"welcome")
            assert await received(client, b"welcome") == SWITCHED + b"welcome"
            assert await received(far, b"early") == b"early"


@on_both_loops
async def test_an_acceptance_cut_anywhere_is_the_same(tmp_path: Path) -> None:
    for at in range(1, len(SWITCH), 23):
        async with between(tmp_path) as (proxy, client, server):
            await say(client, OFFER)
            with await accept(server) as far:
                assert await received(far, b"\r\n\r\n") == PASSED_ON
                await say(far, SWITCH[:at])
                await turns(proxy)
                await say(far, SWITCH[at:] + b"welcome")
                assert await received(client, b"welcome") == SWITCHED + b"welcome"


@on_both_loops
async def test_what_comes_too_soon_is_bounded_and_arrives_whole(tmp_path: Path) -> None:
    async with between(tmp_path) as (proxy, client, server):
        saying = asyncio.create_task(say(client, OFFER + MUCH))
        with await accept(server) as far:
            assert await received(far, b"\r\n\r\n") == PASSED_ON
            [connection] = proxy.connections
            await until(lambda: waiting(connection)[1] > PIPELINED, "more than that has come")
            await turns(proxy)
            assert waiting(connection)[1] <= PIPELINED + READ
            assert not saying.done()
            await say(far, SWITCH)
            got = bytearray()
            while len(got) < len(MUCH):
                got += await asyncio.get_running_loop().sock_recv(far, 1 << 16)
            await saying
            assert got == MUCH


@SIDES
@on_both_loops
async def test_an_eof_goes_on_and_the_other_way_stays_open(tmp_path: Path, side: str) -> None:
    async with tunnelled(tmp_path) as (proxy, client, far):
        here, there = sides(side, client, far)
        here.shutdown(socket.SHUT_WR)
        assert await drained(there) == (b"", 0)
        await say(there, MUCH[:100])
        assert await received(here, MUCH[:100]) == MUCH[:100]
        there.shutdown(socket.SHUT_WR)
        assert await drained(here) == (b"", 0)
        await over(proxy)


@on_both_loops
async def test_a_client_that_says_no_more_behind_its_offer_is_still_told_what_the_upstream_says(tmp_path: Path) -> None:
    async with between(tmp_path) as (proxy, client, server):
        await say(client, OFFER + b"all")
        client.shutdown(socket.SHUT_WR)
        with await accept(server) as far:
            assert await received(far, b"\r\n\r\n") == PASSED_ON
            await until(lambda: all(each._ended for each in proxy.connections), "its end has been read")
            await say(far, SWITCH)
            assert await drained(far) == (b"all", 0)
            await say(far, b"heard")
            assert await received(client, b"heard") == SWITCHED + b"heard"


@SIDES
@on_both_loops
async def test_a_reset_goes_on(tmp_path: Path, side: str) -> None:
    async with tunnelled(tmp_path) as (proxy, client, far):
        here, there = sides(side, client, far)
        here.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        here.close()
        assert (await drained(there))[1] != 0
        await over(proxy)


@on_both_loops
async def test_who_leaves_before_the_switch_leaves_nothing_behind(tmp_path: Path) -> None:
    async with between(tmp_path) as (proxy, client, server):
        await say(client, OFFER)
        with await accept(server) as far:
            assert await received(far, b"\r\n\r\n") == PASSED_ON
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            await until(lambda: not proxy.connections, "it has been noticed")
            await say(far, SWITCH)
            await drained(far)
            await over(proxy)
            assert counted(proxy) == {("pay", "legacy", "1xx"): 1}


@SIDES
@on_both_loops
async def test_who_does_not_read_is_not_written_to_without_bound(tmp_path: Path, side: str) -> None:
    async with tunnelled(tmp_path) as (proxy, client, far):
        here, there = sides(side, client, far)
        [connection] = proxy.connections
        much = MUCH * 8  # more than all the kernels on the way take
        saying = asyncio.create_task(say(here, much))
        await until(lambda: waiting(connection)[0] + upstream_waiting(proxy) > 0, "something waits")
        await turns(proxy)
        assert waiting(connection)[0] + upstream_waiting(proxy) <= PIPELINED + READ
        assert not saying.done()
        assert await taken(there, len(much)) == len(much)
        await saying


@on_both_loops
async def test_it_takes_one_of_the_pools_connections_until_it_ends(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        writer.write(SWITCH if b"websocket" in request else OK)
        await reader.read()

    async with (
        upstream(serve) as server,
        proxied(table(server.port, pool=PoolLimits(max_connections=1)), tmp_path) as proxy,
    ):
        with dialled(proxy.port) as client:
            await say(client, OFFER)
            assert await received(client, b"\r\n\r\n") == SWITCHED
            assert (await exchange(proxy.port, NEXT)).startswith(b"HTTP/1.1 503 ")
            assert server.connections == 1
        await over(proxy)
        assert (await exchange(proxy.port, NEXT)).startswith(b"HTTP/1.1 200 ")
        assert server.connections == 2


@on_both_loops
async def test_a_drain_leaves_it_open_and_its_end_ends_it(tmp_path: Path) -> None:
    async with tunnelled(tmp_path) as (proxy, client, far):
        for connection in list(proxy.connections):
            connection.drain()
        await say(client, b"still")
        assert await received(far, b"still") == b"still"
        assert len(proxy.connections) == 1
        for connection in list(proxy.connections):
            connection.abort()
        assert await drained(client) == await drained(far) == (b"", 0)
        await over(proxy)


async def test_a_worker_that_stops_waits_for_it_as_long_as_a_drain_may_take(tmp_path: Path) -> None:
    with payments_socket() as payments, listening() as server:
        port = port_of(payments)
        first = start(tmp_path, payments, legacy=port_of(server), stage="legacy")
        async with ready("worker", first, tmp_path, payments) as child:
            payments.close()
            with dialled(port) as client:
                await say(client, OFFER)
                with await accept(server) as far:
                    await received(far, b"\r\n\r\n")
                    await say(far, SWITCH)
                    await received(client, b"\r\n\r\n")
                    child.link.send(Stop(1.0))
                    await until(lambda: refused(port), "it takes no more connections")
                    await say(client, b"still")
                    assert await received(far, b"still") == b"still"
                    await drained(client)
                    await drained(far)
                    assert await child.ended() == 0


def refused(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) != 0
