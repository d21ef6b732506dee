"""One child as the supervisor sees it; the children are real processes."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from proxy.config.load import loads
from proxy.control.state import ProcessState, Role
from proxy.messages import Stage
from proxy.routing.override import Override, overridden
from proxy.runtime import child
from proxy.runtime.child import Process
from proxy.runtime.link import Message, Reading, Start
from tests.runtime.children import listening, start, untold
from tests.runtime.tables import said, text

NO_SUCH_FD = 9999


class Watched:
    """A child of some role, and what it and its state did."""

    def __init__(self, role: Role, first: Start) -> None:
        self.readings: list[Reading] = []
        self.states: list[ProcessState] = []
        self.process = Process(role, 0, first, self._heard, self._changed)

    def _heard(self, _: Process, message: Message) -> None:
        if isinstance(message, Reading):
            self.readings.append(message)

    def _changed(self) -> None:
        self.states.append(self.process.status.state)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not condition():
                await asyncio.sleep(0.005)


@asynccontextmanager
async def kept_alive(role: Role, first: Start) -> AsyncIterator[tuple[Watched, asyncio.Task[None]]]:
    watched = Watched(role, first)
    living = asyncio.create_task(watched.process.keep_alive())
    try:
        yield watched, living
    finally:
        if not living.done():
            watched.process.stop(0.0)
            watched.process.kill()
        async with asyncio.timeout(10):
            await asyncio.wait({living})
    assert living.exception() is None


async def ended(living: asyncio.Task[None]) -> None:
    async with asyncio.timeout(10):
        await asyncio.shield(living)


async def test_a_child_is_started_heard_and_stopped(tmp_path: Path) -> None:
    with listening() as admin:
        async with kept_alive(Role.CONTROL, start(tmp_path, admin)) as (watched, living):
            await watched.process.ready.wait()
            status = watched.process.status
            assert (status.role, status.index, status.state, status.restarts) == (Role.CONTROL, 0, "running", 0)
            assert os.path.exists(f"/proc/{status.pid}")
            await watched.until(lambda: bool(watched.readings))
            watched.process.stop(1.0)
            await ended(living)
    assert watched.states == ["starting", "running", "draining", "down"]
    assert watched.process.status.pid is None
    assert watched.process.gone.is_set()


async def test_a_worker_says_which_table_it_has_and_forgets_it_when_it_dies(tmp_path: Path) -> None:
    with listening() as payments:
        async with kept_alive(Role.WORKER, start(tmp_path, payments)) as (watched, _):
            await watched.process.ready.wait()
            status = watched.process.status
            assert status.state is ProcessState.ACCEPTING
            assert re.fullmatch("[0-9a-f]{16}", status.table_hash or "")
            os.kill(status.pid or 0, signal.SIGKILL)
            await watched.process.gone.wait()
            assert watched.process.status.table_hash is None
            assert not watched.process.ready.is_set()


async def test_a_worker_is_given_the_next_table_and_its_acknowledgement_awaited(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with listening() as payments:
        async with kept_alive(Role.WORKER, start(tmp_path, payments)) as (watched, _):
            process = watched.process
            await process.ready.wait()
            wanted = loads(text())
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await process.acknowledged(wanted.hash)
            process.load(said(text()), ())
            async with asyncio.timeout(10):
                await process.acknowledged(wanted.hash)
            assert process.status.table_hash == wanted.hash
            process.load(b"", ())
            await watched.until(lambda: "worker-0 cannot take the new table, and goes on with" in caplog.text)
            assert process.status.table_hash == wanted.hash


async def test_the_next_child_begins_with_the_table_that_was_given_last(tmp_path: Path) -> None:
    given = Override("refund", Stage.CANDIDATE, None, 0.0, 60.0, "jo", "why not")
    with listening() as payments:
        async with kept_alive(Role.WORKER, start(tmp_path, payments)) as (watched, _):
            watched.process.load(said(text()), (given,))  # before there is a child, and a link to it
            await watched.process.ready.wait()
            assert watched.process.status.table_hash == overridden(loads(text()), (given,)).hash


async def test_one_that_is_killed_is_started_again_and_works(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with listening() as admin:
        async with kept_alive(Role.CONTROL, start(tmp_path, admin)) as (watched, _):
            await watched.process.ready.wait()
            first = watched.process.status
            os.kill(first.pid or 0, signal.SIGKILL)
            await watched.process.gone.wait()
            await watched.until(watched.process.ready.is_set)
            second = watched.process.status
            assert (second.state, second.restarts) == (ProcessState.RUNNING, 1)
            assert second.pid != first.pid
            assert second.started_at > first.started_at  # type: ignore[operator]
    assert watched.states[:5] == ["starting", "running", "down", "starting", "running"]
    assert "control-0 ended with code -9; it is started again in 0.1 s" in caplog.text


async def test_one_that_cannot_do_its_work_is_told_with_its_code(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with kept_alive(Role.WORKER, untold(tmp_path)) as (watched, _):
        await watched.until(lambda: watched.process.status.restarts == 1)
        assert not watched.process.ready.is_set()
    assert "worker-0 ended with code 1; it is started again" in caplog.text


def pauses(text: str) -> list[str]:
    return re.findall(r"cannot be started \(Bad file descriptor\); it is started again in (\S+) s", text)


def unstartable(folder: Path) -> Start:
    """A child that cannot even be started, as when the machine has no process or descriptor left."""
    return Start("", b"", (NO_SUCH_FD,), "", "", "", 1, "")


async def test_the_pauses_grow_up_to_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(child, "LONGEST_PAUSE", 0.3)
    async with kept_alive(Role.CONTROL, unstartable(tmp_path)) as (watched, _):
        await watched.until(lambda: watched.process.status.restarts == 4)
    assert pauses(caplog.text) == ["0.1", "0.2", "0.3", "0.3"]
    assert watched.process.status.pid is None


async def test_one_that_lived_long_enough_is_started_again_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(child, "STEADY", 0.0)
    async with kept_alive(Role.CONTROL, unstartable(tmp_path)) as (watched, _):
        await watched.until(lambda: watched.process.status.restarts == 3)
    assert pauses(caplog.text) == ["0.1"] * 3


async def test_a_stop_does_not_wait_for_the_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "FIRST_PAUSE", 60.0)
    async with kept_alive(Role.CONTROL, unstartable(tmp_path)) as (watched, living):
        await watched.process.gone.wait()
        watched.process.stop(1.0)
        await ended(living)
    assert watched.process.status.state is ProcessState.DOWN


async def test_one_that_is_just_being_started_is_stopped_too(tmp_path: Path) -> None:
    with listening() as admin:
        async with kept_alive(Role.CONTROL, start(tmp_path, admin)) as (watched, living):
            await asyncio.sleep(0)  # the process exists from here on, its link does not
            watched.process.stop(1.0)
            await ended(living)
    assert watched.process.status.restarts == 0


async def test_one_that_hangs_can_be_killed(tmp_path: Path) -> None:
    with listening() as admin:
        async with kept_alive(Role.CONTROL, start(tmp_path, admin)) as (watched, living):
            await watched.process.ready.wait()
            os.kill(watched.process.status.pid or 0, signal.SIGSTOP)
            watched.process.stop(0.0)
            done, _ = await asyncio.wait({living}, timeout=0.2)
            assert not done
            watched.process.kill()
            await ended(living)
            watched.process.kill()  # of one that has ended: nothing happens
    assert watched.process.status.restarts == 0
