import asyncio
import os
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from proxy.channel.codec import VERSION, encode
from proxy.channel.link import HELLO
from proxy.channel.receiver import LocalReceiver
from proxy.messages import Exchange

Make = Callable[..., Exchange]
Until = Callable[[Callable[[], object]], Awaitable[None]]

NOBODY_REFUSED = {"peer-refused": 0, "garbage": 0, "cut-short": 0, "too-many-connections": 0}


async def connect(path: Path) -> tuple[StreamReader, StreamWriter]:
    return await asyncio.open_unix_connection(str(path))


async def test_our_own_user_is_greeted_and_heard(socket_path: Path, make_exchange: Make) -> None:
    receiver = LocalReceiver(socket_path)
    await receiver.start()
    reader, writer = await connect(socket_path)
    assert await reader.readexactly(1) == HELLO
    frame = encode(make_exchange("x", 3000))
    for byte in range(0, len(frame), 100):
        writer.write(frame[byte : byte + 100])
        await asyncio.sleep(0)
    assert await receiver.get() == make_exchange("x", 3000)
    writer.close()
    await receiver.close()
    assert receiver.counts == NOBODY_REFUSED


async def test_another_user_is_refused_unheard_and_counted(socket_path: Path, make_exchange: Make) -> None:
    receiver = LocalReceiver(socket_path, uid_of=lambda _: os.getuid() + 1)
    await receiver.start()
    reader, writer = await connect(socket_path)
    writer.write(encode(make_exchange("x")))
    assert await ends(reader)
    assert receiver.counts == NOBODY_REFUSED | {"peer-refused": 1}
    writer.close()
    await receiver.close()
    assert await receiver.get() is None


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">BBI", VERSION, 1, 2**32 - 1),
        struct.pack(">BBI", VERSION, 1, 3) + b"abc",
        struct.pack(">BBI", VERSION, 1, 0),
    ],
)
async def test_garbage_ends_its_own_connection_only(
    socket_path: Path, make_exchange: Make, until: Until, garbage: bytes
) -> None:
    receiver = LocalReceiver(socket_path)
    await receiver.start()
    _, good = await connect(socket_path)
    reader, bad = await connect(socket_path)
    bad.write(encode(make_exchange("first")) + garbage)
    assert await ends(reader)
    good.write(encode(make_exchange("second")))
    assert {(await receiver.get()).id, (await receiver.get()).id} == {"first", "second"}
    assert receiver.counts == NOBODY_REFUSED | {"garbage": 1}
    bad.close()
    good.close()
    await receiver.close()


@pytest.mark.parametrize("cut", [1, 6, 20])
async def test_a_sender_that_dies_within_a_frame_is_counted(
    socket_path: Path, make_exchange: Make, until: Until, cut: int
) -> None:
    receiver = LocalReceiver(socket_path)
    await receiver.start()
    _, writer = await connect(socket_path)
    writer.write(encode(make_exchange("x"))[:cut])
    writer.close()
    await until(lambda: receiver.counts["cut-short"])
    assert receiver.counts == NOBODY_REFUSED | {"cut-short": 1}
    await receiver.close()


async def test_a_full_inbox_stops_reading_and_nothing_is_lost(
    socket_path: Path, make_exchange: Make, until: Until
) -> None:
    receiver = LocalReceiver(socket_path, max_messages=1000, max_bytes=50_000)
    await receiver.start()
    _, writer = await connect(socket_path)
    frames = [encode(make_exchange(f"x-{n}", 10_000)) for n in range(100)]
    writer.writelines(frames)
    await until(lambda: receiver.waiting[1] > 40_000)
    for _ in range(20):
        await asyncio.sleep(0)
    assert receiver.waiting == (4, 4 * len(frames[0]))
    assert writer.transport.get_write_buffer_size() > 0
    async with asyncio.timeout(10):
        assert [(await receiver.get()).id for _ in frames] == [f"x-{n}" for n in range(100)]
    writer.close()
    await receiver.close()


async def test_a_full_inbox_is_bounded_in_messages_too(socket_path: Path, make_exchange: Make, until: Until) -> None:
    receiver = LocalReceiver(socket_path, max_messages=3)
    await receiver.start()
    _, writer = await connect(socket_path)
    writer.writelines([encode(make_exchange(f"x-{n}")) for n in range(10)])
    await until(lambda: receiver.waiting[0] == 3)
    for _ in range(20):
        await asyncio.sleep(0)
    assert receiver.waiting[0] == 3
    writer.close()
    await receiver.close()


async def test_closing_keeps_what_was_read_and_removes_the_socket(
    socket_path: Path, make_exchange: Make, until: Until
) -> None:
    receiver = LocalReceiver(socket_path)
    await receiver.start()
    reader, writer = await connect(socket_path)
    writer.write(encode(make_exchange("x")))
    await until(lambda: receiver.waiting[0])
    await receiver.close()
    assert [(await receiver.get()).id, await receiver.get()] == ["x", None]
    assert not socket_path.exists()
    assert await ends(reader)
    writer.close()


async def test_connections_are_bounded(socket_path: Path) -> None:
    receiver = LocalReceiver(socket_path, max_connections=1)
    await receiver.start()
    first, keep = await connect(socket_path)
    assert await first.readexactly(1) == HELLO
    second, writer = await connect(socket_path)
    assert await ends(second)
    assert receiver.counts == NOBODY_REFUSED | {"too-many-connections": 1}
    keep.close()
    writer.close()
    await receiver.close()


async def ends(reader: StreamReader) -> bool:
    """Whether the other side hangs up, a greeting apart."""
    try:
        async with asyncio.timeout(10):
            return await reader.read() in (b"", HELLO)
    except ConnectionResetError:
        return True
