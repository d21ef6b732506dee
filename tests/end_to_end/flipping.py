"""Two systems that say who they are and remember what they executed, clients that never stop, and what they all saw.

Law of this file: a request counts as wrongly routed only if the answering system was that of no table in force between
its first byte and its last; a table is in force from the moment at which it may be known to a worker to the moment at
which the last one has another.
"""

import asyncio
import itertools
import os
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROUTES = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: flips}}
spec:
  backends:
    - {{name: monolith, url: "http://127.0.0.1:{legacy}"}}
    - {{name: payments, url: "http://127.0.0.1:{candidate}"}}
  routes:
    - name: pay
      stage: {stage}
      matches: [{{path: {{type: PathPrefix, value: /}}}}]
      backendRefs: {{legacy: monolith, candidate: payments}}
"""
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


@dataclass
class System:
    """`executed`: how often each request was, by its own name."""

    name: bytes
    port: int = 0
    executed: Counter[bytes] = field(default_factory=Counter)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.executed[head.split(b" ", 2)[1]] += 1
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(self.name), self.name))
        writer.close()


@asynccontextmanager
async def systems() -> AsyncIterator[tuple[System, System]]:
    both = System(b"legacy"), System(b"candidate")
    servers = [await asyncio.start_server(each.serve, "127.0.0.1", 0) for each in both]
    for each, server in zip(both, servers, strict=True):
        each.port = server.sockets[0].getsockname()[1]
    try:
        yield both
    finally:
        for server in servers:
            server.close()


@dataclass(frozen=True)
class Seen:
    """One answered request: from when to when, and by whom."""

    began: float
    ended: float
    by: bytes


class Clients:
    """Keep-alive clients at full speed. A request that is not answered, or not with 200, is in `failed`."""

    def __init__(self, port: int) -> None:
        self.seen: list[Seen] = []
        self.failed: list[str] = []
        self._port = port
        self._names = itertools.count()
        self._stopping = False

    @asynccontextmanager
    async def running(self, number: int) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._ask_on()) for _ in range(number)]
        yield
        self._stopping = True
        await asyncio.gather(*tasks)

    async def _ask_on(self) -> None:
        while not self._stopping:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                while await self._ask(reader, writer) and not self._stopping:
                    pass
                writer.close()
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as fault:
                self.failed.append(repr(fault))

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection may be used again."""
        began = time.monotonic()
        writer.write(b"POST /pay/%d HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" % next(self._names))
        async with asyncio.timeout(20):
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            body = await reader.readexactly(int(length[1]) if length else 0)
        if head.startswith(b"HTTP/1.1 200 "):
            self.seen.append(Seen(began, time.monotonic(), body))
        else:
            self.failed.append(f"{head.decode()}{body.decode()}")
        return b"connection: close" not in head.lower()


class Tables:
    """What was in force, and when. `now`: the system that answers by the table of the last flip."""

    def __init__(self, first: bytes) -> None:
        self._spans: list[tuple[float, float, bytes]] = []
        self.now, self._from = first, 0.0

    def flipped(self, to: bytes, began: float, acknowledged: float) -> None:
        """A worker may have it since `began`, all have it since `acknowledged`."""
        self._spans.append((self._from, acknowledged, self.now))
        self.now, self._from = to, began

    def wrong(self, seen: list[Seen]) -> list[Seen]:
        spans = [*self._spans, (self._from, float("inf"), self.now)]
        return [
            each
            for each in seen
            if not any(each.by == by and each.began <= end and each.ended >= start for start, end, by in spans)
        ]


def write_as_config_map(folder: Path, text: str) -> Path:
    """Put a routes.yaml in place as Kubernetes does it: a new folder, and a link that is swapped to it. The path that
    the file is read by.
    """
    data = folder / f"..{time.monotonic_ns()}"
    data.mkdir(parents=True)
    (data / "routes.yaml").write_text(text)
    (folder / "..data_tmp").symlink_to(data.name)
    os.replace(folder / "..data_tmp", folder / "..data")
    path = folder / "routes.yaml"
    if not path.is_symlink():
        path.symlink_to("..data/routes.yaml")
    return path


async def until(condition: Callable[[], bool], what: str, timeout: float = 15.0) -> None:
    """As wait_until, while the loop goes on; the condition may block for a moment."""
    async with asyncio.timeout(timeout):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.02)
