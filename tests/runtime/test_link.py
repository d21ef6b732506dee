"""Both ends of a link, over a real socket pair."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from proxy.messages import Stage
from proxy.routing.override import Override
from proxy.runtime import link
from proxy.runtime.link import Ask, Link, Load, Message, Reading, Ready, Refused, Start, Status, Stop, Told
from proxy.telemetry.registry import Registry


def reading() -> Reading:
    registry = Registry()
    registry.inc("strangler_dropped_total", ("channel-full",), 3)
    registry.observe("strangler_overhead_seconds", (), 0.01)
    return Reading(registry.snapshot())


OVERRIDES = (
    Override("checkout", Stage.CANARY, 12.5, 1.0, 2.5, "jo", "ä\n", "PAY-1"),
    Override(None, Stage.LEGACY, None, 3.0, 4.0, "kim", "kill"),
)
MESSAGES: list[Message] = [
    Start("routes.yaml", b"\xff\n\x00", (3, 4), "/run/c.sock", "sqlite:///a.db", "a.key", 100, "0.1.0"),
    Start(
        *("routes.yaml", b"spec", (3,), "/run/c.sock", "sqlite:///a.db", "a.key", 100, "0.1.0"),
        overrides=OVERRIDES,
        token_file="/run/token",
    ),
    Load(b"\xff\n\x00", OVERRIDES),
    Refused("no such file"),
    Ask(1, "override", '{"a": "\\n"}'),
    Told(1, 422, "{}"),
    Stop(1.5),
    Status('{"a": "\\n"}'),
    Ready(None),
    Ready("abc"),
    reading(),
]


@pytest.fixture
async def ends() -> AsyncIterator[tuple[Link, Link]]:
    one, other = socket.socketpair()
    both = await Link.over(one), await Link.over(other)
    yield both
    for end in both:
        end.close()


@pytest.fixture
async def raw() -> AsyncIterator[tuple[Link, socket.socket]]:
    """A link, and the bare socket at its other end."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with theirs:
        end = await Link.over(ours)
        yield end, theirs
        end.close()


async def received(end: Link) -> Message | None:
    async with asyncio.timeout(5):
        return await end.receive()


async def test_what_is_sent_is_received_in_order(ends: tuple[Link, Link]) -> None:
    for message in MESSAGES:
        ends[0].send(message)
    assert [await received(ends[1]) for _ in MESSAGES] == MESSAGES


async def test_a_message_may_come_in_pieces(raw: tuple[Link, socket.socket]) -> None:
    end, other = raw
    for byte in b'{"type":"stop","drain":2.0}\n':
        other.send(bytes([byte]))
        await asyncio.sleep(0)
    assert await received(end) == Stop(2.0)


async def test_the_end_of_the_other_side_is_none_and_sending_then_is_silent(ends: tuple[Link, Link]) -> None:
    ends[0].send(Stop(1.0))
    ends[0].close()
    assert await received(ends[1]) == Stop(1.0)
    assert await received(ends[1]) is None
    ends[1].send(Stop(1.0))
    assert await received(ends[1]) is None


async def test_a_reset_is_none(raw: tuple[Link, socket.socket]) -> None:
    end, other = raw
    end.send(Stop(1.0))  # unread data makes the close a reset
    other.close()
    assert await received(end) is None


@pytest.mark.parametrize(
    "wire",
    [
        b"\n",
        b"\xff\n",
        b"[]\n",
        b"{}\n",
        b'{"type":"nonsense"}\n',
        b'{"type":"stop"}\n',
        b'{"type":"stop","drain":"1"}\n',
        b'{"type":"stop","drain":1.0} {"type":"stop","drain":1.0}\n',
    ],
)
async def test_garbage_ends_the_link_also_for_what_follows(raw: tuple[Link, socket.socket], wire: bytes) -> None:
    end, other = raw
    other.sendall(wire)
    assert await received(end) is None
    async with asyncio.timeout(5):
        assert await asyncio.get_running_loop().sock_recv(other, 1) == b""


@pytest.mark.parametrize("line_end", [b"", b"\n"])
async def test_a_line_beyond_the_bound_ends_the_link(monkeypatch: pytest.MonkeyPatch, line_end: bytes) -> None:
    monkeypatch.setattr(link, "MAX_LINE", 1000)
    ours, theirs = socket.socketpair()
    with theirs:
        end = await Link.over(ours)
        theirs.sendall(b'{"type":"status","document":"' + b"a" * 3000 + b'"}' + line_end)
        assert await received(end) is None


async def test_a_side_that_reads_nothing_gets_no_pile_of_what_is_out_of_date(ends: tuple[Link, Link]) -> None:
    document = "a" * 200_000
    for _ in range(50):
        ends[0].send(Status(document))
    ends[0].send(Ready("still said"))
    statuses = 0
    while (message := await received(ends[1])) == Status(document):
        statuses += 1
    assert message == Ready("still said")
    assert 1 <= statuses <= 10
    ends[0].send(Status("now"))
    assert await received(ends[1]) == Status("now")
