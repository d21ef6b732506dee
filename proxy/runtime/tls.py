"""TLS that follows its files: certificates are renewed while connections stay up.

Law of this file: a handshake that begins takes the newest files that could be used, all of one look; what is open is
not touched. Files that cannot be used change nothing, and that is said once.
"""

import asyncio
import hashlib
import logging
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final
from weakref import WeakSet

from proxy.config.certificates import CertificateFault, client_context, files, read, server_context
from proxy.routing.table import Backend, RouteTable

LOOK_EVERY: Final = 5.0
"""Seconds. Kubernetes swaps links and others rename or write in place; reading small files sees all of that."""
HANDSHAKE: Final = 10.0
MAX_HANDSHAKES: Final = 4096
"""Handshakes at once on one listener of one worker; about 48 KiB each. They are no connections yet, and take no place
of one; beyond, the next is closed at once.
"""
FLUSH: Final = 30.0
"""Seconds that a client has to take what was written before its connection was closed."""

_log = logging.getLogger(__name__)


class Session(ssl.SSLObject):
    """One connection's TLS, with two habits that asyncio's has not. `shaking`: those whose handshake is not over."""

    outgoing: ssl.MemoryBIO
    shaking: WeakSet["Session"]
    refused: ssl.SSLError | None = None

    def do_handshake(self) -> None:
        """A client that is refused is told why, by an alert: one more turn, in which the loop sends what there is."""
        if self.refused is not None:
            raise self.refused
        try:
            super().do_handshake()
        except ssl.SSLWantReadError:
            raise
        except ssl.SSLError as fault:
            if not self.server_side or not self.outgoing.pending:
                raise
            self.refused = fault
            raise ssl.SSLWantReadError from fault
        self.shaking.discard(self)

    def unwrap(self) -> None:
        """Says goodbye and does not wait for the other side's (RFC 8446, section 6.1): a client that keeps its
        connection idle does not read, and a drain would wait for it.
        """
        unsent = self.outgoing.pending
        try:
            super().unwrap()
        except ssl.SSLWantReadError:
            if unsent:  # the loop would close the connection before this is out
                raise


class Renewable(ssl.SSLContext):
    """Stands for `newest`, whichever that is when a handshake begins. (To load new files into a context in use would
    leave half of a broken pair in it, and would keep a CA that was taken out.)
    """

    newest: ssl.SSLContext
    shaking: WeakSet[Session]
    bound: int

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        made = self.newest.wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        assert isinstance(made, Session)
        made.outgoing, made.shaking = outgoing, self.shaking
        if len(self.shaking) < self.bound:
            self.shaking.add(made)
        else:
            made.refused = ssl.SSLError(f"{self.bound} handshakes are under way")
        return made


class Followed:
    """A context, the files that it is made of, and what they held when they were last looked at.

    Raises CertificateFault if there is no first context.
    """

    def __init__(self, name: str, paths: tuple[Path, ...], make: Callable[[], ssl.SSLContext]) -> None:
        self.context = Renewable(ssl.PROTOCOL_TLS_CLIENT)  # by itself it verifies, and trusts nobody
        self.context.shaking, self.context.bound = WeakSet(), MAX_HANDSHAKES
        self.fits = True
        self.paths = paths
        self._name = name
        self._make = make
        self._held = _held(paths)
        self._renew()

    def look(self) -> None:
        """Takes what the files hold now, if that is new and can be used."""
        held = _held(self.paths)
        if held == self._held:
            return
        self._held = held
        try:
            self._renew()
        except CertificateFault as fault:
            self.fits = False
            _log.error("tls of %s: %s: %s; the files before stay in use", self._name, fault.field, fault)
        else:
            self.fits = True
            _log.info("tls of %s: new files are in use", self._name)

    def _renew(self) -> None:
        newest = self._make()
        newest.sslobject_class = Session
        self.context.newest = newest


class Contexts:
    """All of one process: one for each listener that has TLS, one for each backend with an https URL."""

    def __init__(self, table: RouteTable, folder: Path, *, listening: bool) -> None:
        served = {
            place: Followed(f"listener {place}", files(each.tls, folder), partial(server_context, each.tls, folder))
            for place, each in enumerate(table.listeners if listening else ())
            if each.tls is not None
        }
        asked = {name: _asked(name, each, folder) for name, each in table.backends.items() if each.scheme == "https"}
        self._folder = folder
        self.listeners = [served[place].context if place in served else None for place in range(len(table.listeners))]
        self._served, self._asked = served, asked

    @property
    def backends(self) -> dict[str, ssl.SSLContext]:
        """By backend name, of those with an https URL."""
        return {name: followed.context for name, followed in self._asked.items()}

    def prepared(self, table: RouteTable) -> dict[str, Followed]:
        """The contexts of this table's backends, for `adopt`; those that have not changed are kept.

        Raises CertificateFault, and nothing has happened.
        """
        wanted = {name: each for name, each in table.backends.items() if each.scheme == "https"}
        return {name: self._context_of(name, each) for name, each in wanted.items()}

    def adopt(self, asked: dict[str, Followed]) -> None:
        self._asked = asked

    def _context_of(self, name: str, backend: Backend) -> Followed:
        known = self._asked.get(name)
        if known is not None and known.paths == files(backend.tls, self._folder):
            return known
        return _asked(name, backend, self._folder)

    @property
    def _followed(self) -> list[Followed]:
        return [each for each in (*self._served.values(), *self._asked.values()) if each.paths]

    async def follow(self, tell: Callable[[bool], None], every: float = LOOK_EVERY) -> None:
        """Looks at the files until cancelled, in a thread, since a disk may be slow; `tell`: whether all are in use."""
        while True:
            if self._followed:
                tell(all(each.fits for each in self._followed))
            await asyncio.sleep(every)
            for each in self._followed:
                await asyncio.to_thread(each.look)


def _asked(name: str, backend: Backend, folder: Path) -> Followed:
    make = partial(client_context, backend.tls, folder)
    return Followed(f"backend {name}", files(backend.tls, folder), make)


def _held(paths: tuple[Path, ...]) -> bytes:
    """A digest of what the files hold, or of why that cannot be said."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            content = read(path, "")
        except CertificateFault as fault:
            content = str(fault).encode()
        digest.update(hashlib.sha256(content).digest())
    return digest.digest()
