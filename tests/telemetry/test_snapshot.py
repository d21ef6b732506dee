import msgspec
import pytest

from proxy.telemetry.metrics import BOUNDS
from proxy.telemetry.snapshot import CounterSample, GaugeSample, HistogramSample, Snapshot

FULL = Snapshot(
    counters=(CounterSample("c", ("create-payment", "légacy"), 2**62),),
    gauges=(GaugeSample("g", (), 0.1),),
    histograms=(HistogramSample("h", ("a",), tuple(range(len(BOUNDS) + 1)), 1.25),),
)


@pytest.mark.parametrize("snapshot", [Snapshot(), FULL])
def test_json_there_and_back(snapshot: Snapshot) -> None:
    assert Snapshot.from_json(snapshot.to_json()) == snapshot
    assert Snapshot.from_json(snapshot.to_json().decode()) == snapshot


def test_one_line() -> None:
    assert b"\n" not in Snapshot(counters=(CounterSample("c", ("a\nb",), 1),)).to_json()


def test_frozen() -> None:
    with pytest.raises(AttributeError):
        FULL.counters = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b'{"counters": [["c", ["a"], "1"]]}',
        b'{"counters": [["c", [1], 1]]}',
        b'{"histograms": [["h", [], [1, 2], 0.5]]}',
    ],
)
def test_anything_else_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError):
        Snapshot.from_json(document)


def test_a_histogram_with_other_buckets_is_refused_by_name() -> None:
    document = msgspec.json.encode({"histograms": [["strangler_x", [], [1, 2, 3], 0.5]]})
    with pytest.raises(ValueError, match="strangler_x has 3 buckets"):
        Snapshot.from_json(document)
