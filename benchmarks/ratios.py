"""Us against a peer, as ratios with the targets that were set. Law of this file: a ratio is one of medians, no more.

CPU is that at full speed, as in the first table; the ratio of the paced loads stands beside it, without a target.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.contest import Entry
from benchmarks.lane import Sample

Figure = Callable[[Sample], float]


def proxy(sample: Sample) -> float:
    return sample.proxy_us


def fleet(sample: Sample) -> float:
    return sample.fleet_us


def p99(sample: Sample) -> float:
    return sample.timing.p99


@dataclass(frozen=True, slots=True)
class Aim:
    """`ours` over `theirs`, names of contestants, may be at most `target`; `paced`: of the paced loads alone."""

    words: str
    ours: str
    theirs: str
    figure: Figure
    target: float
    paced: bool = False


AIMS = (
    Aim("proxy CPU a request", "strangler", "envoy", proxy, 0.75),
    Aim("proxy CPU a request", "strangler-shadow", "envoy-mirror", proxy, 0.45),
    Aim("proxy CPU a request", "strangler-shadow", "nginx-mirror", proxy, 1.0),
    Aim("CPU of all processes a request", "strangler-shadow", "envoy-mirror", fleet, 1.2),
    Aim("p99, paced", "strangler", "envoy", p99, 1.0, paced=True),
)
HEADER = ["what", "ratio", "at full speed", "paced", "target", "within target"]


def rows(entries: Iterable[Entry]) -> Iterator[list[str]]:
    """A row for each aim of which both contestants took part."""
    known = {entry.contestant.name: entry for entry in entries}
    for aim in AIMS:
        if aim.ours in known and aim.theirs in known:
            yield _row(aim, known[aim.ours], known[aim.theirs])


def _row(aim: Aim, ours: Entry, theirs: Entry) -> list[str]:
    paced = ratio(aim.figure, ours.paced, theirs.paced)
    full = None if aim.paced else ratio(aim.figure, ours.full, theirs.full)
    judged = paced if full is None else full
    shown = ["–" if full is None else f"{full:.2f}", f"{paced:.2f}", f"≤ {aim.target:.2f}"]
    return [aim.words, f"{aim.ours} / {aim.theirs}", *shown, "yes" if judged <= aim.target else "**no**"]


def ratio(figure: Figure, ours: Iterable[Sample], theirs: Iterable[Sample]) -> float:
    return median(map(figure, ours)) / median(map(figure, theirs))
