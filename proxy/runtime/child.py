"""One started process, as the supervisor sees it: started, heard, restarted when it dies, stopped.

Law of this file: a child that dies is started again, after 0.1 s at first and 5 s at most, until the supervisor stops.
"""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from proxy.control.state import ProcessState, ProcessStatus, Role
from proxy.runtime.link import Link, Message, Reading, Ready, Start, Stop

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
STEADY: Final = 10.0

_log = logging.getLogger(__name__)


class Process:
    """`start`: what it is told; `heard(process, message)`: its messages; `changed()`: its state is another."""

    def __init__(
        self,
        role: Role,
        index: int,
        start: Start,
        heard: Callable[["Process", Reading], None],
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
        self._stopping = False
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
        while not self._stopping:
            began = asyncio.get_running_loop().time()
            code = await self._run_once()
            self.gone.set()
            if self._stopping:
                break
            lived = asyncio.get_running_loop().time() - began
            pause = FIRST_PAUSE if lived > STEADY else min(pause * 2, LONGEST_PAUSE)
            _log.warning("%s ended with code %s; it is started again in %.1f s", self.name, code, pause)
            self._restarts += 1
            await asyncio.sleep(pause)
        self._become(ProcessState.DOWN)

    def send(self, message: Message) -> None:
        if self._link is not None:
            self._link.send(message)

    def stop(self, drain: float) -> None:
        self._stopping = True
        self._become(ProcessState.DRAINING)
        self.send(Stop(drain))

    def kill(self) -> None:
        """For what has not ended in its time."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _run_once(self) -> int:
        ours, theirs = socket.socketpair()
        self._become(ProcessState.STARTING)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "proxy.runtime", self.role.value, str(self.index), str(theirs.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), *self._start.listeners),
            )
        finally:
            theirs.close()
        self._started_at = datetime.now(UTC)
        self._link = await Link.over(ours)
        self._link.send(self._start)
        while (message := await self._link.receive()) is not None:
            self._take(message)
        code = await self._process.wait()
        self._table_hash = None
        self.ready.clear()
        self._become(ProcessState.DOWN)
        return code

    def _take(self, message: Message) -> None:
        if isinstance(message, Ready):
            self._table_hash = message.table_hash
            if not self._stopping:
                self._become(ProcessState.ACCEPTING if self.role is Role.WORKER else ProcessState.RUNNING)
            self.ready.set()
        elif isinstance(message, Reading):
            self._heard(self, message)

    def _become(self, state: ProcessState) -> None:
        self._state = state
        self._changed()
