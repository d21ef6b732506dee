from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from proxy.channel.outbox import Outbox

MAX = 100


class AnyUse(RuleBasedStateMachine):
    """Exchanges and tallies are put, written in arbitrary pieces, and lost; a frame is one number, repeated."""

    @initialize()
    def begin(self) -> None:
        self.outbox = Outbox(MAX)
        self.waiting: list[bytes] = []
        self.wire = b""
        self.frames = 0
        self.tally: bytes | None = None

    @rule(size=st.integers(1, MAX + 1))
    def put(self, size: int) -> None:
        frame = bytes([self.frames % 100]) * size
        fits = sum(map(len, self.waiting)) - self._half() + size <= MAX
        assert self.outbox.put(frame) == fits
        if fits:
            self.waiting.append(frame)
            self.frames += 1

    @rule(size=st.integers(1, 30))
    def put_tally(self, size: int) -> None:
        self.tally = b"\xff" * size
        self.outbox.put_tally(self.tally)

    @rule(share=st.floats(0, 1))
    def write(self, share: float) -> None:
        offered = b"".join(self.outbox.head())
        written = round(len(offered) * share)
        self.outbox.advance(written)
        self.wire += offered[:written]
        self._forget_what_is_whole()

    @rule()
    def lose(self) -> None:
        assert self.outbox.lose() == len(self.waiting)
        self.waiting, self.wire = [], b""
        assert self.outbox.head() == ([self.tally] if self.tally else [])

    @invariant()
    def bounded(self) -> None:
        assert 0 <= self.outbox.size == sum(map(len, self.waiting)) - self._half() <= MAX

    def _exchanges_on_wire(self) -> bytes:
        return self.wire.replace(b"\xff", b"")

    def _half(self) -> int:
        return len(self._exchanges_on_wire())

    def _forget_what_is_whole(self) -> None:
        while self.waiting and len(self._exchanges_on_wire()) >= len(self.waiting[0]):
            frame = self.waiting.pop(0)
            assert self._exchanges_on_wire().startswith(frame), "frames arrive whole and in order"
            assert b"\xff" not in self.wire.strip(b"\xff")[: len(frame)], "a tally never splits a frame"
            self.wire = self._exchanges_on_wire()[len(frame) :]


TestAnyUse = AnyUse.TestCase


def drain(outbox: Outbox) -> bytes:
    wire = b""
    while buffers := outbox.head():
        wire += b"".join(buffers)
        outbox.advance(sum(map(len, buffers)))
    return wire


def test_a_newer_tally_replaces_an_older_one_and_goes_first() -> None:
    outbox = Outbox(MAX)
    outbox.put(b"exchange")
    outbox.put_tally(b"old")
    outbox.put_tally(b"new")
    assert drain(outbox) == b"newexchange"
    assert not outbox


def test_a_tally_waits_for_the_end_of_a_frame_that_is_half_written() -> None:
    outbox = Outbox(MAX)
    outbox.put(b"exchange")
    outbox.head()
    outbox.advance(3)
    outbox.put_tally(b"tally")
    assert outbox.size == 5
    assert b"".join(outbox.head()) == b"hange"
    outbox.advance(5)
    assert drain(outbox) == b"tally"


def test_the_last_tally_is_sent_again_on_the_next_connection() -> None:
    outbox = Outbox(MAX)
    outbox.put_tally(b"tally")
    assert drain(outbox) == b"tally"
    outbox.put(b"exchange")
    assert outbox.lose() == 1
    assert outbox
    assert drain(outbox) == b"tally"


def test_many_frames_are_written_in_several_rounds() -> None:
    outbox = Outbox(10_000)
    frames = [bytes([n % 256]) * 3 for n in range(1000)]
    assert all(map(outbox.put, frames))
    assert len(outbox.head()) < 1000
    assert drain(outbox) == b"".join(frames)
