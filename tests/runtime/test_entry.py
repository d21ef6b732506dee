"""What every child does first and last, seen from the other end of its link. Most use `control`, the lightest."""

import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy.runtime.entry import ORPHAN_DRAIN, Child
from proxy.runtime.link import Link, Reading, Ready, Stop
from proxy.telemetry.registry import Registry
from tests.runtime.children import Spawned, listening, ready, spawned, start, untold


@pytest.fixture
async def control(tmp_path: Path) -> AsyncIterator[Spawned]:
    with listening() as admin:
        async with ready("control", start(tmp_path, admin), tmp_path, admin) as child:
            yield child


async def test_it_ends_when_it_is_told_to(control: Spawned) -> None:
    control.link.send(Stop(1.0))
    assert await control.ended() == 0
    await control.hear(Reading)  # the last one, with all that was counted


async def test_it_ends_when_the_link_does(control: Spawned) -> None:
    control.link.close()
    assert await control.ended() == 0


async def test_it_ends_on_sigterm_and_leaves_sigint_to_the_supervisor(control: Spawned) -> None:
    os.kill(control.process.pid, signal.SIGINT)
    for _ in range(2):  # the first may have been sent before
        await control.hear(Reading)
    os.kill(control.process.pid, signal.SIGTERM)
    assert await control.ended() == 0
    assert control.stderr.read_text() == ""


async def test_without_a_start_it_ends_at_once(tmp_path: Path) -> None:
    async with spawned("control", Stop(1.0), tmp_path) as child:
        assert await child.ended() == 0
        assert await child.link.receive() is None


async def test_our_own_mistake_is_an_exit_code_and_a_trace(tmp_path: Path) -> None:
    async with spawned("worker", untold(tmp_path), tmp_path) as child:
        assert await child.ended() == 1
    assert "ValueError: these bytes are no packed route table" in child.stderr.read_text()


@pytest.fixture
async def child(tmp_path: Path) -> AsyncIterator[tuple[Child, Link]]:
    """A child's own view, and the supervisor's end of its link."""
    ours, theirs = socket.socketpair()
    end, other = await Link.over(ours), await Link.over(theirs)
    yield Child(other, start(tmp_path), Registry(), "worker-0"), end
    end.close()
    other.close()


async def test_a_stop_says_how_long_it_may_take(child: tuple[Child, Link]) -> None:
    view, _ = child
    assert view.drain == ORPHAN_DRAIN
    assert not view.stopping.is_set()
    view.stop(1.5)
    assert view.drain == 1.5
    assert view.stopping.is_set()


async def test_a_reading_holds_what_is_brought_in_just_before(child: tuple[Child, Link]) -> None:
    view, end = child
    view.before_reading = lambda: view.registry.inc("strangler_dropped_total", ("channel-full",), 2)
    view.report_once()
    view.report_once()
    values = []
    for _ in range(2):
        message = await end.receive()
        assert isinstance(message, Reading)
        values += [each.value for each in message.snapshot.counters]
    assert values == [2, 4]


async def test_ready_names_the_table(child: tuple[Child, Link]) -> None:
    view, end = child
    view.ready("abc")
    assert await end.receive() == Ready("abc")
