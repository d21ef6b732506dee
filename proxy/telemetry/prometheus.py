"""Snapshots as Prometheus text exposition, format 0.0.4.

Law of this file: what is printed is what `metrics` declares, in that order; the rest of a snapshot is not shown.
Source: the Prometheus documentation, "Exposition formats", text-based format.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate
from math import inf, isnan

from proxy.telemetry.merge import merge
from proxy.telemetry.metrics import BOUNDS, FAMILIES, Family, Kind
from proxy.telemetry.snapshot import HistogramSample, Labels, Snapshot

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_Pairs = tuple[tuple[str, str], ...]


def render(snapshots: Iterable[Snapshot]) -> str:
    """The exposition of all processes together; ends with a line feed. Families without series are named as well."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    merged = merge(snapshots)
    for kind, samples in ((Kind.COUNTER, merged.counters), (Kind.GAUGE, merged.gauges)):
        for name, labels, value in sorted(samples):
            if (family := _family(name, labels, kind)) is not None:
                lines[name].append(_line(name, _pairs(family, labels), value))
    for histogram in sorted(merged.histograms):
        if (family := _family(histogram.name, histogram.labels, Kind.HISTOGRAM)) is not None:
            lines[family.name].extend(_histogram(family, histogram))
    return "".join(f"{line}\n" for family in FAMILIES.values() for line in (*_head(family), *lines[family.name]))


def _family(name: str, labels: Labels, kind: Kind) -> Family | None:
    family = FAMILIES.get(name)
    fits = family is not None and family.kind is kind and len(family.labels) == len(labels)
    return family if fits else None


def _head(family: Family) -> tuple[str, str]:
    escaped = family.help.replace("\\", "\\\\").replace("\n", "\\n")
    return f"# HELP {family.name} {escaped}", f"# TYPE {family.name} {family.kind.value}"


def _histogram(family: Family, sample: HistogramSample) -> Iterator[str]:
    pairs = _pairs(family, sample.labels)
    for bound, count in zip((*BOUNDS, inf), accumulate(sample.counts), strict=True):
        yield _line(f"{family.name}_bucket", (*pairs, ("le", _spelled(bound))), count)
    yield _line(f"{family.name}_sum", pairs, sample.total)
    yield _line(f"{family.name}_count", pairs, sum(sample.counts))


def _pairs(family: Family, labels: Labels) -> _Pairs:
    return tuple(zip(family.labels, labels, strict=True))


def _line(name: str, pairs: _Pairs, value: float) -> str:
    inner = ",".join(f'{label}="{_escape(text)}"' for label, text in pairs)
    return f"{name}{{{inner}}} {_number(value)}" if inner else f"{name} {_number(value)}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return _spelled(value).removesuffix(".0")


def _spelled(value: float) -> str:
    if isnan(value):
        return "NaN"
    if value in (inf, -inf):
        return "+Inf" if value > 0 else "-Inf"
    return str(value)
