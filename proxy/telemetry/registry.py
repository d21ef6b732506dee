"""The one registry of a process: counters, gauges and histograms in dicts.

Law of this file: to count costs one dict lookup, or none for whoever keeps the series that it counts with, and raises
nothing but TypeError for labels that can't be a key. What can't be counted as asked (an undeclared name, a full family)
is counted under `strangler_dropped_total` instead.
One thread uses a registry: that of the event loop.
"""

from bisect import bisect_left
from collections.abc import Mapping
from math import inf, isfinite

from proxy.telemetry.metrics import BOUNDS, DROPPED, FAMILIES, MISUSE, SERIES_LIMIT, Family, Kind
from proxy.telemetry.snapshot import CounterSample, GaugeSample, HistogramSample, Key, Labels, Snapshot


class Count:
    """One series of a counter."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def add(self, by: int = 1) -> None:
        """`by` is not negative."""
        self.value += by


class Buckets:
    """One series of a histogram."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """`seconds` is finite and not negative."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


class Registry:
    """What this process counted since it started."""

    __slots__ = ("_counters", "_families", "_gauges", "_histograms", "_series")

    def __init__(self, families: Mapping[str, Family] = FAMILIES) -> None:
        self._families = families
        self._series: dict[str, set[Labels]] = {name: set() for name in families}
        self._counters: dict[Key, Count] = {}
        self._gauges: dict[Key, float] = {}
        self._histograms: dict[Key, Buckets] = {}

    def inc(self, name: str, labels: Labels = (), by: int = 1) -> None:
        """Adds `by`, which is not negative, to a counter."""
        count = self._counters.get((name, labels)) or self.counter(name, labels)
        count.value += by

    def counter(self, name: str, labels: Labels = ()) -> Count:
        """What `inc` adds to, for whoever counts often."""
        key = self._admit(name, labels, Kind.COUNTER)
        return Count() if key is None else self._counters.setdefault(key, Count())

    def observe(self, name: str, labels: Labels, seconds: float) -> None:
        """Adds one observation to a histogram; one that is negative or not finite is dropped and counted."""
        buckets = self._histograms.get((name, labels)) or self.histogram(name, labels)
        if 0.0 <= seconds < inf:
            buckets.add(seconds)
        else:
            self._lose(MISUSE)

    def histogram(self, name: str, labels: Labels) -> Buckets:
        """What `observe` adds to, for whoever counts often."""
        key = self._admit(name, labels, Kind.HISTOGRAM)
        return Buckets() if key is None else self._histograms.setdefault(key, Buckets())

    def set(self, name: str, labels: Labels, value: float) -> None:
        """Sets a gauge; a value that is not finite is dropped and counted."""
        key: Key | None = (name, labels)
        if key not in self._gauges:
            key = self._admit(name, labels, Kind.GAUGE)
        if not isfinite(value):
            self._lose(MISUSE)
        elif key is not None:
            self._gauges[key] = value

    def set_only(self, name: str, labels: Labels, value: float) -> None:
        """Sets a gauge and forgets the other series of its family: for facts of which only one holds at a time."""
        for key in [key for key in self._gauges if key[0] == name]:
            del self._gauges[key]
            self._series[name].discard(key[1])
        self.set(name, labels, value)

    def snapshot(self) -> Snapshot:
        """A copy of everything; costs about 1 µs a series."""
        return Snapshot(
            counters=tuple(CounterSample(*key, count.value) for key, count in self._counters.items()),
            gauges=tuple(GaugeSample(*key, value) for key, value in self._gauges.items()),
            histograms=tuple(
                HistogramSample(*key, tuple(buckets.counts), buckets.total) for key, buckets in self._histograms.items()
            ),
        )

    def _admit(self, name: str, labels: Labels, kind: Kind) -> Key | None:
        """The key under which to keep a new series, or None if it can't be kept at all."""
        family = self._families.get(name)
        if family is None or family.kind is not kind or len(labels) != len(family.labels):
            self._lose(MISUSE)
            return None
        clean, known = tuple(map(_clean, labels)), self._series[name]
        if clean in known or len(known) < family.limit:
            known.add(clean)
            return name, clean
        self._lose(SERIES_LIMIT)
        return None if kind is Kind.GAUGE else (name, family.overflow)

    def _lose(self, reason: str) -> None:
        self._counters.setdefault((DROPPED, (reason,)), Count()).value += 1


def _clean(value: str) -> str:
    """The plain text of a label, without what UTF-8 can't say."""
    return str(value).encode("utf-8", "replace").decode("utf-8")
