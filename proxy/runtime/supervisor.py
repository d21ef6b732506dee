"""Owns the listening sockets, the signals and the configuration; starts the other processes and restarts what dies.

Law of this file: it carries no payment itself, and no child's death ends another. It stops in one order: workers drain
first, then the runner takes in what they had sent, then the control process.
"""

import asyncio
import contextlib
import logging
import shutil
import signal
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from typing import Final

from proxy.control.state import Role, RouteStatus, StatusDocument, TableStatus
from proxy.routing.table import Route, RouteTable
from proxy.runtime.child import Process
from proxy.runtime.link import Reading, Start, Status
from proxy.telemetry.merge import Totals

DRAIN: Final = 30.0
GRACE: Final = 5.0
STATUS_EVERY: Final = 0.5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run. `config_text` is what `table` was made of; the sockets listen already."""

    table: RouteTable
    config_name: str
    config_text: str
    listeners: tuple[socket, ...]
    admin: socket
    workers: int
    store: str
    key_file: Path
    version: str


class Supervisor:
    """The processes of one `strangler serve`."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._started_at = datetime.now(UTC)
        self._folder = Path(tempfile.mkdtemp(prefix="strangler-"))
        self._totals = Totals()
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()
        admin = (plan.admin.fileno(),)
        listeners = tuple(each.fileno() for each in plan.listeners)
        self._workers = [self._process(Role.WORKER, index, listeners) for index in range(plan.workers)]
        self._runner = self._process(Role.RUNNER, 0, ())
        self._control = self._process(Role.CONTROL, 0, admin)

    @property
    def _all(self) -> list[Process]:
        return [*self._workers, self._runner, self._control]

    async def run(self, ready: asyncio.Event) -> None:
        """Until SIGTERM or SIGINT. `ready` is set when all workers have taken their first table."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        lives = {process: loop.create_task(process.keep_alive()) for process in self._all}
        telling = loop.create_task(self._tell())
        waiting = loop.create_task(self._await_workers(ready))
        try:
            await self._stopping.wait()
            await self._stop(lives)
        finally:
            for task in (telling, waiting, *lives.values()):
                task.cancel()
            await asyncio.gather(telling, waiting, *lives.values(), return_exceptions=True)
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _await_workers(self, ready: asyncio.Event) -> None:
        await asyncio.gather(*(worker.ready.wait() for worker in self._workers), self._control.ready.wait())
        ready.set()

    async def _stop(self, lives: dict[Process, asyncio.Task[None]]) -> None:
        for listener in self._plan.listeners:
            listener.close()  # with the workers' own, so that a client is refused at once and not left waiting
        for group, seconds in ((self._workers, DRAIN), ([self._runner], GRACE), ([self._control], GRACE)):
            for process in group:
                process.stop(seconds)
            tasks = [lives[process] for process in group]
            _, late = await asyncio.wait(tasks, timeout=seconds + GRACE)
            if late:
                _log.warning("%d processes did not end within %.0f s and are killed", len(late), seconds + GRACE)
                for process in group:
                    process.kill()
                await asyncio.wait(tasks, timeout=GRACE)

    def _process(self, role: Role, index: int, fds: tuple[int, ...]) -> Process:
        plan = self._plan
        start = Start(
            config_name=plan.config_name,
            config_text=plan.config_text,
            listeners=fds,
            channel=str(self._folder / "channel.sock"),
            store=plan.store,
            key_file=str(plan.key_file),
            connections=max(1, plan.table.limits.connections // plan.workers),
            version=plan.version,
        )
        return Process(role, index, start, self._heard, self._news.set)

    def _heard(self, process: Process, reading: Reading) -> None:
        self._totals.update(process.name, reading.snapshot)

    async def _tell(self) -> None:
        """Tells the control process how things are: at each change and twice a second."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STATUS_EVERY):
                    await self._news.wait()
            self._news.clear()
            for process in self._all:
                if process.gone.is_set():
                    process.gone.clear()
                    self._totals.retire(process.name)
            self._control.send(Status(self._document().to_json().decode()))

    def _document(self) -> StatusDocument:
        table = self._plan.table
        return StatusDocument(
            version=self._plan.version,
            started_at=self._started_at,
            table=TableStatus(table.name, table.hash, self._started_at),
            routes=tuple(_route_status(route, table.hash) for route in table.routes),
            processes=tuple(process.status for process in self._all),
            metrics=self._totals.snapshot(),
        )


def _route_status(route: Route, table_hash: str) -> RouteStatus:
    return RouteStatus(route.name, route.stage, route.owner, route.legacy, route.candidate, table_hash)
