"""The worker's side of the claims service: bids go out, answers come back, and no payment's loop waits.

Law of this file: a bidder is answered exactly once, within PATIENCE. What the service has not answered is kept and said
again on the next connection, in order, so that no ending is lost while this worker lives. While the service cannot be
reached, a bid is decided here only if it could not have been decided otherwise (`certain`), and its request waits until
that is on this machine's disk.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol, cast

from msgspec.structs import replace

from proxy.claims.journal import Journal
from proxy.claims.words import (
    Bid,
    Bound,
    Denial,
    Denied,
    Done,
    Ending,
    FrameError,
    Frames,
    Granted,
    Hello,
    Own,
    Ref,
    Reply,
    Said,
    Settled,
    frame,
    reply,
)
from proxy.messages import System

PATIENCE: Final = 2.0
"""Seconds that a bid waits for the service, if nothing else can decide it."""
SOON: Final = 0.25
"""Seconds after which a bid that is certain anyway waits no longer."""
MOST: Final = 50_000
"""Messages that wait to be answered; beyond, bids are denied."""
LOOK_EVERY: Final = 0.05
FIRST_PAUSE: Final = 0.02
LAST_PAUSE: Final = 0.5

ALONE, DENIED, LOST = "alone", "unreachable", "lost"
"""What is counted."""

_log = logging.getLogger(__name__)


class Bidder(Protocol):
    """Who waits for an answer."""

    def granted(self, grant: Granted) -> None: ...
    def denied(self, why: Denial) -> None: ...


class Creator(Protocol):
    """Who waits until what it has created is known to be its system's."""

    def owned(self) -> None: ...


class Waiting:
    """One message whose sender waits, since a moment of the loop's clock."""

    __slots__ = ("message", "sender", "since")

    def __init__(self, message: Bid | Own, sender: Bidder | Creator, since: float) -> None:
        self.message, self.sender, self.since = message, sender, since


