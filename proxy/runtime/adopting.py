"""How a child comes to the next table: it is told it as bytes, makes the table of them beside its work, and takes it
whole.

Law of this file: the table is made in a thread, so that no payment waits for it; it is put in place in one step; and
what cannot be made changes nothing, and is said. Of several that came meanwhile only the newest is made.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import Final

from proxy.config.certificates import CertificateFault
from proxy.routing.override import Override, overridden
from proxy.routing.packed import unpacked
from proxy.routing.table import RouteTable
from proxy.runtime.entry import Child
from proxy.runtime.link import Load, Message, Refused

_log = logging.getLogger(__name__)

SWITCH_INTERVAL: Final = 0.0005
"""Seconds after which the thread that makes a table gives the interpreter back to the payments."""


class Adopting:
    """Follows the tables of one child. `adopt` puts one in place; CertificateFault from it: it cannot be used."""

    def __init__(self, child: Child, adopt: Callable[[RouteTable], None]) -> None:
        self._child, self._adopt = child, adopt
        self._newest: Load | None = None
        self._came = asyncio.Event()
        self._document = b""
        self._base: RouteTable | None = None

    def first(self) -> RouteTable:
        """The table to begin with. Raises ValueError."""
        start = self._child.start
        return self._made(start.document, start.overrides)

    async def follow(self) -> None:
        """Until cancelled."""
        sys.setswitchinterval(SWITCH_INTERVAL)
        while True:
            await self._came.wait()
            self._came.clear()
            try:
                if self._newest is not None:
                    await self._take(self._newest)
            except Exception as fault:  # noqa: BLE001  # our own mistake with one table must not end the following of the next
                _log.exception("a table could not be put in place")
                self._child.link.send(Refused(repr(fault)))

    def hear(self, message: Message) -> None:
        if isinstance(message, Load):
            self._newest = message
            self._came.set()

    async def _take(self, load: Load) -> None:
        try:
            table = await asyncio.to_thread(self._made, load.document, load.overrides)
            self._adopt(table)
        except (ValueError, CertificateFault) as fault:
            self._child.link.send(Refused(str(fault)))
        else:
            self._child.ready(table.hash)

    def _made(self, document: bytes, overrides: tuple[Override, ...]) -> RouteTable:
        """The table of a file, made once, with overrides over it. Raises ValueError."""
        if self._base is None or document != self._document:
            self._base, self._document = unpacked(document), document
        return overridden(self._base, overrides)
