import asyncio
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec import structs

from proxy.channel.codec import encode
from proxy.channel.link import HELLO
from proxy.channel.local import LocalSender
from proxy.channel.receiver import LocalReceiver
from proxy.channel.tally import Tally
from proxy.messages import Exchange

Make = Callable[..., Exchange]
Until = Callable[[Callable[[], object]], Awaitable[None]]
Start = Callable[[Path], Awaitable["object"]]

NOTHING_DROPPED = {"channel-down": 0, "channel-full": 0, "too-large": 0, "unencodable": 0}


async def test_without_a_receiver_everything_is_dropped_and_counted(socket_path: Path, make_exchange: Make) -> None:
    sender = LocalSender(socket_path)
    sender.start()
    assert [sender.offer(make_exchange(f"x-{n}")) for n in range(3)] == [False] * 3
    assert sender.dropped == NOTHING_DROPPED | {"channel-down": 3}
    assert (sender.taken, sender.buffered) == (0, 0)
    await sender.close()


async def test_what_is_offered_arrives_in_order(socket_path: Path, make_exchange: Make, until: Until) -> None:
    receiver, sender = LocalReceiver(socket_path), LocalSender(socket_path)
    await receiver.start()
    sender.start()
    await until(lambda: sender.connected)
    exchanges = [make_exchange(f"x-{n}", n * 10) for n in range(500)]
    assert all(map(sender.offer, exchanges))
    async with asyncio.timeout(10):
        assert [await receiver.get() for _ in exchanges] == exchanges
    await sender.close()
    await receiver.close()
    assert (sender.taken, sender.dropped) == (500, NOTHING_DROPPED)
    assert not any(receiver.counts.values())


async def test_a_receiver_that_never_reads_costs_a_bound_and_then_drops(
    socket_path: Path, make_exchange: Make, until: Until
) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_path))
        listener.listen()
        sender = LocalSender(socket_path, max_bytes=1_000_000)
        sender.start()
        peer, _ = listener.accept()
        peer.send(HELLO)
        await until(lambda: sender.connected)
        highest = 0
        for n in range(3000):
            sender.offer(make_exchange(f"x-{n}", 1000))
            highest = max(highest, sender.buffered)
            await asyncio.sleep(0)
        kernel = sender.taken * len(encode(make_exchange("x-9999", 1000))) - sender.buffered
        assert 900_000 < highest <= 1_000_000
        assert sender.taken + sender.dropped["channel-full"] == 3000
        assert 0 < sender.dropped["channel-full"] < 3000
        assert kernel < 1_000_000, "beyond the bound there is only what the kernel holds"
        await sender.close(grace=0)
        peer.close()
    assert sender.buffered == 0


async def test_a_runner_that_is_killed_loses_what_waited_and_the_next_one_is_served(
    socket_path: Path, make_exchange: Make, until: Until, start_runner: Callable[[Path], Awaitable]
) -> None:
    sender = LocalSender(socket_path)
    sender.start()
    first = await start_runner(socket_path)
    await until(lambda: sender.connected)
    sender.send_tally(Tally("worker-1", 1.0, (("planned", "", 41),)))
    assert sender.offer(make_exchange("before"))
    assert [await first.line(), await first.line()] == ["41", "before"]
    await first.kill()
    await until(lambda: not sender.connected)
    assert not sender.offer(make_exchange("between"))
    second = await start_runner(socket_path)
    await until(lambda: sender.connected)
    assert sender.offer(make_exchange("after"))
    assert [await second.line(), await second.line()] == ["41", "after"]
    assert sender.dropped == NOTHING_DROPPED | {"channel-down": 1}
    await sender.close()


