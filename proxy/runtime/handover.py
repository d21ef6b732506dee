"""An upgrade without a gap: a new supervisor is started with the listening sockets of the old one; when it carries
payments it says so, and the old one drains.

Law of this file: the sockets are never closed in between, so a connection that comes meanwhile waits in the kernel's
line for whoever accepts next. A successor that does not come up is ended, and nothing has changed.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Final

import msgspec

from proxy.runtime.sockets import EnvironmentFault

VARIABLE: Final = "STRANGLER_HANDOVER"
PATIENCE: Final = 60.0
"""Seconds that a successor gets to carry payments."""
_READY: Final = b"\x01"


class _Handed(msgspec.Struct, frozen=True):
    """File descriptors. `ready`: where the successor says that it carries payments; `open`: routes whose breaker is."""

    listeners: tuple[int, ...]
    admin: int
    ready: int
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What a successor begins with."""

    listeners: tuple[socket.socket, ...]
    admin: socket.socket
    ready: int
    open: tuple[str, ...] = ()

    def say_ready(self) -> None:
        """Tell the predecessor that payments are carried; one that has gone meanwhile needs not be told."""
        with contextlib.suppress(OSError):
            os.write(self.ready, _READY)
        os.close(self.ready)


def inherited(environ: MutableMapping[str, str]) -> Inheritance | None:
    """What was handed over to this process, if anything was; it is taken out of the environment. EnvironmentFault if it
    cannot be used.
    """
    text = environ.pop(VARIABLE, None)
    if text is None:
        return None
    try:
        handed = msgspec.json.decode(text, type=_Handed)
        listeners = tuple(socket.socket(fileno=fd) for fd in handed.listeners)
        os.set_inheritable(handed.ready, False)
        return Inheritance(listeners, socket.socket(fileno=handed.admin), handed.ready, handed.open)
    except (msgspec.MsgspecError, OSError) as fault:
        raise EnvironmentFault(f"{VARIABLE} is not what a strangler hands over: {fault}. Unset it.") from None


class Successor:
    """A new supervisor, started with our command line and our sockets. OSError if it cannot be started."""

    def __init__(
        self,
        listeners: tuple[socket.socket, ...],
        admin: socket.socket,
        environ: dict[str, str],
        open_routes: tuple[str, ...] = (),
    ) -> None:
        self._ours, theirs = os.pipe()
        handed = _Handed(tuple(each.fileno() for each in listeners), admin.fileno(), theirs, open_routes)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "proxy", *sys.argv[1:]],
                stdin=subprocess.DEVNULL,
                env={**environ, VARIABLE: msgspec.json.encode(handed).decode()},
                pass_fds=(*handed.listeners, handed.admin, theirs),
            )
        except OSError:
            os.close(self._ours)
            raise
        finally:
            os.close(theirs)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def carries_payments(self) -> bool:
        """Whether it has come up, within PATIENCE seconds; if not, it is ended."""
        loop = asyncio.get_running_loop()
        said: asyncio.Future[bytes] = loop.create_future()

        def read() -> None:
            if not said.done():
                said.set_result(os.read(self._ours, 1))

        loop.add_reader(self._ours, read)
        try:
            async with asyncio.timeout(PATIENCE):
                came = await said
        except TimeoutError:
            came = b""
        except asyncio.CancelledError:  # we are told to end, and so is it
            self._process.terminate()
            raise
        finally:
            loop.remove_reader(self._ours)
            os.close(self._ours)
        if came != _READY:
            await self._end()
        return came == _READY

    async def _end(self) -> None:
        self._process.terminate()
        try:
            await asyncio.to_thread(self._process.wait, 10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
