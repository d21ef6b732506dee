"""Messages and frames."""

import pytest

from proxy.claims.words import (
    MAX_FRAME,
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
    Settled,
    frame,
    reply,
    said,
)
from proxy.messages import System
from tests.claims.made import bid

REF = Ref("payment", "ab", System.LEGACY)
SAID = [
    Hello("worker-0:ab"),
    bid(refs=(REF,), is_bound=True),
    Settled(2, bid(), System.CANDIDATE, "payments", Ending.UNKNOWN, "cd", "reset"),
    Own(3, (REF,), System.LEGACY, "monolith"),
]
REPLIES = [Granted(1, System.LEGACY, "monolith", Bound.PIN), Denied(2, Denial.TWO_OWNERS), Done(3)]


def test_what_is_said_is_heard_however_it_is_cut() -> None:
    stream = b"".join(map(frame, [*SAID, *REPLIES]))
    for size in (1, 3, 7, len(stream)):
        frames = Frames()
        parts = [part for at in range(0, len(stream), size) for part in frames.take(stream[at : at + size])]
        assert [said(part) for part in parts[: len(SAID)]] == SAID
        assert [reply(part) for part in parts[len(SAID) :]] == REPLIES


@pytest.mark.parametrize("payload", [b"", b"\xc1", b"\x93\xa3bid\x01\x02", b"\x91\xa5other", b"\x91" * 2000])
def test_what_is_no_message_is_refused(payload: bytes) -> None:
    with pytest.raises(FrameError):
        said(payload)
    with pytest.raises(FrameError):
        reply(payload)


def test_a_frame_is_bounded() -> None:
    with pytest.raises(FrameError):
        list(Frames().take((MAX_FRAME + 1).to_bytes(4, "big")))


def test_a_bid_knows_the_backend_of_each_system() -> None:
    assert bid().backend(System.LEGACY) == "monolith"
    assert bid(candidate=None).backend(System.CANDIDATE) is None
