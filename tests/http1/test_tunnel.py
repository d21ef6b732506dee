"""Two connections joined, as the conversation on the outer sockets of both."""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from proxy.http1.ticker import Ticker
from proxy.http1.tunnel import CLOSING, IDLE, Tunnel
from tests.end_to_end.both_loops import on_both_loops, until
from tests.end_to_end.pressing import READ, drained, received, taken
from tests.http1.holding import Clock, Held, held

HIGH_WATER = 64 * 1024
MUCH = random.Random(2).randbytes(4 << 20)
SIDES = pytest.mark.parametrize("side", ["near", "far"])


@dataclass
class Joined:
    tunnel: Tunnel
    ticker: Ticker
    clock: Clock
    sockets: dict[str, socket.socket]
    holders: dict[str, Held]

    def seen_from(self, side: str) -> tuple[socket.socket, socket.socket]:
        """The socket of this side, and the other."""
        return self.sockets[side], self.sockets["far" if side == "near" else "near"]

    async def over(self) -> None:
        """Both holders have been told of the end, once."""
        await until(lambda: all(holder.ends for holder in self.holders.values()), "both sides have ended")
        assert [len(holder.ends) for holder in self.holders.values()] == [1, 1]
        assert self.tunnel.near.lost
        assert self.tunnel.far.lost
        assert self.ticker.tunnels == 0

    async def pass_time(self, seconds: float) -> None:
        """Puts the clock forward; what is due then has been done after the next whole look."""
        self.clock.ahead += seconds
        looks = self.clock.looks
        lost = [self.tunnel.near, self.tunnel.far]
        await until(lambda: self.clock.looks > looks + 1 or all(end.lost for end in lost), "the ticker has looked")


@asynccontextmanager
async def joined(near_rest: bytes = b"", far_rest: bytes = b"") -> AsyncIterator[Joined]:
    async with held(near_rest) as (near, near_holder), held(far_rest) as (far, far_holder):
        clock = Clock()
        ticker = clock.ticker()
        tunnel = Tunnel(ticker, near_holder, far_holder)
        assert ticker.tunnels == 1
        yield Joined(tunnel, ticker, clock, {"near": near, "far": far}, {"near": near_holder, "far": far_holder})


async def say(sock: socket.socket, data: bytes) -> None:
    async with asyncio.timeout(20):
        await asyncio.get_running_loop().sock_sendall(sock, data)


def send_reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


@on_both_loops
async def test_bytes_go_both_ways_as_they_are_and_those_read_too_far_go_first() -> None:
    async with joined(b"GET / HTTP/1.1\r\n", b"\x00\xff") as pair:
        near, far = pair.seen_from("near")
        await say(near, b"\r\n\r\nmore")
        await say(far, b"\x81\x00")
        assert await received(far, b"more") == b"GET / HTTP/1.1\r\n\r\n\r\nmore"
        assert await received(near, b"\x81\x00") == b"\x00\xff\x81\x00"


@SIDES
@on_both_loops
async def test_an_eof_goes_on_and_the_other_way_stays_open_until_it_ends_too(side: str) -> None:
    async with joined() as pair:
        here, there = pair.seen_from(side)
        await say(here, b"the last")
        here.shutdown(socket.SHUT_WR)
        assert await drained(there) == (b"the last", 0)
        for _ in range(3):
            await say(there, b"still")
            assert await received(here, b"still") == b"still"
        there.shutdown(socket.SHUT_WR)
        assert await drained(here) == (b"", 0)
        await pair.over()
        assert [holder.ends for holder in pair.holders.values()] == [[None], [None]]


@SIDES
@on_both_loops
async def test_a_reset_goes_on_as_a_reset(side: str) -> None:
    async with joined() as pair:
        here, there = pair.seen_from(side)
        await say(here, b"part")
        assert await received(there, b"part") == b"part"
        send_reset(here)
        _, how = await drained(there)
        assert how != 0
        await pair.over()


@SIDES
@on_both_loops
async def test_a_side_whose_holder_closes_it_ends_the_other_in_an_orderly_way(side: str) -> None:
    async with joined() as pair:
        here, there = pair.seen_from(side)
        await say(there, b"heard")
        assert await received(here, b"heard") == b"heard"
        pair.holders[side].transport.close()
        assert await drained(here) == (b"", 0)
        assert await drained(there) == (b"", 0)
        await pair.over()


@SIDES
@on_both_loops
async def test_a_side_that_takes_nothing_stops_the_reading_of_the_other(side: str) -> None:
    async with joined() as pair:
        here, there = pair.seen_from(side)
        saying = asyncio.create_task(say(here, MUCH))
        await until(lambda: not pair.holders[side].transport.is_reading(), "its reading has stopped")
        assert pair.tunnel.unsent <= HIGH_WATER + READ
        await say(there, b"the other way is free")
        assert await received(here, b"free") == b"the other way is free"
        assert not saying.done()
        got = bytearray()
        while len(got) < len(MUCH):
            got += await asyncio.get_running_loop().sock_recv(there, 100_000)
            assert pair.tunnel.unsent <= HIGH_WATER + READ
        await saying
        assert got == MUCH


