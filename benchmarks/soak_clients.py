"""The clients of the soak: honest ones, and those that hang up, dawdle, flood and talk nonsense.

Law of this file: each conversation is told in one word, and one that was not what it may be starts with `wrong`.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from benchmarks.soak_upstream import BIG, KINDS

PATIENCE = 20.0
FINE = frozenset({b"too-much", b"until-close", b"whole-then-close", b"whole-then-reset", b"chunked"})
"""Faults that are none to the client: its answer is whole."""

CROSSED = "honest, crossed by the upstream's end"
"""A write that met a kept connection at the moment at which the upstream ended it: rare, and told as it is."""

Client = Callable[[int, random.Random, int], Awaitable[str]]
_HOST = b" HTTP/1.1\r\nHost: pay.example\r\n"


async def ask(port: int, wire: bytes) -> tuple[int, bytes, bool]:
    """One request over a connection of its own: status, body as it came, and whether it is whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(PATIENCE):
            sending = asyncio.create_task(_send(writer, wire))
            found = await _read(reader)
            sending.cancel()
            return found
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, wire: bytes) -> None:
    with suppress(ConnectionError):
        writer.write(wire)
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    head, body = b"", b""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        if b"\r\ntransfer-encoding: chunked" in lower:
            while size := int(await reader.readuntil(b"\r\n"), 16):
                body += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readexactly(2)
        else:
            body = await reader.readexactly(int(lower.split(b"\r\ncontent-length: ")[1].split(b"\r\n")[0]))
    except (asyncio.IncompleteReadError, ConnectionError):
        return int(head[9:12] or 0), body, False
    return int(head[9:12]), body, True


async def honest(port: int, chance: random.Random, number: int) -> str:
    target = b"/right/%d" % number
    body = b"r" * chance.randrange(2000)
    method = chance.choice((b"GET", b"POST"))
    framing = b"Content-Length: %d\r\n\r\n%b" % (len(body), body) if method == b"POST" else b"\r\n"
    found = await ask(port, method + b" " + target + _HOST + framing)
    if method == b"POST" and found[0] == 502 and b'"outcome-unknown"' in found[1]:
        return CROSSED
    return "honest" if found == (200, target, True) else f"wrong: an honest {method.decode()} got {found}"


async def faulty(port: int, chance: random.Random, number: int) -> str:
    """A fault is told as one, and an answer that is whole is the right one."""
    kind, method = chance.choice(list(KINDS)), chance.choice((b"GET", b"POST"))
    target = b"/fault/%b/%d" % (kind, number)
    framing = b"Content-Length: 2\r\n\r\n{}" if method == b"POST" else b"\r\n"
    status, body, whole = await ask(port, method + b" " + target + _HOST + framing)
    fair = (status, body, whole) == (200, target, True) if kind in FINE else status in (502, 504) or not whole
    return f"fault {kind.decode()}" if fair else f"wrong: {kind.decode()} told as {status} {body!r} {whole}"


async def large(port: int, chance: random.Random, number: int) -> str:
    upload = b"POST /right/%d" % number + _HOST + b"Content-Length: %d\r\n\r\n" % BIG + b"u" * BIG
    status, body, whole = await ask(port, chance.choice((upload, b"GET /big/%d" % number + _HOST + b"\r\n")))
    return "large" if status == 200 and whole else f"wrong: a large one got {status} {len(body)} {whole}"


async def nonsense(port: int, chance: random.Random, number: int) -> str:
    wire = chance.choice(
        (
            b"\x16\x03\x01 not HTTP\r\n\r\n",
            b"GET /" + b"a" * 9000 + _HOST + b"\r\n",
            b"POST /x" + _HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"POST /x" + _HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"GET /x" + _HOST + b"X: 1\r\n" * 200 + b"\r\n",
        )
    )
    status, _, _ = await ask(port, wire)
    return "nonsense" if 400 <= status < 500 else f"wrong: nonsense got {status}"


async def deserter(port: int, chance: random.Random, number: int) -> str:
    """Hangs up somewhere: in its head, its body, before or in its answer; by FIN or RST."""
    wire = b"POST /big/%d" % number + _HOST + b"Content-Length: 100\r\n\r\n" + b"d" * 100
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(wire[: chance.randrange(len(wire) + 1)])
    with suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(chance.random() * 0.05):
            await reader.readexactly(chance.randrange(BIG))
    if chance.random() < 0.5:
        writer.transport.abort()
    writer.close()
    return "deserter"


async def dawdler(port: int, chance: random.Random, number: int) -> str:
    """Sends a head or a body byte by byte, gets tired of it or not."""
    wire = b"POST /right/%d" % number + _HOST + b"Content-Length: 10\r\n\r\n0123456789"
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(ConnectionError):
        for at in range(chance.randrange(len(wire) + 1)):
            writer.write(wire[at : at + 1])
            await writer.drain()
            await asyncio.sleep(0.02)
    writer.close()
    return "dawdler"


async def pipeliner(port: int, chance: random.Random, number: int) -> str:
    """Many requests at once; the answers come in turn, or nobody reads them."""
    reads = chance.random() < 0.7
    targets = [b"/right/%d-%d" % (number, each) for each in range(20)] if reads else [b"/big/%d" % number] * 20
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join(b"GET %b" % target + _HOST + b"\r\n" for target in targets))
    try:
        if reads:
            async with asyncio.timeout(PATIENCE):
                found = [(await _read(reader))[1] for _ in targets]
            return "pipeliner" if found == targets else "wrong: pipelined answers out of turn"
        await asyncio.sleep(chance.random())
        return "pipeliner that does not read"
    finally:
        writer.close()


MIX: tuple[tuple[Client, int], ...] = (
    (honest, 40),
    (faulty, 25),
    (large, 3),
    (nonsense, 8),
    (deserter, 10),
    (dawdler, 6),
    (pipeliner, 6),
)
"""Who comes, and how often of 98."""


async def come_and_go(port: int, seed: int, told: Counter[str], stopping: asyncio.Event) -> None:
    """One place in the queue: client after client until `stopping`. A fault of this file is told, not raised."""
    chance, number = random.Random(seed), seed << 32
    clients, weights = zip(*MIX, strict=True)
    while not stopping.is_set():
        number += 1
        client = chance.choices(clients, weights)[0]
        try:
            told[await client(port, chance, number)] += 1
        except (OSError, TimeoutError) as fault:
            told[f"wrong: {client.__name__}: {type(fault).__name__} {fault}"] += 1
        await asyncio.sleep(chance.random() * 0.05)
