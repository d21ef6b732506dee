"""What one process, or several together, had counted at one moment, as a frozen value that travels as JSON.

Law of this file: a snapshot is data. It holds label values and numbers, nothing that a client or a backend sent.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import msgspec

from proxy.telemetry.metrics import BOUNDS

Labels: TypeAlias = tuple[str, ...]
Key: TypeAlias = tuple[str, Labels]


class CounterSample(NamedTuple):
    name: str
    labels: Labels
    value: int


class GaugeSample(NamedTuple):
    name: str
    labels: Labels
    value: float


class HistogramSample(NamedTuple):
    """`counts`: observations per bucket, not cumulative, one more than `BOUNDS`; `total`: the sum in seconds."""

    name: str
    labels: Labels
    counts: tuple[int, ...]
    total: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Each (name, labels) stands at most once in its tuple."""

    counters: tuple[CounterSample, ...] = ()
    gauges: tuple[GaugeSample, ...] = ()
    histograms: tuple[HistogramSample, ...] = ()

    def __post_init__(self) -> None:
        for sample in self.histograms:
            if len(sample.counts) != len(BOUNDS) + 1:
                raise ValueError(f"{sample.name} has {len(sample.counts)} buckets, not {len(BOUNDS) + 1}")

    def to_json(self) -> bytes:
        return _ENCODER.encode(self)

    @staticmethod
    def from_json(document: bytes | str) -> "Snapshot":
        """ValueError (msgspec's own) if this is not what `to_json` wrote."""
        return _DECODER.decode(document)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Snapshot)