class ClaimsClient:
    """`path`: of the service's socket; `life`: of this worker; `counted(what)` is told what happened. To be used in one
    event loop. `certain`: the system that every keyed write has had for as long as a pin lasts, None if that cannot be
    said.
    """

    def __init__(self, path: Path, life: str, journal: Journal, counted: Callable[[str], None]) -> None:
        self.certain: System | None = None
        self._path, self._life, self._journal, self._counted = str(path), life, journal, counted
        self._number = 0
        self._unanswered: dict[int, Said] = {}
        self._senders: dict[int, Waiting] = {}
        self._journalled: set[int] = set()
        self._link: Link | None = None
        self._pause = FIRST_PAUSE
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = self._writing = False

    @property
    def connected(self) -> bool:
        return self._link is not None

    @property
    def alone(self) -> int:
        """Claims made here that the service does not have yet."""
        return len(self._journalled)

    def start(self) -> None:
        """To be called in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._connect())

    def bid(self, bid: Bid, bidder: Bidder) -> Bid:
        """The bid with its number; the bidder is answered later."""
        if len(self._unanswered) >= MOST:
            self._counted(LOST)
            self._loop.call_soon(bidder.denied, Denial.UNREACHABLE)
            return bid
        numbered = replace(bid, number=self._next())
        self._ask(numbered, bidder)
        return numbered

    def own(self, refs: tuple[Ref, ...], grant: Granted, creator: Creator) -> None:
        """These entities were created by the system of a grant; the creator is told once that is on disk, here or
        there.
        """
        self._ask(Own(self._next(), refs, grant.system, grant.backend), creator)

    def _ask(self, message: Bid | Own, sender: Bidder | Creator) -> None:
        self._senders[message.number] = Waiting(message, sender, self._loop.time())
        self._say(message)
        self._look_soon(0.0 if self._link is None else SOON)

    def withdraw(self, bid: Bid) -> None:
        """Its bidder does not wait any more, and has sent nothing."""
        if self._senders.pop(bid.number, None) is not None:
            self._let_go(bid)

    def settle(self, bid: Bid, grant: Granted, ending: Ending, body: str = "", detail: str = "") -> None:
        """What became of the request, also of one that had no key to bid with."""
        bid = bid if bid.number else replace(bid, number=self._next())
        self._say(Settled(self._next(), bid, grant.system, grant.backend, ending, body, detail))

    async def close(self, grace: float = 2.0) -> None:
        """Waits until the service has all, for `grace` seconds at most, and disconnects."""
        until = self._loop.time() + grace
        while self._unanswered and self._loop.time() < until:
            await asyncio.sleep(LOOK_EVERY)
        self._closed = True
        if self._task is not None:
            self._task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        if self._link is not None:
            self._link.end()

    def opened(self, link: "Link") -> None:
        """The service is there: it is told all that it has not answered."""
        self._link, self._pause = link, FIRST_PAUSE
        link.write(b"".join([frame(Hello(self._life)), *map(frame, self._unanswered.values())]))

    def heard(self, answer: Reply) -> None:
        self._unanswered.pop(answer.number, None)
        self._answered(answer.number)
        waiting = self._senders.pop(answer.number, None)
        if waiting is not None:
            _tell(waiting, answer)

    def lost(self) -> None:
        """The service is not there any more."""
        self._link = None
        if self._closed:
            return
        self._task = self._loop.create_task(self._connect())
        if self._senders:
            self._look_soon(0.0)

    async def _connect(self) -> None:
        while True:
            try:
                await self._loop.create_unix_connection(lambda: Link(self), self._path)
                return
            except OSError:
                await asyncio.sleep(self._pause)
                self._pause = min(self._pause * 2, LAST_PAUSE)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _say(self, message: Bid | Settled | Own) -> None:
        self._unanswered[message.number] = message
        if self._link is not None:
            self._link.write(frame(message))

    def _let_go(self, bid: Bid) -> None:
        backend = bid.backend(bid.system) or ""
        self._say(Settled(self._next(), bid, bid.system, backend, Ending.UNSENT))

    def _look_soon(self, seconds: float) -> None:
        if self._timer is None and not self._closed:
            self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Decides or denies what has waited long enough."""
        self._timer = None
        now = self._loop.time()
        alone = [each for each in self._senders.values() if self._may_decide(each, now)] if not self._writing else []
        for waiting in [each for each in self._senders.values() if each.since + PATIENCE <= now]:
            if not self._may_decide(waiting, now):
                self._deny(waiting)
        if alone:
            self._writing = True
            self._deciding = self._loop.create_task(self._decide(alone))
        if self._senders:
            self._look_soon(LOOK_EVERY)

    def _may_decide(self, waiting: Waiting, now: float) -> bool:
        message = waiting.message
        if isinstance(message, Bid) and not self._is_certain(message):
            return False
        return self._link is None or waiting.since + SOON <= now

    def _is_certain(self, bid: Bid) -> bool:
        """Whether nobody could decide otherwise."""
        known = bid.system is self.certain and bid.backend(bid.system) is not None
        return known and all(ref.unknown is self.certain for ref in bid.refs)

    async def _decide(self, alone: list[Waiting]) -> None:
        bound = [_bound(waiting.message) for waiting in alone]
        try:
            await self._loop.run_in_executor(None, self._journal.write, bound)
        except OSError as fault:
            _log.error("claims cannot be kept on this machine: %s", fault)
            bound.clear()
        finally:
            self._writing = False
        for message in bound:
            self._take(message)
        for waiting in alone:
            if not bound and self._senders.get(waiting.message.number) is waiting:
                self._deny(waiting)
        self._answered(0)

    def _take(self, message: Bid | Own) -> None:
        """It is on disk; unless the service was faster, it is decided."""
        if message.number in self._unanswered:
            self._journalled.add(message.number)
            self._unanswered[message.number] = message
        waiting = self._senders.pop(message.number, None)
        if waiting is not None:
            self._counted(ALONE)
            _tell(waiting, _as_planned(message))

    def _deny(self, waiting: Waiting) -> None:
        """A bidder is told to send nothing; what was created is there already, and is told until somebody hears it."""
        del self._senders[waiting.message.number]
        self._counted(DENIED)
        if isinstance(waiting.message, Bid):
            self._let_go(waiting.message)
        _tell(waiting, Denied(waiting.message.number, Denial.UNREACHABLE))

    def _answered(self, number: int) -> None:
        """The service has one more; when it has all that was decided here, the journal is no longer needed."""
        self._journalled.discard(number)
        if not self._journalled and not self._writing and self._journal.size:
            self._journal.clear()


def _bound(message: Bid | Own) -> Bid | Own:
    return replace(message, is_bound=True) if isinstance(message, Bid) else message


def _as_planned(message: Bid | Own) -> Reply:
    if isinstance(message, Own):
        return Done(message.number)
    return Granted(message.number, message.system, message.backend(message.system) or "", Bound.PLAN)


def _tell(waiting: Waiting, answer: Reply) -> None:
    sender: Any = waiting.sender
    if isinstance(waiting.message, Own):
        sender.owned()
    elif isinstance(answer, Granted):
        sender.granted(answer)
    elif isinstance(answer, Denied):
        sender.denied(answer.why)


class Link(asyncio.Protocol):
    """One connection to the service."""

    def __init__(self, client: ClaimsClient) -> None:
        self._client = client
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are of no class of asyncio's
        self._client.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._client.lost()

    def data_received(self, data: bytes) -> None:
        try:
            for payload in self._frames.take(data):
                self._client.heard(reply(payload))
        except FrameError as fault:
            _log.error("the claims service says what cannot be understood: %s", fault)
            self.end()

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def end(self) -> None:
        if self._transport is not None:
            self._transport.abort()
