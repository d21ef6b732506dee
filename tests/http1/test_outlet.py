"""What one connection has to write, and whether the other side takes it."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from proxy.http1.outlet import AT_ONCE, UNSENT, Outlet, reset
from proxy.http1.turn import Turn


class Recording(asyncio.Transport):
    """Takes all but `keeps` bytes of what it is given, and writes down each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.keeps = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.keeps


def recorded() -> tuple[Outlet, Recording]:
    outlet, transport = Outlet(Turn(asyncio.get_running_loop())), Recording()
    outlet.attach(transport)
    return outlet, transport


async def written(transport: Recording, times: int) -> None:
    async with asyncio.timeout(5):
        while len(transport.writes) < times:
            await asyncio.sleep(0)


@dataclass
class Pair:
    """Both ends of one connection: ours, and the peer's plain socket."""

    transport: asyncio.Transport
    peer: socket.socket


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        transport, _ = await loop.create_connection(asyncio.Protocol, *listening.getsockname())
        peer, _ = listening.accept()
    with peer:
        peer.setblocking(False)
        yield Pair(transport, peer)
        transport.abort()


async def test_pieces_leave_together_in_their_order_at_the_end_of_the_turn() -> None:
    outlet, transport = recorded()
    for piece in (b"a", b"b", b"c"):
        outlet.put(piece)
        outlet.flush()
    assert transport.writes == []
    assert outlet.unsent == 3
    await written(transport, 1)
    outlet.put(b"d")
    outlet.flush()
    await written(transport, 2)
    assert transport.writes == [b"abc", b"d"]


async def test_what_comes_to_at_once_bytes_does_not_wait_for_the_end_of_the_turn() -> None:
    outlet, transport = recorded()
    outlet.put(b"x" * (AT_ONCE - 1))
    outlet.flush()
    outlet.put(b"y")
    assert transport.writes == []
    outlet.put(b"z")
    assert transport.writes == [b"x" * (AT_ONCE - 1) + b"yz"]
    outlet.put(b"next")
    outlet.flush()
    await written(transport, 2)
    assert transport.writes[1:] == [b"next"]


async def test_nothing_is_written_where_nothing_was_put() -> None:
    outlet, transport = recorded()
    outlet.flush()
    outlet.write_out()
    await asyncio.sleep(0)
    assert transport.writes == []
    assert not outlet.written


async def test_a_message_is_taken_back_and_what_was_put_before_it_is_not() -> None:
    outlet, transport = recorded()
    outlet.put(b"the message before")
    outlet.mark()
    outlet.put(b"head")
    outlet.put(b"body")
    assert outlet.take_back()
    assert outlet.unsent == len(b"the message before")
    outlet.put(b", another")
    outlet.flush()
    await written(transport, 1)
    assert transport.writes == [b"the message before, another"]


async def test_what_was_taken_back_does_not_count_towards_at_once() -> None:
    outlet, transport = recorded()
    outlet.mark()
    outlet.put(b"x" * AT_ONCE)
    assert outlet.take_back()
    outlet.put(b"y")
    assert transport.writes == []


async def test_a_message_of_which_a_part_was_written_cannot_be_taken_back() -> None:
    outlet, transport = recorded()
    outlet.mark()
    outlet.put(b"x" * (AT_ONCE + 1))
    outlet.put(b"rest")
    assert outlet.written
    assert not outlet.take_back()
    outlet.write_out()
    assert transport.writes[1:] == [b"rest"]
    outlet.mark()
    assert not outlet.written
    assert outlet.take_back()


async def test_what_waited_in_the_turn_and_is_written_marks_the_message_as_written() -> None:
    outlet, transport = recorded()
    outlet.mark()
    outlet.put(b"head")
    outlet.flush()
    assert not outlet.written
    await written(transport, 1)
    assert outlet.written
    assert not outlet.take_back()


async def test_what_is_forgotten_is_never_written() -> None:
    outlet, transport = recorded()
    outlet.put(b"rest of a request")
    outlet.flush()
    outlet.forget()
    assert outlet.unsent == 0
    outlet.put(b"next")
    outlet.flush()
    await written(transport, 1)
    assert transport.writes == [b"next"]


async def test_after_what_is_forgotten_all_is_of_one_message() -> None:
    outlet, transport = recorded()
    outlet.put(b"the message before")
    outlet.mark()
    outlet.forget()
    outlet.put(b"head")
    assert outlet.take_back()
    assert outlet.unsent == 0
    assert transport.writes == []


async def test_a_connection_that_has_ended_takes_nothing_and_nothing_counts_as_written() -> None:
    outlet, transport = recorded()
    outlet.mark()
    outlet.attach(None)
    outlet.put(b"x" * (AT_ONCE + 1))
    assert transport.writes == []
    assert not outlet.open
    assert not outlet.written
    assert outlet.unsent == 0


async def test_progress_is_that_less_waits_than_at_the_last_look() -> None:
    outlet, transport = recorded()
    transport.keeps = 100
    assert not outlet.progressed()
    assert not outlet.progressed()
    transport.keeps = 99
    assert outlet.progressed()
    assert not outlet.progressed()
    transport.keeps = 120
    assert not outlet.progressed()
    outlet.put(b"abc")
    assert outlet.unsent == 123
    assert not outlet.progressed()


async def test_a_peer_that_reads_is_told_from_one_that_does_not(pair: Pair) -> None:
    outlet = Outlet(Turn(asyncio.get_running_loop()))
    outlet.attach(pair.transport)
    outlet.put(b"x" * 40_000_000)
    waits = outlet.unsent
    assert waits > 0
    outlet.progressed()
    async with asyncio.timeout(5):
        while outlet.unsent == waits:
            try:
                pair.peer.recv(1 << 20)
            except BlockingIOError:
                await asyncio.sleep(0)
    assert outlet.progressed()


async def test_the_kernel_is_told_how_little_it_may_hold_unsent(pair: Pair) -> None:
    Outlet(Turn(asyncio.get_running_loop())).attach(pair.transport)
    sock = pair.transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, "TCP_NOTSENT_LOWAT", 25)) == UNSENT


async def test_a_peer_sees_that_a_connection_was_reset_whatever_waited_in_it(pair: Pair) -> None:
    outlet = Outlet(Turn(asyncio.get_running_loop()))
    outlet.attach(pair.transport)
    outlet.put(b"x" * (AT_ONCE + 1))
    reset(pair.transport)
    assert await end_of(pair.peer) == errno.ECONNRESET


async def test_a_peer_that_has_read_all_sees_a_reset_too(pair: Pair) -> None:
    reset(pair.transport)
    assert await end_of(pair.peer) == errno.ECONNRESET


async def end_of(peer: socket.socket) -> int:
    """How the connection ends for the peer: an errno, or 0 for an ordinary end."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(5):
        try:
            while await loop.sock_recv(peer, 1 << 20):
                pass
        except OSError as fault:
            return fault.errno or 0
    return 0
