import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from proxy.channel.link import HELLO, Link
from proxy.channel.outbox import Outbox

Until = Callable[[Callable[[], object]], Awaitable[None]]


class Ends:
    """A link, its outbox, and the listening socket at the other end, all in the test's hands."""

    def __init__(self, path: Path) -> None:
        self.lost: list[int] = []
        self.peers: list[socket.socket] = []
        self.outbox = Outbox(1_000_000)
        self.link = Link(path, self.outbox, self.lost.append, 0.001, 1000)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.listener.setblocking(False)

    async def accept(self, hello: bytes = HELLO) -> socket.socket:
        async with asyncio.timeout(10):
            peer, _ = await asyncio.get_running_loop().sock_accept(self.listener)
        self.peers.append(peer)
        peer.setblocking(False)
        peer.send(hello)
        return peer


@pytest.fixture
def ends(socket_path: Path) -> Iterator[Ends]:
    ends = Ends(socket_path)
    yield ends
    for sock in (ends.listener, *ends.peers):
        sock.close()


async def read(peer: socket.socket, size: int) -> bytes:
    received = b""
    async with asyncio.timeout(10):
        while len(received) < size:
            received += await asyncio.get_running_loop().sock_recv(peer, size - len(received))
    return received


async def test_it_is_up_only_after_hello(ends: Ends, until: Until) -> None:
    ends.link.start()
    peer = await ends.accept(hello=b"")
    await asyncio.sleep(0.01)
    assert not ends.link.up
    peer.send(HELLO)
    await until(lambda: ends.link.up)
    await ends.link.finish(0)


@pytest.mark.parametrize("greeting", [b"\x02", HELLO + HELLO, b"HTTP/1.1 400"])
async def test_a_foreign_greeting_ends_the_connection(ends: Ends, greeting: bytes) -> None:
    ends.link.start()
    peer = await ends.accept(greeting)
    with pytest.raises((ConnectionResetError, EOFError)):
        if await asyncio.wait_for(asyncio.get_running_loop().sock_recv(peer, 1), 10) == b"":
            raise EOFError
    assert not ends.link.up
    await ends.link.finish(0)


async def test_frames_are_written_in_order_and_whole(ends: Ends, until: Until) -> None:
    ends.link.start()
    peer = await ends.accept()
    await until(lambda: ends.link.up)
    frames = [bytes([n % 251]) * (n * 7 % 5000 + 1) for n in range(300)]
    reading = asyncio.create_task(read(peer, sum(map(len, frames))))
    for frame in frames:
        assert ends.outbox.put(frame)
        ends.link.nudge()
    assert await reading == b"".join(frames)
    assert ends.outbox.size == 0
    await ends.link.finish(0)
    assert ends.lost == [0]


async def test_a_peer_that_stops_reading_blocks_nothing_and_goes_on_later(ends: Ends, until: Until) -> None:
    ends.link.start()
    peer = await ends.accept()
    await until(lambda: ends.link.up)
    assert ends.outbox.put(b"a" * 900_000)
    ends.link.nudge()
    await until(lambda: ends.outbox.size < 900_000)
    await asyncio.sleep(0.01)
    assert ends.outbox.size > 0
    assert await read(peer, 900_000) == b"a" * 900_000
    await until(lambda: ends.outbox.size == 0)
    await ends.link.finish(0)


async def test_what_waits_is_lost_with_the_peer_and_the_link_comes_back(ends: Ends, until: Until) -> None:
    ends.link.start()
    peer = await ends.accept()
    await until(lambda: ends.link.up)
    for _ in range(9):
        ends.outbox.put(b"a" * 100_000)
    ends.link.nudge()
    await until(lambda: ends.outbox.size < 900_000)
    left = len(ends.outbox.head())
    peer.close()
    await until(lambda: ends.lost)
    assert ends.lost == [left]
    assert ends.outbox.size == 0
    await ends.accept()
    await until(lambda: ends.link.up)
    await ends.link.finish(0)


async def test_finishing_writes_what_waits(ends: Ends, until: Until) -> None:
    ends.link.start()
    peer = await ends.accept()
    await until(lambda: ends.link.up)
    ends.outbox.put(b"a" * 800_000)
    reading = asyncio.create_task(read(peer, 800_000))
    await ends.link.finish(10)
    assert await reading == b"a" * 800_000
    assert ends.lost == [0]


async def test_finishing_gives_up_on_a_peer_that_does_not_read(ends: Ends, until: Until) -> None:
    ends.link.start()
    await ends.accept()
    await until(lambda: ends.link.up)
    ends.outbox.put(b"a" * 800_000)
    await ends.link.finish(0.05)
    assert ends.lost == [1]
    assert not ends.link.up


async def test_a_finished_link_does_not_come_back(ends: Ends, until: Until) -> None:
    ends.link.start()
    peer = await ends.accept()
    await until(lambda: ends.link.up)
    await ends.link.finish(0)
    assert await read_end(peer) == b""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.get_running_loop().sock_accept(ends.listener), 0.2)


async def test_a_peer_that_leaves_a_finishing_link_is_not_called_again(ends: Ends, until: Until) -> None:
    ends.link.start()
    peer = await ends.accept()
    await until(lambda: ends.link.up)
    ends.outbox.put(b"a" * 800_000)
    finishing = asyncio.create_task(ends.link.finish(10))
    await until(lambda: ends.outbox.size < 800_000)
    peer.close()
    await finishing
    assert sum(ends.lost) == 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.get_running_loop().sock_accept(ends.listener), 0.2)


async def read_end(peer: socket.socket) -> bytes:
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(peer, 1), 10)