@on_both_loops
async def test_a_side_that_said_no_more_may_stall_and_go_on() -> None:
    """What the other sends it is still bounded, and whole."""
    async with joined() as pair:
        near, far = pair.seen_from("near")
        near.shutdown(socket.SHUT_WR)
        assert await drained(far) == (b"", 0)
        saying = asyncio.create_task(say(far, MUCH))
        await until(lambda: not pair.holders["far"].transport.is_reading(), "its reading has stopped")
        assert await taken(near, len(MUCH)) == len(MUCH)
        await saying
        assert not pair.tunnel.near.lost
        far.shutdown(socket.SHUT_WR)
        await pair.over()


@on_both_loops
async def test_what_waits_is_delivered_whole_when_the_side_that_sent_it_has_closed() -> None:
    """It closed and was sent more, which is a reset; but it had said first that it says no more."""
    async with joined() as pair:
        near, far = pair.seen_from("near")
        told = MUCH[:HIGH_WATER]
        await say(far, told)
        far.shutdown(socket.SHUT_WR)
        await until(lambda: pair.tunnel.far.ended, "its end has been read")
        assert pair.tunnel.unsent > 0
        far.close()
        while not pair.holders["far"].ends:
            await say(near, b"to nobody")
            await asyncio.sleep(0)
        await say(near, b"still to nobody")
        assert await drained(near) == (told, 0)
        near.close()
        await pair.over()


@on_both_loops
async def test_who_goes_on_talking_to_nobody_is_not_listened_to_for_long() -> None:
    async with joined() as pair:
        near, far = pair.seen_from("near")
        far.close()
        while not pair.holders["far"].ends:
            await say(near, b"to nobody")
            await asyncio.sleep(0)
        for _ in range(3):
            assert not pair.holders["near"].ends
            await say(near, b"to nobody")
            await pair.pass_time(CLOSING / 3 + 1)
        await pair.over()


@on_both_loops
async def test_an_hour_of_silence_ends_both_in_an_orderly_way_and_a_byte_begins_it_anew() -> None:
    assert IDLE == 3600
    async with joined() as pair:
        near, far = pair.seen_from("near")
        for here, there in ((near, far), (far, near)):
            await pair.pass_time(IDLE - 10)
            await say(here, b"a byte")
            assert await received(there, b"byte") == b"a byte"
        await pair.pass_time(IDLE - 10)
        assert not pair.holders["near"].ends
        await pair.pass_time(20)
        assert await drained(near) == await drained(far) == (b"", 0)
        await pair.over()


@SIDES
@on_both_loops
async def test_a_side_that_goes_on_after_the_others_eof_is_heard_as_long_as_it_says_something(side: str) -> None:
    assert CLOSING < IDLE
    async with joined() as pair:
        here, there = pair.seen_from(side)
        here.shutdown(socket.SHUT_WR)
        assert await drained(there) == (b"", 0)
        for _ in range(3):
            await pair.pass_time(CLOSING - 5)
            await say(there, b"still")
            assert await received(here, b"still") == b"still"
        await pair.pass_time(CLOSING + 1)
        assert await drained(here) == (b"", 0)
        await pair.over()


@SIDES
@on_both_loops
async def test_who_takes_nothing_of_what_waits_is_reset_in_the_end(side: str) -> None:
    async with joined() as pair:
        here, there = pair.seen_from(side)
        saying = asyncio.create_task(say(here, MUCH))
        await until(lambda: not pair.holders[side].transport.is_reading(), "its reading has stopped")
        saying.cancel()
        pair.holders[side].transport.close()
        await until(lambda: bool(pair.holders[side].ends), "it has closed")
        await pair.pass_time(CLOSING - 10)
        assert [len(holder.ends) for holder in pair.holders.values()].count(1) == 1
        for _ in range(3):  # the kernel may have taken a little more at first
            await pair.pass_time(CLOSING + 1)
        await pair.over()
        got, how = await drained(there)
        assert how != 0
        assert MUCH.startswith(got)


@on_both_loops
async def test_who_takes_what_waits_however_slowly_is_waited_for() -> None:
    async with joined() as pair:
        near, far = pair.seen_from("near")
        saying = asyncio.create_task(say(near, MUCH))
        await until(lambda: not pair.holders["near"].transport.is_reading(), "its reading has stopped")
        saying.cancel()
        pair.holders["near"].transport.close()
        looks = 0
        while before := pair.tunnel.unsent:
            while pair.tunnel.unsent == before:
                await taken(far, 1)
            await pair.pass_time(CLOSING + 1)
            looks += 1
        assert looks > 3
        assert (await drained(far))[1] == 0
        await pair.over()


@on_both_loops
async def test_what_is_over_is_not_watched_any_more() -> None:
    async with joined() as pair:
        near, far = pair.seen_from("near")
        assert pair.ticker._timer is not None
        near.close()
        far.close()
        await pair.over()
        await until(lambda: pair.ticker._timer is None, "the ticker rests, since it watches nothing")
