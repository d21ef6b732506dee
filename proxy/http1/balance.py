"""Which of a backend's addresses is asked next: in turn, past those that rest or are down.

Law of this file: health only chooses, it never refuses: where no address is healthy, all are asked in turn. No socket
and no clock: times are seconds on a clock that is passed in, addresses are numbers from 0.

An address rests after FAILURES requests in a row to which no byte of an answer came. When its rest is over, one request
at a time goes to it as a probe; a probe that fails doubles the rest, an answer ends it.
"""

from typing import Final

FAILURES: Final = 5
SHORTEST_REST: Final = 1.0
LONGEST_REST: Final = 30.0
LONGEST_PROBE: Final = 30.0
"""Seconds after which a probe that was never heard of again is no probe any more."""


class Balancer:
    """The standing of `count` addresses, at least one."""

    def __init__(self, count: int) -> None:
        self._turn = 0
        self._standings = [Standing() for _ in range(count)]

    def choose(self, now: float, busy: list[int]) -> int:
        """The address for one more request. `busy`: requests that each has in flight; of the two next in turn the one
        with fewer is taken.
        """
        first = second = -1
        for each in self._in_turn():
            standing = self._standings[each]
            if standing.healthy and first >= 0:
                second = each
                break
            if first < 0 and standing.open(now):
                first = each
        if first < 0:
            return self._take(self._turn, now)
        if second >= 0 and self._standings[first].healthy and busy[second] < busy[first]:
            first = second
        return self._take(first, now)

    def healthy(self, address: int) -> bool:
        """Whether it neither rests nor is down."""
        return self._standings[address].healthy

    def troubled(self, address: int) -> bool:
        """Whether an answer from it would change anything."""
        standing = self._standings[address]
        return standing.failures > 0 or standing.rest > 0.0

    def answered(self, address: int) -> None:
        """A byte of an answer came."""
        standing = self._standings[address]
        standing.failures = 0
        standing.rest = standing.until = 0.0
        standing.probed = False

    def failed(self, address: int, now: float) -> None:
        """There was no connection, or no byte of an answer came. Those that were sent before a rest do not prolong
        it.
        """
        standing = self._standings[address]
        standing.failures += 1
        if standing.probed:
            standing.begin_rest(min(standing.rest * 2, LONGEST_REST), now)
        elif standing.rest == 0.0 and standing.failures >= FAILURES:
            standing.begin_rest(SHORTEST_REST, now)

    def let_go(self, address: int, now: float) -> None:
        """A request ended before anything was known: if it was the probe, another may be one at once."""
        standing = self._standings[address]
        if standing.probed:
            standing.probed = False
            standing.until = now

    def heard(self, address: int, healthy: bool) -> None:
        """What an active check says. A good one ends the waiting, not the rest: the next request is the probe."""
        standing = self._standings[address]
        standing.down = not healthy
        if healthy and standing.rest > 0.0 and not standing.probed:
            standing.until = 0.0

    def _in_turn(self) -> list[int]:
        count = len(self._standings)
        return [(self._turn + step) % count for step in range(count)]

    def _take(self, address: int, now: float) -> int:
        standing = self._standings[address]
        if standing.rest > 0.0 and standing.until <= now:
            standing.probed = True
            standing.until = now + LONGEST_PROBE
        self._turn = (address + 1) % len(self._standings)
        return address


class Standing:
    """What is known of one address. `rest`: seconds of its rest, 0 for none; `until`: when it, or its probe, ends."""

    def __init__(self) -> None:
        self.failures = 0
        self.rest = 0.0
        self.until = 0.0
        self.probed = False
        self.down = False

    @property
    def healthy(self) -> bool:
        return self.rest == 0.0 and not self.down

    def open(self, now: float) -> bool:
        """Whether a request may go to it: it is healthy, or a probe is due."""
        return not self.down and (self.rest == 0.0 or self.until <= now)

    def begin_rest(self, seconds: float, now: float) -> None:
        self.rest = seconds
        self.until = now + seconds
        self.probed = False
