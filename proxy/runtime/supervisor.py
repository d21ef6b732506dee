"""Owns the listening sockets, the signals and the configuration; starts the other processes and restarts what dies.

Law of this file: it carries no payment itself, and no child's death ends another. It stops in one order: workers drain
first, then the runner takes in what they had sent, then the claims and the control process. It starts in one order,
too: what carries no payment waits for the workers, so that it takes no CPU time from them.
"""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from socket import socket
from typing import Final

from proxy.control.state import OverrideStatus, Role, RouteStatus, StatusDocument, TableStatus
from proxy.messages import Stage
from proxy.routing.override import Override
from proxy.routing.table import Route
from proxy.runtime.breaking import Breaking, Event
from proxy.runtime.changing import Changes
from proxy.runtime.child import Process, environment
from proxy.runtime.configuration import Configuration
from proxy.runtime.entry import RELOADED
from proxy.runtime.guarding import Guarding
from proxy.runtime.handover import Successor
from proxy.runtime.link import Ask, Message, Probed, Reading, Ready, Start, Status, Tripped
from proxy.runtime.place import Place
from proxy.runtime.recording import Records
from proxy.runtime.requests import Requests, busy
from proxy.runtime.storing import socket_path
from proxy.runtime.watching import Watch
from proxy.store.keep import ALL, Keep
from proxy.telemetry.merge import Totals
from proxy.telemetry.registry import Registry

