"""The first table: what a request costs, and how long it takes at one rate. Law of this file: all contestants in turn.

All are up for the whole time and idle while another is measured; each round visits them in the opposite order.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from benchmarks import lane as lanes
from benchmarks import load, metrics, processes
from benchmarks.contestant import Contestant, Missing
from benchmarks.lane import Lane, Sample
from benchmarks.order import serpentine
from benchmarks.upstreams import Mood, Upstreams

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long and how often: `rounds` visits; the loads of a visit; `warm` comes once before everything.

    `full_rounds`: how many of the visits also load at full speed. `sittings`: how often all of that is done with
    processes that were started afresh; only the states are.
    """

    rounds: int
    full_rounds: int
    warm: load.Load
    full: load.Load
    paced: load.Load
    sittings: int = 1


@dataclass(slots=True)
class Entry:
    """The samples of one contestant so far, and in the end what it counted meanwhile."""

    contestant: Contestant
    version: str
    full: list[Sample] = field(default_factory=list)
    paced: list[Sample] = field(default_factory=list)
    counted: dict[str, float] = field(default_factory=dict)


def race(
    contestants: Iterable[Contestant], upstreams: Upstreams, folder: Path, sizes: Sizes, say: Say
) -> tuple[list[Entry], dict[str, str]]:
    """The entries of those who took part, and the reasons of those who did not, by name."""
    with ExitStack() as stack:
        entries, missing = _line_up(contestants, upstreams, folder, stack, say)
        for _, lane in entries:
            lane.warm_up(sizes.warm)
        before = [lane.counts() for _, lane in entries]
        for entry, lane in serpentine(entries, sizes.rounds):
            _visit(entry, lane, sizes, say)
        for (entry, lane), counts in zip(entries, before, strict=True):
            entry.counted = metrics.gained(counts, lane.counts())
        return [entry for entry, _ in entries], missing


def _line_up(
    contestants: Iterable[Contestant], upstreams: Upstreams, folder: Path, stack: ExitStack, say: Say
) -> tuple[list[tuple[Entry, Lane]], dict[str, str]]:
    entries: list[tuple[Entry, Lane]] = []
    missing: dict[str, str] = {}
    for contestant in contestants:
        version = contestant.find()
        if isinstance(version, Missing):
            missing[contestant.name] = version.reason
            say(f"{contestant.name:18} skipped: {version.reason}")
            continue
        try:
            opening = lanes.opened(contestant, folder, upstreams.legacy, upstreams.candidates[Mood.SAME])
            entries.append((Entry(contestant, version), stack.enter_context(opening)))
        except (processes.StartError, OSError, HTTPException) as error:
            missing[contestant.name] = str(error)
            say(f"{contestant.name:18} skipped: {error}")
    return entries, missing


def _visit(entry: Entry, lane: Lane, sizes: Sizes, say: Say) -> None:
    full, paced = lane.measure(sizes.full), lane.measure(sizes.paced)
    entry.full.append(full)
    entry.paced.append(paced)
    say(
        f"{entry.contestant.name:18} {full.timing.per_second:8.0f} req/s  proxy {full.proxy_us:6.1f} µs"
        f"  fleet {full.fleet_us:6.1f} µs | paced: p50 {paced.timing.p50:6.0f} µs  p99 {paced.timing.p99:6.0f} µs"
        f"  proxy {paced.proxy_us:6.1f} µs  fleet {paced.fleet_us:6.1f} µs"
    )
