"""What a claim costs a payment: from the bid to the grant, durable, through the real claims process. Prints one JSON
object: `python -m benchmarks.claims`.

Each write bids for a key of its own and is settled after; RATE of them a second, Poisson, for SECONDS. `disk`: what one
small fdatasync of a file that does not grow takes at the same time, which a durable claim cannot be cheaper than.
Milliseconds; `claims_per_commit`: how many shared one.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Final

from proxy.claims.client import ClaimsClient
from proxy.claims.journal import Journal
from proxy.claims.service import Service
from proxy.claims.words import Bid, Denial, Ending, Granted
from proxy.messages import System
from proxy.store.claims import ClaimStore

RATE: Final = 500.0
SECONDS: Final = 20.0
WARM: Final = 3.0


class Asker:
    """Who waits for an answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.answer: asyncio.Future[Granted | Denial] = loop.create_future()

    def granted(self, grant: Granted) -> None:
        self.answer.set_result(grant)

    def denied(self, why: Denial) -> None:
        self.answer.set_result(why)


async def serve(folder: Path) -> None:
    """The service alone, until it is told to end; how many commits there were goes to stdout."""
    service = Service(folder / "s.sock", ClaimStore(f"sqlite:///{folder / 'claims'}"), folder / "j", lambda *_: None)
    commits = 0
    apply = service._apply

    def counted(*arguments: object) -> object:
        nonlocal commits
        commits += 1
        return apply(*arguments)  # type: ignore[arg-type]

    service._apply = counted  # type: ignore[method-assign, assignment]
    await service.start()
    running = asyncio.ensure_future(service.run())
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()
    running.cancel()
    await service.close()
    print(commits)


async def measure(folder: Path) -> dict[str, object]:
    command = (sys.executable, "-m", "benchmarks.claims", str(folder))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    client = ClaimsClient(folder / "s.sock", "w", Journal(folder / "j", "w"), lambda _: None)
    client.start()
    while not client.connected:
        await asyncio.sleep(0.05)
    await _load(client, WARM)
    probing = asyncio.create_task(asyncio.to_thread(_disk, folder, SECONDS))
    took = await _load(client, SECONDS)
    await client.close()
    process.terminate()
    out, _ = await process.communicate()
    messages = 2 * (len(took) + RATE * WARM)
    return {
        "rate": round(len(took) / SECONDS),
        "claim": _spread(took),
        "disk": _spread(await probing),
        "claims_per_commit": round(messages / max(int(out), 1), 1),
        "durability": f"SQLite {sqlite3.sqlite_version}, WAL, synchronous=FULL: on disk before the grant",
    }


async def _load(client: ClaimsClient, seconds: float) -> list[float]:
    loop, took = asyncio.get_running_loop(), list[float]()

    async def one() -> None:
        asker = Asker(loop)
        began = time.perf_counter()
        wanted = Bid(0, uuid.uuid4().hex, "secret_x", System.LEGACY, "monolith", "payments", "pay", 3600.0)
        bid = client.bid(wanted, asker)
        grant = await asker.answer
        took.append(time.perf_counter() - began)  # one that is denied has waited for two seconds
        if isinstance(grant, Granted):
            client.settle(bid, grant, Ending.SENT, "b")

    tasks, due, end = set[asyncio.Task[None]](), loop.time(), loop.time() + seconds
    while due < end:
        due += random.expovariate(RATE)
        await asyncio.sleep(max(0.0, due - loop.time()))
        tasks.add(asyncio.create_task(one()))
    await asyncio.gather(*tasks)
    return took


def _disk(folder: Path, seconds: float) -> list[float]:
    took, page = list[float](), os.urandom(8192)
    descriptor = os.open(folder / "probe", os.O_RDWR | os.O_CREAT)
    os.pwrite(descriptor, page * 100, 0)
    os.fsync(descriptor)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        os.pwrite(descriptor, page, 8192 * (len(took) % 100))
        began = time.perf_counter()
        os.fdatasync(descriptor)
        took.append(time.perf_counter() - began)
        time.sleep(0.1)
    os.close(descriptor)
    return took


def _spread(seconds: list[float]) -> dict[str, float]:
    found = sorted(seconds)
    return {
        f"p{share}": round(found[min(len(found) - 1, len(found) * share // 100)] * 1000, 2) for share in (50, 90, 99)
    }


def main() -> None:
    if len(sys.argv) > 1:
        asyncio.run(serve(Path(sys.argv[1])))
        return
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".claims-") as name:
        Path(name).chmod(0o700)
        print(json.dumps(asyncio.run(measure(Path(name)))))


if __name__ == "__main__":
    main()
