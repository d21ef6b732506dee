"""The second table: how the shadow's state moves the primary path. Law of this file: each state is measured against a
proxy with the shadow off that runs beside it, in the order A B B A, under the same load, and shows by its own counters
that the state was there. The first state is shadow-off against shadow-off: what the method itself cannot tell apart.

A process keeps for its life what it drew at its start (where its memory lies, which core it came to): a tenth of p50,
either way. So both proxies are started afresh several times for each state.
"""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from pathlib import Path
from statistics import median

from benchmarks import lane as lanes
from benchmarks import metrics
from benchmarks.contest import Say, Sizes
from benchmarks.contestant import Contestant
from benchmarks.contestants import strangler
from benchmarks.lane import Lane, Sample
from benchmarks.order import serpentine
from benchmarks.processes import StartError
from benchmarks.upstreams import Mood, Upstreams

LAG = 1.5
"""Seconds after which what a child of ours has counted is surely in /metrics."""


def unharmed(_lane: Lane) -> None:
    """Nothing is done to the proxy."""


def stop_runner(lane: Lane) -> None:
    """The shadow runner stands still (SIGSTOP), so that the channel fills up and stays full."""
    for pid in lane.pids("runner"):
        os.kill(pid, signal.SIGSTOP)


def take_store_away(lane: Lane) -> None:
    """The store's folder becomes a file and the runner, which has it open, is killed: no store to come back to."""
    folder = lane.scene.folder / strangler.STORE
    shutil.rmtree(folder)
    folder.write_bytes(b"")
    for pid in lane.pids("runner"):
        os.kill(pid, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class State:
    """One row: who is measured, which candidate it has, and what is done to it once it is up.

    `full`: also at full speed, where the shadow's runner and the load want the same cores, whatever the candidate does.
    `settle`: how long it is waited for after a load.
    """

    name: str
    contestant: Contestant
    mood: Mood
    harm: Callable[[Lane], None] = unharmed
    full: bool = False
    settle: float = lanes.SETTLE


RESTLESS = 1.0
"""Seconds that a runner gets to become quiet which is restarted for ever, and never is."""
ALL = (
    State("legacy", strangler.LEGACY, Mood.SAME, full=True),
    State("fast", strangler.SHADOW, Mood.SAME, full=True),
    State("slow", strangler.SHADOW, Mood.SLOW),
    State("dead", strangler.SHADOW, Mood.DEAD),
    State("wrong", strangler.SHADOW, Mood.WRONG),
    State("garbage", strangler.SHADOW, Mood.GARBAGE),
    State("channel-full", strangler.SHADOW, Mood.SAME, stop_runner, full=True),
    State("store-gone", strangler.SHADOW, Mood.SAME, take_store_away, settle=RESTLESS),
)
WORDS = {
    "legacy": "shadow off, against itself (the noise of the method)",
    "fast": "candidate answers at once",
    "slow": "candidate answers after 5 s",
    "dead": "candidate refuses connections",
    "wrong": "candidate answers with a wrong amount",
    "garbage": "candidate answers with bytes that are not HTTP",
    "channel-full": "the runner is stopped, the channel full",
    "store-gone": "the store taken away, the runner killed",
}


@dataclass(slots=True)
class Row:
    """The samples of one state, those of shadow-off taken between them, and what was counted meanwhile."""

    state: State
    paced: list[Sample] = field(default_factory=list)
    paced_off: list[Sample] = field(default_factory=list)
    full: list[Sample] = field(default_factory=list)
    full_off: list[Sample] = field(default_factory=list)
    counted: dict[str, float] = field(default_factory=dict)


def measure(
    states: Iterable[State], upstreams: Upstreams, folder: Path, sizes: Sizes, missing: dict[str, str], say: Say
) -> Iterator[Row]:
    """The rows, one by one as they are done; the reason why a row is not there goes into `missing`."""
    for state in states:
        row = Row(state)
        try:
            for _ in range(sizes.sittings):
                _sit(row, upstreams, folder, sizes)
        except (StartError, OSError, HTTPException) as error:
            missing[state.name] = str(error)
            say(f"{state.name:14} not measured: {error}")
            continue
        _tell(row, say)
        yield row


def _sit(row: Row, upstreams: Upstreams, folder: Path, sizes: Sizes) -> None:
    """Start a proxy in the state and one with the shadow off, and measure both in turn."""
    state = row.state
    with ExitStack() as stack:
        off = stack.enter_context(
            lanes.opened(strangler.LEGACY, folder, upstreams.legacy, upstreams.candidates[Mood.SAME])
        )
        opening = lanes.opened(state.contestant, folder, upstreams.legacy, upstreams.candidates[state.mood])
        lane = replace(stack.enter_context(opening), patience=state.settle)
        before = lane.counts()
        state.harm(lane)
        for each in (off, lane):
            each.warm_up(sizes.warm)
        for which in serpentine((off, lane), sizes.rounds):
            (row.paced if which is lane else row.paced_off).append(which.measure(sizes.paced))
        for which in serpentine((off, lane), sizes.full_rounds if state.full else 0):
            (row.full if which is lane else row.full_off).append(which.measure(sizes.full))
        time.sleep(LAG)
        row.counted = metrics.added(row.counted, metrics.gained(before, lane.counts()))


def _tell(row: Row, say: Say) -> None:
    paced, full = _shown(row.paced, row.paced_off), _shown(row.full, row.full_off)
    middle = f"{median(changes(row.paced, row.paced_off)):+.1%}"
    say(f"{row.state.name:14} change of p50: {middle} of {paced}; at full speed {full or 'not measured'}")


def changes(samples: list[Sample], off: list[Sample]) -> list[float]:
    """The change of p50 in each A B B A: the two of the state against the two of shadow-off. 0.1 is 10 % slower."""
    state_pairs, off_pairs = _pairs(samples), _pairs(off)
    return [mine / other - 1 for mine, other in zip(state_pairs, off_pairs, strict=True)]


def _pairs(samples: list[Sample]) -> list[float]:
    return [
        (first.timing.p50 + second.timing.p50) / 2 for first, second in zip(samples[::2], samples[1::2], strict=True)
    ]


def _shown(samples: list[Sample], off: list[Sample]) -> str:
    return ", ".join(f"{change:+.1%}" for change in changes(samples, off))
