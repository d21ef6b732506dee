"""What the tests of the channel share: both event loops, an exchange to send, and a runner's process to kill."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvloop
from msgspec import structs

from proxy.messages import Exchange, Hop, Observation, Plan, Request, Response, Stage, System

RUNNER = """
import asyncio, sys
from pathlib import Path
from proxy.channel.receiver import LocalReceiver
from proxy.messages import Exchange

async def main():
    receiver = LocalReceiver(Path(sys.argv[1]))
    await receiver.start()
    print("listening", flush=True)
    while message := await receiver.get():
        print(message.id if isinstance(message, Exchange) else message.counts[0][2], flush=True)

asyncio.run(main())
"""


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


EXCHANGE = Exchange(
    id="x-0",
    started_at=1_700_000_000.25,
    table="7f3a",
    hop=Hop(b"192.0.2.7", False, False),
    request=Request(b"GET", b"/v1/payments/pay_1?x=%FF", ((b"Host", b"shop"), (b"X-A", b"\xff"), (b"x-a", b"2")), b""),
    plan=Plan("read-payment", Stage.SHADOW, System.LEGACY, "monolith", "payments", "stage shadow"),
    primary=Observation(System.LEGACY, "monolith", Response(200, b"OK", ((b"Content-Type", b"a/b"),), b"{}"), 0.012),
)


@pytest.fixture
def make_exchange() -> Callable[[str, int], Exchange]:
    """An exchange by its id, with so many bytes of request body."""

    def make(name: str, size: int = 0) -> Exchange:
        return structs.replace(EXCHANGE, id=name, request=structs.replace(EXCHANGE.request, body=b"b" * size))

    return make


@pytest.fixture
def socket_path() -> Iterator[Path]:
    """A path short enough for a unix socket, in a private folder."""
    with tempfile.TemporaryDirectory(prefix="sx-") as folder:
        yield Path(folder) / "channel.sock"


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Wait until a condition holds, ten seconds at most."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.002)

    return wait


@dataclass(frozen=True, slots=True)
class RunnerProcess:
    """A real process that receives from the channel and prints what it got, a line each."""

    process: asyncio.subprocess.Process

    async def line(self) -> str:
        assert self.process.stdout is not None
        async with asyncio.timeout(10):
            return (await self.process.stdout.readline()).decode().strip()

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


@pytest.fixture
async def start_runner() -> AsyncIterator[Callable[[Path], Awaitable[RunnerProcess]]]:
    started: list[RunnerProcess] = []

    async def start(path: Path) -> RunnerProcess:
        root = Path(__file__).parents[2]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", RUNNER, str(path), cwd=root, stdout=asyncio.subprocess.PIPE
        )
        started.append(RunnerProcess(process))
        assert await started[-1].line() == "listening"
        return started[-1]

    yield start
    for runner in started:
        if runner.process.returncode is None:
            await runner.kill()
