"""Several processes, living and dead, as one total.

Law of this file: a total never goes down. What a dead process had counted stays in the base; its gauges go with it.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from proxy.telemetry.metrics import FAMILIES, Family, Gather
from proxy.telemetry.snapshot import CounterSample, GaugeSample, HistogramSample, Key, Labels, Snapshot


def merge(snapshots: Iterable[Snapshot]) -> Snapshot:
    """Counters and histograms summed, gauges gathered as their families say (summed if there is no such family)."""
    counters: dict[Key, CounterSample] = {}
    gauges: dict[Key, GaugeSample] = {}
    histograms: dict[Key, HistogramSample] = {}
    for snapshot in snapshots:
        for counter in snapshot.counters:
            _add(counters, counter)
        for gauge in snapshot.gauges:
            _gather(gauges, gauge)
        for histogram in snapshot.histograms:
            _add_buckets(histograms, histogram)
    return Snapshot(tuple(counters.values()), tuple(gauges.values()), tuple(histograms.values()))


class Totals:
    """The sum over sources. A source names one process: what it sends replaces what it sent before.

    A source may be used again by the next process after `retire`. If a source's counts go down without it, that is
    taken for a restart that nobody reported: what was counted before is kept, and the new counts are added to it.
    """

    __slots__ = ("_base", "_families", "_live")

    def __init__(self, families: Mapping[str, Family] = FAMILIES) -> None:
        self._families = families
        self._base = Snapshot()
        self._live: dict[str, Snapshot] = {}

    def update(self, source: str, snapshot: Snapshot) -> None:
        """Takes the latest snapshot of a living source."""
        last = self._live.get(source)
        if last is not None and _went_down(last, snapshot):
            self.retire(source)
        self._live[source] = snapshot

    def retire(self, source: str) -> None:
        """Keeps the counts of a source that has ended; call it when nothing more can come from it."""
        last = self._live.pop(source, None)
        if last is not None:
            self._base = _bounded(merge((self._base, last)), self._families)

    def snapshot(self) -> Snapshot:
        """Everything counted so far by all sources, and the gauges of the living."""
        return merge((self._base, *self._live.values()))


def _add(counters: dict[Key, CounterSample], sample: CounterSample) -> None:
    key = (sample.name, sample.labels)
    known = counters.get(key)
    counters[key] = sample if known is None else sample._replace(value=known.value + sample.value)


def _gather(gauges: dict[Key, GaugeSample], sample: GaugeSample) -> None:
    key = (sample.name, sample.labels)
    known, family = gauges.get(key), FAMILIES.get(sample.name)
    if known is not None:
        how = Gather.SUM if family is None else family.gather
        sample = sample._replace(value=_gathered(how, known.value, sample.value))
    gauges[key] = sample


def _gathered(how: Gather, one: float, other: float) -> float:
    match how:
        case Gather.SUM:
            return one + other
        case Gather.MAX:
            return max(one, other)
        case Gather.MIN:
            return min(one, other)
        case _:
            assert_never(how)


def _add_buckets(histograms: dict[Key, HistogramSample], sample: HistogramSample) -> None:
    key = (sample.name, sample.labels)
    known = histograms.get(key)
    if known is not None:
        counts = tuple(a + b for a, b in zip(known.counts, sample.counts, strict=True))
        sample = sample._replace(counts=counts, total=known.total + sample.total)
    histograms[key] = sample


def _counts(snapshot: Snapshot) -> dict[Key, int]:
    counts = {(sample.name, sample.labels): sample.value for sample in snapshot.counters}
    counts.update({(sample.name, sample.labels): sum(sample.counts) for sample in snapshot.histograms})
    return counts


def _went_down(last: Snapshot, now: Snapshot) -> bool:
    counts = _counts(now)
    return any(counts.get(key, 0) < count for key, count in _counts(last).items())


def _bounded(base: Snapshot, families: Mapping[str, Family]) -> Snapshot:
    """The counts alone, each family within its limit: the series that came last are added up in its overflow."""
    room = {name: family.limit for name, family in families.items()}

    def place(name: str, labels: Labels) -> Labels:
        family = families.get(name)
        if family is None or labels == family.overflow:
            return labels
        room[name] -= 1
        return labels if room[name] >= 0 else family.overflow

    counters = tuple(sample._replace(labels=place(sample.name, sample.labels)) for sample in base.counters)
    histograms = tuple(sample._replace(labels=place(sample.name, sample.labels)) for sample in base.histograms)
    return merge((Snapshot(counters=counters, histograms=histograms),))
