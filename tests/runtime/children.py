"""Children of a supervisor as real processes, spoken to as the supervisor speaks to them."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from proxy.runtime.link import Link, Message, Ready, Start
from tests.end_to_end.deployment import ROUTES
from tests.runtime.tables import said
from tests.support.files import ROOT

T = TypeVar("T", bound=Message)


@dataclass
class Spawned:
    """One child. Its log grows in the file `stderr`."""

    link: Link
    process: asyncio.subprocess.Process
    stderr: Path

    async def hear(self, kind: type[T]) -> T:
        """Its next message of this kind; AssertionError if it ends first."""
        async with asyncio.timeout(15):
            while (message := await self.link.receive()) is not None:
                if isinstance(message, kind):
                    return message
            await self.process.wait()
        raise AssertionError(f"it ended without {kind.__name__}; stderr ends: {self.stderr.read_text()[-2000:]}")

    async def ended(self) -> int:
        """Its exit code, once it has ended by itself."""
        async with asyncio.timeout(15):
            return await self.process.wait()


@asynccontextmanager
async def spawned(role: str, first: Message, folder: Path, *listeners: socket.socket) -> AsyncIterator[Spawned]:
    """`python -m proxy.runtime ROLE 0 FD`, which has been told `first`; killed at the end if it is still there."""
    ours, theirs = socket.socketpair()
    log = folder / f"{role}.log"
    with theirs, log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "proxy.runtime", role, "0", str(theirs.fileno())),
            stdin=asyncio.subprocess.DEVNULL,
            stderr=stderr,
            pass_fds=(theirs.fileno(), *(listener.fileno() for listener in listeners)),
            cwd=ROOT,
        )
    link = await Link.over(ours)
    link.send(first)
    try:
        yield Spawned(link, process, log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        link.close()


@asynccontextmanager
async def ready(role: str, first: Start, folder: Path, *listeners: socket.socket) -> AsyncIterator[Spawned]:
    """The same, once it does its work."""
    async with spawned(role, first, folder, *listeners) as child:
        await child.hear(Ready)
        yield child


def start(folder: Path, *listeners: socket.socket, legacy: int = 1, candidate: int = 1, stage: str = "shadow") -> Start:
    """What a child is told: one route for all, the channel and the store in `folder`, which is made private."""
    folder.chmod(0o700)
    return Start(
        config_name="routes.yaml",
        document=said(ROUTES.format(primary=legacy, shadow=candidate, stage=stage)),
        listeners=tuple(listener.fileno() for listener in listeners),
        channel=str(folder / "channel.sock"),
        store=f"sqlite:///{folder / 'strangler.db'}",
        key_file=str(folder / "key"),
        connections=64,
        version="1.2.3",
    )


def untold(folder: Path) -> Start:
    """The same without a table, so that no worker can begin."""
    return msgspec.structs.replace(start(folder), document=b"")


def listening() -> socket.socket:
    """A listening socket on a free port, as the supervisor makes them."""
    sock = socket.create_server(("127.0.0.1", 0))
    sock.setblocking(False)
    return sock


def port_of(sock: socket.socket) -> int:
    port: int = sock.getsockname()[1]
    return port
