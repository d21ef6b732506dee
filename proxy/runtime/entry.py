"""What every child does first: `python -m proxy.runtime ROLE INDEX LINK-FD`.

Law of this file: a child is told everything over its link and reads no option of its own. It ends when it is told to,
when it gets SIGTERM, or when its link ends; SIGINT, SIGHUP and SIGUSR2 are the supervisor's alone.
"""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from proxy.runtime.link import Link, Message, Reading, Ready, Start, Stop
from proxy.telemetry import logs
from proxy.telemetry.registry import Registry

RELOADED: Final = "strangler_config_last_reload_successful"
READING_EVERY: Final = 0.5
ORPHAN_DRAIN: Final = 5.0


class Child:
    """A child's own view of its life: `stopping` is set when it has to end, `drain` then says how long it may take."""

    def __init__(self, link: Link, start: Start, registry: Registry, name: str) -> None:
        self.link = link
        self.start = start
        self.registry = registry
        self.name = name
        self.stopping = asyncio.Event()
        self.drain = ORPHAN_DRAIN
        self.before_reading: Callable[[], None] = lambda: None
        self.on_message: Callable[[Message], None] = lambda message: None

    def ready(self, table_hash: str | None) -> None:
        self.link.send(Ready(table_hash))

    def reloaded(self, successfully: bool) -> None:
        self.registry.set(RELOADED, (), float(successfully))

    def stop(self, drain: float) -> None:
        self.drain = drain
        self.stopping.set()

    async def report(self) -> None:
        """Sends what was counted, twice a second, until cancelled."""
        while True:
            await asyncio.sleep(READING_EVERY)
            self.report_once()

    def report_once(self) -> None:
        self.before_reading()
        self.link.send(Reading(self.registry.snapshot()))


async def live(role: str, index: int, link_fd: int, work: Callable[[Child], Awaitable[None]]) -> None:
    """Runs `work` from the first message to the last."""
    logs.configure(f"{role}-{index}")
    link = await Link.over(socket.socket(fileno=link_fd))
    start = await link.receive()
    if not isinstance(start, Start):
        return
    child = Child(link, start, Registry(), f"{role}-{index}")
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, lambda: child.stop(30.0))
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR2):  # the supervisor's alone, also from a terminal
        signal.signal(number, signal.SIG_IGN)
    tasks = [loop.create_task(_listen(child)), loop.create_task(child.report())]
    try:
        await work(child)
    finally:
        child.report_once()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        link.close()


async def _listen(child: Child) -> None:
    while True:
        message = await child.link.receive()
        if message is None:
            child.stop(ORPHAN_DRAIN)
            return
        if isinstance(message, Stop):
            child.stop(message.drain)
        else:
            child.on_message(message)