DRAIN: Final = 30.0
GRACE: Final = 5.0
HEAD_START: Final = 2.0
"""Seconds for which all else waits for the workers to serve."""
STATUS_EVERY: Final = 0.5
BREAKER_OPEN: Final = "strangler_breaker_open"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run. The sockets listen already. `token_file`: None for the environment's STRANGLER_TOKEN alone;
    `shutdown_delay`: seconds for which it still takes connections after it has said that it is not ready any more;
    `open`: routes whose breaker is, as its predecessor says; `keep`: what of the store is kept.
    """

    configuration: Configuration
    listeners: tuple[socket, ...]
    admin: socket
    workers: int
    store: str
    key_file: Path
    token_file: Path | None
    shutdown_delay: float
    version: str
    open: tuple[str, ...] = ()
    keep: Keep = ALL


class Supervisor:
    """The processes of one `strangler serve`. Raises EnvironmentFault if there is no place for what they share."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._started_at = datetime.now(UTC)
        self._place = Place()
        self._totals = Totals()
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()
        self._leaving = self._upgrading = self._succeeded = False
        self._configuration = plan.configuration
        self._tasks: set[asyncio.Task[None]] = set()
        self._registry = Registry()
        admin = (plan.admin.fileno(),)
        listeners = tuple(each.fileno() for each in plan.listeners)
        self._workers = [self._process(Role.WORKER, index, listeners) for index in range(plan.workers)]
        self._runner = self._process(Role.RUNNER, 0, ())
        self._control = self._process(Role.CONTROL, 0, admin)
        self._claims = self._process(Role.CLAIMS, 0, ())
        self._lives: dict[Process, asyncio.Task[None]] = {}
        self._records = Records(plan.store)
        self._changes = Changes(plan.configuration, lambda: [*self._workers, self._runner], self._records.write)
        self._requests = Requests(self._changes)
        self._breaking = Breaking(self._tell_breakers, time.monotonic)
        self._breaking.begin_with(plan.open)
        self._changes.is_open = self._breaking.is_open
        self._guarding = Guarding(
            plan.configuration.kept, plan.store, lambda: self._workers, self._claims, self._begin_claims
        )
        self._changes.guarding = self._guarding
        self._changes.open = lambda: self._breaking.open

    @property
    def _all(self) -> list[Process]:
        return [*self._workers, self._runner, self._control, *([self._claims] if self._claims in self._lives else [])]

    async def run(self, ready: asyncio.Event) -> None:
        """Until SIGTERM or SIGINT. `ready` is set when all workers have taken their first table."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload_soon)
        loop.add_signal_handler(signal.SIGUSR2, self._upgrade_soon)
        watch = Watch(self._configuration.file, time.monotonic)
        lives = self._lives
        self._guarding.stand(self._configuration.table, self._breaking.open)
        lives.update({worker: loop.create_task(worker.keep_alive()) for worker in self._workers})
        lives.update({each: loop.create_task(self._follow_workers(each)) for each in (self._runner, self._control)})
        changing = [
            loop.create_task(each) for each in (watch.follow(partial(self._reload, "the file changed")), self._expire())
        ]
        others = [
            *changing,
            *(loop.create_task(each) for each in (self._tell(), self._await_workers(ready), self._records.run())),
        ]
        try:
            await self._stopping.wait()
            for task in changing:  # a successor may have the say already
                task.cancel()
            await self._stop(lives)
        finally:
            everything = (*others, *self._tasks, *lives.values())
            for task in everything:
                task.cancel()
            await asyncio.gather(*everything, return_exceptions=True)
            await self._records.close()
            self._place.leave()

    async def _follow_workers(self, process: Process) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEAD_START):
                await asyncio.gather(*(worker.ready.wait() for worker in self._workers))
        await process.keep_alive()

    async def _await_workers(self, ready: asyncio.Event) -> None:
        await asyncio.gather(*(worker.ready.wait() for worker in self._workers), self._control.ready.wait())
        ready.set()
        self._guarding.pinned(self._configuration.table)
        await self._reload("what changed while it came up")

    async def _stop(self, lives: dict[Process, asyncio.Task[None]]) -> None:
        if self._succeeded:
            self._control.stop(GRACE)  # the successor's answers from now on
        else:
            self._leaving = True
            self._control.send(Status(self._document().to_json().decode()))
            await asyncio.sleep(self._plan.shutdown_delay)
        for listener in self._plan.listeners:
            listener.close()  # with the workers' own, so that a client is refused at once and not left waiting
        last = [process for process in (self._claims, self._control) if process in lives]
        for group, seconds in ((self._workers, DRAIN), ([self._runner], GRACE), (last, GRACE)):
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
            config_name=str(plan.configuration.file),
            document=plan.configuration.document,
            listeners=fds,
            channel=str(self._place.channel),
            store=plan.store,
            key_file=str(plan.key_file),
            connections=max(1, plan.configuration.table.limits.connections // plan.workers),
            version=plan.version,
            overrides=plan.configuration.overrides,
            workers=plan.workers,
            keep_seconds=plan.keep.seconds,
            keep_bytes=plan.keep.bytes,
            open=frozenset(plan.open),
            claims=str(socket_path(plan.store)),
            token_file=None if plan.token_file is None else str(plan.token_file),
        )
        return Process(role, index, start, self._heard, self._news.set)

    def _heard(self, process: Process, message: Message) -> None:
        match message:
            case Reading():
                self._totals.update(process.name, message.snapshot)
            case Ask():
                self._begin(self._answer(process, message))
            case Tripped():
                self._note(self._breaking.tripped(message.route, message.why))
            case Probed():
                self._note(self._breaking.probed(message.route, message.number, message.what))
            case Ready() if process is self._claims:
                self._guarding.came_up()
            case Ready():
                self._tell_breakers()

    def _note(self, event: Event | None) -> None:
        if event is not None:
            self._begin(self._changes.note_breaker(event.route, event.reason, opened=event.opened))
            self._news.set()

    def _tell_breakers(self) -> None:
        """Each worker hears what is open, and one of them of each probe."""
        standing, probes = self._breaking.open, self._breaking.probes
        self._guarding.stand(self._configuration.table, standing)
        for index, worker in enumerate(self._workers):
            mine = {route: number for route, number in probes.items() if number % len(self._workers) == index}
            worker.stand(standing, mine)

    async def _answer(self, process: Process, ask: Ask) -> None:
        if self._upgrading or self._stopping.is_set():
            process.send(busy(ask))
        else:
            process.send(await self._requests.answer(ask))
        self._news.set()

    def _reload_soon(self) -> None:
        self._begin(self._reload("SIGHUP"))

    async def _reload(self, by: str) -> None:
        await self._changes.reload(f"strangler: {by}")
        self._news.set()

    def _upgrade_soon(self) -> None:
        if not self._upgrading and not self._stopping.is_set():
            self._upgrading = True
            self._begin(self._upgrade())

    async def _upgrade(self) -> None:
        """Has a new supervisor, of the code that is there now, take over; then this one drains."""
        plan = self._plan
        try:
            successor = Successor(plan.listeners, plan.admin, environment(), tuple(self._breaking.open))
            _log.warning("upgrade: process %d is to take over", successor.pid)
            succeeded = await successor.carries_payments()
        except OSError as fault:
            succeeded = False
            _log.error("upgrade: no process could be started: %s", fault)
        if succeeded:
            self._guarding.hand_over()
            await self._changes.note_upgrade(successor.pid)
            self._succeeded = True
            self._stopping.set()
        else:
            _log.error("upgrade: the new process did not come to carry payments; this one goes on")
            self._upgrading = False

    async def _expire(self) -> None:
        """Ends overrides when their time is over, and gives out probes, until cancelled."""
        while True:
            await asyncio.sleep(STATUS_EVERY)
            try:
                await self._look_after()
            except Exception:  # noqa: BLE001  # what fails once must not end the overrides' ending and the probes
                _log.exception("overrides and breakers could not be looked after")

    async def _look_after(self) -> None:
        self._guarding.stand(self._configuration.table, self._breaking.open)
        self._breaking.tick()
        routes = frozenset(route.name for route in self._configuration.table.routes if route.breaker is not None)
        for event in self._breaking.keep(routes):
            self._note(event)
        if not self._upgrading:
            await self._changes.expire()

    def _begin_claims(self) -> None:
        if self._claims not in self._lives and not self._stopping.is_set():
            self._lives[self._claims] = asyncio.get_running_loop().create_task(self._claims.keep_alive())

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a change failed", exc_info=task.exception())

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
        configuration = self._configuration
        table = configuration.table
        stages = {route.name: route.stage for route in configuration.base.routes}
        self._registry.set(RELOADED, (), float(configuration.fault is None))
        for route in table.routes:
            if route.breaker is not None:
                self._registry.set(BREAKER_OPEN, (route.name,), float(route.name in self._breaking.open))
        self._totals.update("supervisor", self._registry.snapshot())
        return StatusDocument(
            version=self._plan.version,
            started_at=self._started_at,
            table=TableStatus(
                table.name, table.hash, configuration.loaded_at, configuration.base.hash, configuration.fault
            ),
            routes=tuple(_route_status(route, table.hash, stages[route.name]) for route in table.routes),
            overrides=tuple(map(_override_status, configuration.overrides)),
            is_leaving=self._leaving,
            pid=os.getpid(),
            processes=tuple(process.status for process in self._all),
            metrics=self._totals.snapshot(),
        )


def _route_status(route: Route, table_hash: str, file_stage: Stage) -> RouteStatus:
    weight = route.canary.weight if route.canary is not None and route.stage is Stage.CANARY else None
    return RouteStatus(
        route.name, route.stage, route.owner, route.legacy, route.candidate, table_hash, file_stage, weight, route.group
    )


def _override_status(override: Override) -> OverrideStatus:
    return OverrideStatus(
        *(override.subject, override.stage, override.weight, _moment(override.begins), _moment(override.ends)),
        *(override.by, override.reason, override.ticket),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
