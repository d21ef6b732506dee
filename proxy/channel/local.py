"""The worker's end of the channel on one machine: LocalSender, beside the payment path.

Law of this file: `offer` takes an exchange or drops it and counts why; it never waits, never raises, and never writes
to the socket itself. What waits is bounded in bytes. When the runner dies, what waits is dropped and counted. What the
kernel had already taken by then is lost unseen: a report tells it as the gap between `taken` and what was stored.
"""

from pathlib import Path
from time import time

from proxy.channel.codec import MAX_FRAME, CodecError, encode
from proxy.channel.link import Link
from proxy.channel.outbox import Outbox
from proxy.channel.peer import check_length
from proxy.channel.tally import Tally
from proxy.messages import Exchange, Response

DOWN, FULL, TOO_LARGE, UNENCODABLE = "channel-down", "channel-full", "too-large", "unencodable"


class LocalSender:
    """Offers exchanges to the runner that listens on `path`; to be used in one event loop only.

    `taken` counts the exchanges accepted and `dropped` those given up, by reason; one that was accepted and then lost
    with its connection is in both, and in `lost`. `lost_write_at`: Unix time of the last of them that was or may have
    been a write, as its plan says, 0 for none. OSError from the constructor if the path is too long for a socket.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int = 8 * 1024 * 1024,
        max_frame: int = MAX_FRAME,
        batch_seconds: float = 0.02,
        batch_bytes: int = 64 * 1024,
    ) -> None:
        check_length(path)
        self.taken = 0
        self.lost = 0
        self.lost_write_at = 0.0
        self._took_write = False
        self.dropped: dict[str, int] = {DOWN: 0, FULL: 0, TOO_LARGE: 0, UNENCODABLE: 0}
        self._max_frame = max_frame
        self._outbox = Outbox(max_bytes)
        self._link = Link(path, self._outbox, self._on_lost, batch_seconds, batch_bytes)

    @property
    def connected(self) -> bool:
        """Whether a receiver is there and has accepted us."""
        return self._link.up

    @property
    def buffered(self) -> int:
        """Bytes of exchanges that wait to be written; never above `max_bytes`."""
        return self._outbox.size

    def start(self) -> None:
        """Connect, now or as soon as a receiver is there. To be called in the running event loop."""
        self._link.start()

    def offer(self, exchange: Exchange) -> bool:
        """Take the exchange, or count in `dropped` why not."""
        refusal = self._take(exchange)
        if refusal is None:
            self.taken += 1
            self._link.nudge()
            return True
        if exchange.plan.writes:
            self.lost_write_at = time()
        return self._drop(refusal)

    def _take(self, exchange: Exchange) -> str | None:
        """Put it in the outbox; or why not."""
        if not self._link.up:
            return DOWN
        if _body_bytes(exchange) > self._max_frame:
            return TOO_LARGE
        try:
            frame = encode(exchange)
        except CodecError:
            return UNENCODABLE
        if len(frame) > self._max_frame:
            return TOO_LARGE
        if not self._outbox.put(frame):
            return FULL
        if exchange.plan.writes:
            self._took_write = True
        return None

    def send_tally(self, tally: Tally) -> None:
        """Send these counts with the next batch, in place of older ones; sent again after each reconnect."""
        try:
            self._outbox.put_tally(encode(tally))
        except CodecError:
            self._drop(UNENCODABLE)
        else:
            self._link.nudge()

    async def close(self, grace: float = 1.0) -> None:
        """Write what waits, for `grace` seconds at most; drop and count the rest, and disconnect for good."""
        await self._link.finish(grace)

    def _drop(self, reason: str) -> bool:
        self.dropped[reason] += 1
        return False

    def _on_lost(self, exchanges: int) -> None:
        self.lost += exchanges
        self.dropped[DOWN] += exchanges
        if self._took_write:  # what the kernel had taken may be lost too
            self.lost_write_at = time()


def _body_bytes(exchange: Exchange) -> int:
    outcome = exchange.primary.outcome
    return len(exchange.request.body) + (len(outcome.body) if isinstance(outcome, Response) else 0)
