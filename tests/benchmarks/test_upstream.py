import asyncio
from pathlib import Path

from benchmarks import payload, upstreams
from benchmarks.upstreams import Mood

ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def exchange(port: int, pieces: list[bytes], until: bytes, times: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    answers = [await asyncio.wait_for(reader.readuntil(until), 10) for _ in range(times)]
    writer.close()
    return b"".join(answers)


async def test_each_mood_answers_as_it_is_called(tmp_path: Path) -> None:
    with upstreams.standing(tmp_path) as standing:
        same = await exchange(standing.legacy, [ASK], payload.SAME, 1)
        wrong = await exchange(standing.candidates[Mood.WRONG], [ASK], payload.WRONG, 1)
        garbage = await exchange(standing.candidates[Mood.GARBAGE], [ASK], b"{]", 1)
        assert same.startswith(b"HTTP/1.1 200 ")
        assert wrong.startswith(b"HTTP/1.1 200 ")
        assert not garbage.startswith(b"HTTP/1.1")
        assert await refused(standing.candidates[Mood.DEAD])


async def test_the_own_upstream_answers_cut_and_pipelined_requests_after_its_delay(tmp_path: Path) -> None:
    with upstreams.standing(tmp_path, delay=0.3) as standing:
        began = asyncio.get_running_loop().time()
        await exchange(standing.candidates[Mood.SLOW], [ASK + ASK[:9], ASK[9:] + ASK], payload.SAME, 3)
        assert asyncio.get_running_loop().time() - began >= 0.29


async def refused(port: int) -> bool:
    try:
        await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return True
    return False
