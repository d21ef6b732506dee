"""The demo's processes: the monolith, the service that replaces it, and `strangler serve` between them and the traffic.

Law of this file: everything is on loopback and in one folder; what was started is ended, by its own handle, whatever
happens.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from proxy.runtime.sockets import Endpoint, EnvironmentFault
from proxy.store.answers import Report

CHECKOUT: Final = Path(__file__).resolve().parents[2]
START_WITHIN: Final = 30.0
SETTLE_WITHIN: Final = 30.0
STOP_WITHIN: Final = 20.0


@dataclass(frozen=True, slots=True)
class Running:
    """Where the demo's parts are."""

    monolith: str
    service: str
    proxy: str
    admin: str
    store: str
    config: Path


def part(name: str) -> ModuleType:
    """A module of `examples/`. Raises EnvironmentFault where this is no checkout, or its packages are not installed."""
    if str(CHECKOUT) not in sys.path:
        sys.path.append(str(CHECKOUT))  # examples/ is no part of the installed distribution
    try:
        return import_module(f"examples.{name}")
    except ImportError as fault:
        hint = "run `make demo` in a checkout of the project"
        raise EnvironmentFault(f"the demo needs the folder examples/ and its packages ({fault.name}): {hint}") from None


def emptied(folder: Path) -> Path:
    """The folder, absolute and empty. Raises EnvironmentFault."""
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
    except OSError as fault:
        hint = "run it where you may write"
        raise EnvironmentFault(f"the demo's folder {folder} cannot be made: {fault.strerror}: {hint}") from None
    return folder.resolve()


@asynccontextmanager
async def running(
    folder: Path, say: Callable[[str], None], listen: Endpoint, admin: Endpoint
) -> AsyncIterator[Running]:
    """The three servers, ready for traffic. `folder` takes the database, the store and the logs; port 0 is any free
    one.
    """
    servers = part("servers")
    database, config = folder / "payments.db", folder / "routes.yaml"
    shutil.copyfile(servers.ROOT / "examples" / "routes.yaml", config)  # to be flipped
    say("preparing the payments database")
    try:
        await asyncio.to_thread(servers.prepare, database)
    except servers.PrepareError as fault:
        raise EnvironmentFault(f"{fault}. Its packages come with `make install`.") from None
    ports = _free_ports(4)
    where = Running(
        monolith=f"http://127.0.0.1:{ports[0]}",
        service=f"http://127.0.0.1:{ports[1]}",
        proxy=f"http://{listen.host}:{listen.port or ports[2]}",
        admin=f"http://{admin.host}:{admin.port or ports[3]}",
        store=f"sqlite:///{folder / 'strangler.db'}",
        config=config,
    )
    environment = servers.environment(database)
    ours = {**os.environ, "MONOLITH_URL": where.monolith, "SERVICE_URL": where.service}
    async with contextlib.AsyncExitStack() as stack:
        say(f"starting the monolith (Django) on {where.monolith} and the service (FastAPI) on {where.service}")
        for application, port, name in (
            (servers.MONOLITH, ports[0], "monolith"),
            (servers.SERVICE, ports[1], "service"),
        ):
            log = folder / f"{name}.log"
            await stack.enter_async_context(
                _process(servers.command(application, port), servers.ROOT, environment, log)
            )
        await _until_answers(f"{where.monolith}/healthz", folder / "monolith.log")
        await _until_answers(f"{where.service}/healthz", folder / "service.log")
        say(f"starting strangler on {where.proxy}, admin on {where.admin}")
        log = folder / "strangler.log"
        process = await stack.enter_async_context(_process(_serve_command(where), servers.ROOT, ours, log))
        await _until_answers(f"{where.admin}/readyz", log)
        if process.returncode is not None:  # another one answers there
            raise EnvironmentFault(f"strangler ended at once: {log.read_text(errors='replace').strip()[-300:]}")
        await _until_shadowing(where, folder / "strangler.log")
        yield where


async def settled(where: Running) -> None:
    """Waits until every copy that was taken has been compared or dropped, for SETTLE_WITHIN seconds at most."""
    deadline = asyncio.get_running_loop().time() + SETTLE_WITHIN
    last, same = -1, 0
    while same < 4 and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.5)
        metrics = await asyncio.to_thread(_read, f"{where.admin}/metrics")
        done = _compared(metrics or "")
        last, same = done, same + 1 if done == last else 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which planted mistakes the report names, which it misses, what it names besides, and which copies were never
    compared, in words.
    """

    found: tuple[str, ...]
    missed: tuple[str, ...]
    others: tuple[str, ...]
    uncompared: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        return not self.missed and not self.others and not self.uncompared


def judged(report: Report) -> Outcome:
    """Compares a report with what was planted: by route, path and kind."""
    planted = {(each.route, each.path, each.kind): each.what for each in part("planted").PLANTED}
    named = {(route.route, field.pattern, field.kind) for route in report.routes for field in route.fields}
    return Outcome(
        found=tuple(what for key, what in planted.items() if key in named),
        missed=tuple(f"{' '.join(key)}: {what}" for key, what in planted.items() if key not in named),
        others=tuple(" ".join(key) for key in sorted(named - planted.keys())),
        uncompared=tuple(_uncompared(report)),
    )


def _uncompared(report: Report) -> Iterator[str]:
    """Copies without a verdict: a demo that lost some proves nothing of them."""
    yield from (f"{each.count} dropped: {each.reason}" for each in report.dropped)
    for route in report.routes:
        yield from (f"{each.count} inconclusive on {route.route}: {each.reason}" for each in route.reasons)
    if report.unaccounted:
        yield f"{report.unaccounted} taken, and neither compared nor counted"


def _serve_command(where: Running) -> list[str]:
    listen, admin = where.proxy.removeprefix("http://"), where.admin.removeprefix("http://")
    return [
        *(sys.executable, "-m", "proxy", "serve", "-c", str(where.config), "--workers", "1"),
        *("--listen", listen, "--admin", admin, "--store", where.store),
    ]


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@asynccontextmanager
async def _process(
    command: list[str], folder: Path, environment: dict[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _until_answers(url: str, log: Path) -> None:
    await _until(lambda: _read(url) is not None, f"{url} did not answer", log)


async def _until_shadowing(where: Running, log: Path) -> None:
    """The channel is not there from the first moment, and nothing waits for it; the demo does, to miss no copy."""

    def is_up() -> bool:
        return "\nstrangler_channel_up 1" in (_read(f"{where.admin}/metrics") or "")

    await _until(is_up, "the channel to the shadow runner was not up", log)


async def _until(holds: Callable[[], bool], otherwise: str, log: Path) -> None:
    deadline = asyncio.get_running_loop().time() + START_WITHIN
    while not await asyncio.to_thread(holds):
        if asyncio.get_running_loop().time() > deadline:
            tail = log.read_text(errors="replace")[-800:].strip()
            raise EnvironmentFault(f"{otherwise} within {START_WITHIN:.0f} s. Its log ends: {tail or '(empty)'}")
        await asyncio.sleep(0.1)


def _read(url: str) -> str | None:
    """What is there, or None for anything but a 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # a URL of our own, on loopback
            return bytes(answer.read()).decode()
    except (urllib.error.URLError, OSError):
        return None


def _compared(metrics: str) -> int:
    """How many exchanges have been compared."""
    lines = [line for line in metrics.splitlines() if line.startswith("strangler_comparisons_total")]
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines)