async def test_a_runner_that_is_stopped_fills_the_channel_and_killed_then_empties_it(
    socket_path: Path, make_exchange: Make, until: Until, start_runner: Callable[[Path], Awaitable]
) -> None:
    sender = LocalSender(socket_path, max_bytes=200_000)
    sender.start()
    runner = await start_runner(socket_path)
    await until(lambda: sender.connected)
    runner.process.send_signal(signal.SIGSTOP)
    for n in range(1000):
        sender.offer(make_exchange(f"x-{n}", 1000))
        await asyncio.sleep(0)
    waiting, full = sender.buffered, sender.dropped["channel-full"]
    assert full > 0
    assert 0 < waiting <= 200_000
    await runner.kill()
    await until(lambda: not sender.connected)
    frame = len(encode(make_exchange("x-100", 1000)))
    assert sender.dropped["channel-full"] == full
    assert sender.dropped["channel-down"] == -(-waiting // frame), "each frame that waited, a half-written one included"
    assert sender.lost == sender.dropped["channel-down"]
    assert not sender.offer(make_exchange("too late"))
    assert sender.lost == sender.dropped["channel-down"] - 1, "what was never taken was not lost"
    assert sender.buffered == 0
    await sender.close()


async def test_an_exchange_over_the_frame_bound_is_dropped_and_counted(
    socket_path: Path, make_exchange: Make, until: Until
) -> None:
    receiver, sender = LocalReceiver(socket_path), LocalSender(socket_path, max_frame=2000)
    await receiver.start()
    sender.start()
    await until(lambda: sender.connected)
    assert [sender.offer(make_exchange("x", size)) for size in (2001, 1990, 100)] == [False, False, True]
    assert sender.dropped == NOTHING_DROPPED | {"too-large": 2}
    await sender.close()
    await receiver.close()


async def test_what_cannot_be_encoded_is_dropped_and_counted(
    socket_path: Path, make_exchange: Make, until: Until
) -> None:
    receiver, sender = LocalReceiver(socket_path), LocalSender(socket_path)
    await receiver.start()
    sender.start()
    await until(lambda: sender.connected)
    assert not sender.offer(make_exchange("\ud800"))
    sender.send_tally(Tally("\ud800", 1.0, ()))
    assert sender.dropped == NOTHING_DROPPED | {"unencodable": 2}
    await sender.close()
    await receiver.close()


async def test_a_tally_sent_while_the_channel_is_down_arrives_when_it_is_up(socket_path: Path, until: Until) -> None:
    sender = LocalSender(socket_path)
    sender.start()
    sender.send_tally(Tally("worker-1", 1.0, (("dropped", "channel-down", 5),)))
    sender.send_tally(newest := Tally("worker-1", 2.0, (("dropped", "channel-down", 9),)))
    receiver = LocalReceiver(socket_path)
    await receiver.start()
    async with asyncio.timeout(10):
        assert await receiver.get() == newest
    await sender.close()
    await receiver.close()


async def test_a_sender_of_another_user_is_never_up(socket_path: Path, make_exchange: Make, until: Until) -> None:
    receiver = LocalReceiver(socket_path, uid_of=lambda _: os.getuid() + 1)
    await receiver.start()
    sender = LocalSender(socket_path)
    sender.start()
    await until(lambda: receiver.counts["peer-refused"] >= 2)
    assert not sender.connected
    assert not sender.offer(make_exchange("x"))
    await sender.close()
    await receiver.close()


def test_a_path_too_long_is_refused_at_once() -> None:
    with pytest.raises(OSError, match="shorter"):
        LocalSender(Path("/" + "x" * 200))


async def test_when_a_write_was_lost_is_known(socket_path: Path, make_exchange: Make) -> None:
    sender = LocalSender(socket_path)
    sender.start()
    read = make_exchange("x-1")
    assert not sender.offer(read)
    assert sender.lost_write_at == 0.0
    before = time.time()
    assert not sender.offer(structs.replace(read, plan=structs.replace(read.plan, writes=True)))
    assert before <= sender.lost_write_at <= time.time()
    await sender.close()


async def test_a_write_that_the_kernel_had_may_be_lost_too(
    socket_path: Path, make_exchange: Make, until: Until
) -> None:
    receiver, sender = LocalReceiver(socket_path), LocalSender(socket_path)
    await receiver.start()
    sender.start()
    await until(lambda: sender.connected)
    read = make_exchange("x-1")
    assert sender.offer(structs.replace(read, plan=structs.replace(read.plan, writes=True)))
    await receiver.get()
    await receiver.close()
    await until(lambda: not sender.connected)
    assert sender.lost_write_at > 0.0
    await sender.close()
