"""Exchanges that touch one thing go one after the other, in the order in which the primary answered them.

Law of this file: who touches nothing in common goes at the same time. Exchanges come from several workers, each in its
own time, so one is held back until WINDOW seconds after its answer; one that comes even later than that, when a later
one has gone before it, is told so. Waiting is bounded in time and number.

How a thing is touched: it is looked at, or something is made of it, both of which many may do at a time; or it is
changed, which is done alone. Looking and making keep their order too: a list that a caller reads shows what it made.
"""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from typing import Final, TypeAlias

WINDOW: Final = 0.1
"""Seconds after the primary's answer within which an earlier exchange may still come from another worker."""
MOST: Final = 1000
"""Exchanges that wait for one thing."""
REMEMBERED: Final = 100_000
"""Things of which it is known when one last went."""


class Touch(Enum):
    """How an exchange touches a thing."""

    LOOK = 1
    MAKE = 2
    CHANGE = 3


class Overtaken(Exception):
    """One that the primary answered later has gone before."""


class Crowded(Exception):
    """Too many wait, or it took too long."""


Touches: TypeAlias = Mapping[Hashable, Touch]


class Ticket:
    """One exchange in line. `at`: Unix seconds of the primary's answer."""

    __slots__ = ("at", "ended", "going", "number", "touches")

    def __init__(self, at: float, number: int, touches: Touches) -> None:
        self.at, self.number, self.touches = at, number, touches
        self.going = False
        self.ended = asyncio.get_running_loop().create_future()

    def is_before(self, other: "Ticket") -> bool:
        return (self.at, self.number) < (other.at, other.number)


class Sequence:
    """The lines of all things. `clock`: Unix seconds, as the exchanges have them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lines: dict[Hashable, list[Ticket]] = {}
        self._last: dict[Hashable, tuple[float, Touch]] = {}
        self._number = 0

    def __len__(self) -> int:
        """How many things have a line."""
        return len(self._lines)

    async def enter(self, at: float, touches: Touches, patience: float) -> Ticket:
        """Wait for one's turn, for which `leave` must be called. Raises Overtaken, or Crowded after `patience` seconds
        or at once where too many wait; then there is nothing to leave.
        """
        ticket = self._line_up(at, touches)
        try:
            async with asyncio.timeout(patience):
                await self._held(at)
                while (earlier := self._in_the_way(ticket)) is not None:
                    await asyncio.wait([earlier.ended])
        except TimeoutError:
            self.leave(ticket)
            raise Crowded from None
        except BaseException:
            self.leave(ticket)
            raise
        if self._is_overtaken(ticket):
            self.leave(ticket)
            raise Overtaken
        self._go(ticket)
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """The exchange has ended: the next may go."""
        for thing in ticket.touches:
            line = self._lines[thing]
            line.remove(ticket)
            if not line:
                del self._lines[thing]
        if not ticket.ended.done():
            ticket.ended.set_result(None)

    def _line_up(self, at: float, touches: Touches) -> Ticket:
        if any(len(self._lines.get(thing, ())) >= MOST for thing in touches):
            raise Crowded
        self._number += 1
        ticket = Ticket(at, self._number, touches)
        for thing in touches:
            self._lines.setdefault(thing, []).append(ticket)
        return ticket

    async def _held(self, at: float) -> None:
        """Until nothing that was answered before can be expected any more; never longer than the window."""
        wait = min(at + WINDOW - self._clock(), WINDOW)
        if wait > 0:
            await asyncio.sleep(wait)

    def _in_the_way(self, ticket: Ticket) -> Ticket | None:
        for thing, touch in ticket.touches.items():
            for other in self._lines[thing]:
                first = other is not ticket and (other.going or other.is_before(ticket))
                if first and _conflict(touch, other.touches[thing]):
                    return other
        return None

    def _is_overtaken(self, ticket: Ticket) -> bool:
        last = self._last
        for thing, touch in ticket.touches.items():
            before = last.get(thing)
            if before is not None and before[0] > ticket.at and _conflict(touch, before[1]):
                return True
        return False

    def _go(self, ticket: Ticket) -> None:
        ticket.going = True
        for thing, touch in ticket.touches.items():
            before = self._last.pop(thing, None)
            newer = before is None or before[0] <= ticket.at or touch is Touch.CHANGE
            self._last[thing] = (ticket.at, touch) if newer or before is None else before
        while len(self._last) > REMEMBERED:
            del self._last[next(iter(self._last))]


def _conflict(one: Touch, other: Touch) -> bool:
    return one is Touch.CHANGE or one is not other
