"""One started process, as the supervisor sees it: started, heard, restarted when it dies, stopped.

Law of this file: a child that dies is started again, after 0.1 s at first and 5 s at most, until the supervisor stops.
"""

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

import proxy
from proxy.control.state import ProcessState, ProcessStatus, Role
from proxy.messages import System
from proxy.routing.override import Override
from proxy.runtime.link import Breakers, Certain, Link, Load, Message, Ready, Refused, Start, Stop

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
STEADY: Final = 10.0
CODE: Final = str(Path(proxy.__file__).parents[1])

_log = logging.getLogger(__name__)


class Process:
    """`start`: what it is told; `heard(process, message)`: its messages; `changed()`: its state is another."""

    def __init__(
        self,
        role: Role,
        index: int,
        start: Start,
        heard: Callable[["Process", Message], None],
        changed: Callable[[], None],
    ) -> None:
        self.role = role
        self.index = index
        self.name = f"{role.value}-{index}"
        self._start = start
        self._heard = heard
        self._changed = changed
        self._link: Link | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._state = ProcessState.DOWN
        self._restarts = 0
        self._table_hash: str | None = None
        self._started_at: datetime | None = None
        self._drain = 0.0
        self._stopping = asyncio.Event()
        self._taken = asyncio.Condition()
        self.ready = asyncio.Event()
        self.gone = asyncio.Event()

    @property
    def status(self) -> ProcessStatus:
        pid = self._process.pid if self._process is not None and self._state is not ProcessState.DOWN else None
        return ProcessStatus(
            self.role, self.index, pid, self._state, self._restarts, self._table_hash, self._started_at
        )

    async def keep_alive(self) -> None:
        """Runs the process again and again until `stop`."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            end = await self._run_once()
            self._become(ProcessState.DOWN)
            self.gone.set()
            if self._stopping.is_set():
                return
            if asyncio.get_running_loop().time() - began > STEADY:
                pause = FIRST_PAUSE
            _log.warning("%s %s; it is started again in %.1f s", self.name, end, pause)
            self._restarts += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            pause = min(pause * 2, LONGEST_PAUSE)
        self._become(ProcessState.DOWN)

    def send(self, message: Message) -> None:
        if self._link is not None:
            self._link.send(message)

    def load(self, document: bytes, overrides: tuple[Override, ...]) -> None:
        """Has the child take this table, and every child that follows it begin with it."""
        self._start = msgspec.structs.replace(self._start, document=document, overrides=overrides)
        self.send(Load(document, overrides))

    def stand(self, routes: frozenset[str], probes: dict[str, int]) -> None:
        """Have the child know whose breaker is open, and every child that follows it from its beginning."""
        self._start = msgspec.structs.replace(self._start, open=routes)
        self.send(Breakers(routes, probes))

    def certain(self, system: System | None) -> None:
        """Have the child know what is certain, and every child that follows it from its beginning."""
        if system is not self._start.certain:
            self._start = msgspec.structs.replace(self._start, certain=system)
            self.send(Certain(system))

    async def acknowledged(self, table_hash: str) -> None:
        """Waits until the child has taken this table, however long that takes."""
        async with self._taken:
            await self._taken.wait_for(lambda: self._table_hash == table_hash)

    def stop(self, drain: float) -> None:
        """Has the child end within `drain` seconds, also one that is being started, and no other follow it."""
        self._drain = drain
        self._stopping.set()
        self._become(ProcessState.DRAINING)
        self.send(Stop(drain))

    def kill(self) -> None:
        """For what has not ended in its time."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _run_once(self) -> str:
        """One life of the child; how it ended, in words."""
        try:
            ours, theirs = socket.socketpair()
        except OSError as fault:
            return f"cannot be started ({fault.strerror or fault})"
        with theirs:
            try:
                process = await self._spawn(theirs)
            except OSError as fault:
                ours.close()
                return f"cannot be started ({fault.strerror or fault})"
        self._process = process
        self._started_at = datetime.now(UTC)
        self._become(ProcessState.STARTING)
        link = self._link = await Link.over(ours)
        link.send(self._start)
        if self._stopping.is_set():
            link.send(Stop(self._drain))
        while (message := await link.receive()) is not None:
            await self._take(message)
        code = await process.wait()
        self._table_hash = None
        self.ready.clear()
        return f"ended with code {code}"

    async def _spawn(self, link: socket.socket) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "proxy.runtime", self.role.value, str(self.index), str(link.fileno())),
            stdin=asyncio.subprocess.DEVNULL,
            env=environment(),
            pass_fds=(link.fileno(), *self._start.listeners),
        )

    async def _take(self, message: Message) -> None:
        if isinstance(message, Ready):
            async with self._taken:
                self._table_hash = message.table_hash
                self._taken.notify_all()
            if not self._stopping.is_set():
                self._become(ProcessState.ACCEPTING if self.role is Role.WORKER else ProcessState.RUNNING)
            self.ready.set()
            self._heard(self, message)
        elif isinstance(message, Refused):
            _log.error("%s cannot take the new table, and goes on with the one before: %s", self.name, message.reason)
        else:
            self._heard(self, message)

    def _become(self, state: ProcessState) -> None:
        self._state = state
        self._changed()


def environment() -> dict[str, str]:
    """Ours, and the way to the code that this process runs: `-P` keeps what lies in the working directory out."""
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([CODE, *([known] if known else [])])}
