from bisect import bisect_left
from collections import Counter
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import System
from proxy.telemetry.metrics import BOUNDS, DROPPED, FAMILIES, MISUSE, OVERFLOW_LABEL, SERIES_LIMIT, Family, Kind
from proxy.telemetry.registry import Registry
from proxy.telemetry.snapshot import Snapshot

REQUESTS, SHADOW = "strangler_requests_total", "strangler_shadow_total"
DURATION, OVERHEAD = "strangler_request_duration_seconds", "strangler_overhead_seconds"
INFLIGHT, INFO = "strangler_inflight", "strangler_config_info"

SMALL = {
    "c": Family("c", Kind.COUNTER, ("x",), "C.", limit=3),
    "g": Family("g", Kind.GAUGE, ("x",), "G.", limit=3),
    "h": Family("h", Kind.HISTOGRAM, ("x",), "H.", limit=3),
}


def counters(registry: Registry) -> dict[tuple[str, tuple[str, ...]], int]:
    return {(sample.name, sample.labels): sample.value for sample in registry.snapshot().counters}


def gauges(registry: Registry) -> dict[tuple[str, tuple[str, ...]], float]:
    return {(sample.name, sample.labels): sample.value for sample in registry.snapshot().gauges}


def test_an_empty_registry() -> None:
    assert Registry().snapshot() == Snapshot()


def test_whoever_counts_often_keeps_the_series() -> None:
    registry = Registry()
    count, buckets = registry.counter(REQUESTS, ("a", "legacy", "2xx")), registry.histogram(DURATION, ("a", "legacy"))
    registry.inc(REQUESTS, ("a", "legacy", "2xx"))
    count.add(2)
    registry.observe(DURATION, ("a", "legacy"), 0.5)
    buckets.add(0.25)
    assert counters(registry) == {(REQUESTS, ("a", "legacy", "2xx")): 3}
    (sample,) = registry.snapshot().histograms
    assert (sum(sample.counts), sample.total) == (2, 0.75)


def test_a_series_that_cannot_be_kept_can_be_counted_with_and_is_told_once() -> None:
    registry = Registry()
    registry.counter("unheard-of").add()
    registry.histogram("unheard-of", ()).add(1.0)
    assert counters(registry) == {(DROPPED, (MISUSE,)): 2}


def test_a_counter_counts_apart_by_labels() -> None:
    registry = Registry()
    registry.inc(REQUESTS, ("a", "legacy", "2xx"))
    registry.inc(REQUESTS, ("a", "legacy", "2xx"), 4)
    registry.inc(REQUESTS, ("a", "candidate", "2xx"))
    assert counters(registry) == {
        (REQUESTS, ("a", "legacy", "2xx")): 5,
        (REQUESTS, ("a", "candidate", "2xx")): 1,
    }


def test_a_member_of_an_enum_is_its_text() -> None:
    registry = Registry()
    registry.inc(REQUESTS, ("a", System.LEGACY, "2xx"))
    registry.inc(REQUESTS, ("a", "legacy", "2xx"))
    (sample,) = registry.snapshot().counters
    assert (sample.value, type(sample.labels[1])) == (2, str)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10))))
def test_a_counter_is_the_sum_of_what_was_added(additions: list[tuple[str, int]]) -> None:
    registry, expected = Registry(SMALL), Counter[str]()
    for label, by in additions:
        registry.inc("c", (label,), by)
        expected[label] += by
    assert counters(registry) == {("c", (label,)): total for label, total in expected.items()}


@given(st.lists(st.floats(0, 100), max_size=50))
def test_an_observation_is_in_the_first_bucket_whose_bound_is_not_below_it(observed: list[float]) -> None:
    registry = Registry()
    for seconds in observed:
        registry.observe(OVERHEAD, (), seconds)
    for sample in registry.snapshot().histograms:
        for index, count in enumerate(sample.counts):
            low = BOUNDS[index - 1] if index else -inf
            high = BOUNDS[index] if index < len(BOUNDS) else inf
            assert count == sum(low < seconds <= high for seconds in observed)
        assert sum(sample.counts) == len(observed)
        assert sample.total == pytest.approx(sum(observed))


@pytest.mark.parametrize("bound", BOUNDS)
def test_a_bound_is_inclusive(bound: float) -> None:
    registry = Registry()
    registry.observe(DURATION, ("a", "legacy"), bound)
    assert registry.snapshot().histograms[0].counts[bisect_left(BOUNDS, bound)] == 1


@pytest.mark.parametrize("seconds", [-0.001, inf, nan])
def test_a_duration_that_is_none_is_counted_as_our_mistake(seconds: float) -> None:
    registry = Registry()
    registry.observe(OVERHEAD, (), 0.5)
    registry.observe(OVERHEAD, (), seconds)
    assert registry.snapshot().histograms[0].total == 0.5
    assert counters(registry) == {(DROPPED, (MISUSE,)): 1}


def test_a_gauge_keeps_the_last_value() -> None:
    registry = Registry()
    registry.set(INFLIGHT, (), 3)
    registry.set(INFLIGHT, (), 1)
    assert gauges(registry) == {(INFLIGHT, ()): 1}


@pytest.mark.parametrize("value", [inf, -inf, nan])
def test_a_gauge_that_json_can_not_say_is_not_taken(value: float) -> None:
    registry = Registry()
    registry.set(INFLIGHT, (), 3)
    registry.set(INFLIGHT, (), value)
    assert gauges(registry) == {(INFLIGHT, ()): 3}
    assert counters(registry) == {(DROPPED, (MISUSE,)): 1}


def test_of_a_fact_only_the_last_holds() -> None:
    registry = Registry()
    for table in range(FAMILIES[INFO].limit * 2):
        registry.set_only(INFO, (f"hash-{table}",), 1)
    registry.set(INFLIGHT, (), 2)
    assert gauges(registry) == {(INFO, (f"hash-{table}",)): 1, (INFLIGHT, ()): 2}
    assert counters(registry) == {}


def test_an_undeclared_name_does_not_get_in_nor_fail() -> None:
    registry = Registry()
    registry.inc("strangler_invented_total", ("a",))
    registry.observe("strangler_invented_seconds", (), 1.0)
    registry.set("strangler_invented", (), 1.0)
    assert registry.snapshot().gauges == ()
    assert registry.snapshot().histograms == ()
    assert counters(registry) == {(DROPPED, (MISUSE,)): 3}


def test_wrong_labels_or_kind_do_not_get_in_nor_fail() -> None:
    registry = Registry()
    registry.inc(REQUESTS, ("a",))
    registry.inc(INFLIGHT)
    registry.set(REQUESTS, ("a", "legacy", "2xx"), 1)
    registry.observe(SHADOW, ("a", "sent"), 1)
    assert counters(registry) == {(DROPPED, (MISUSE,)): 4}


def test_a_full_family_loses_labels_but_no_counts() -> None:
    registry = Registry(SMALL)
    for label in "abcdefa":
        registry.inc("c", (label,), 2)
        registry.observe("h", (label,), 0.5)
    assert counters(registry) == {
        ("c", ("a",)): 4,
        ("c", ("b",)): 2,
        ("c", ("c",)): 2,
        ("c", (OVERFLOW_LABEL,)): 6,
        (DROPPED, (SERIES_LIMIT,)): 6,
    }
    totals = {sample.labels: sum(sample.counts) for sample in registry.snapshot().histograms}
    assert totals == {("a",): 2, ("b",): 1, ("c",): 1, (OVERFLOW_LABEL,): 3}


def test_a_full_family_of_gauges_loses_the_value_with_a_count() -> None:
    registry = Registry(SMALL)
    for label in "abcd":
        registry.set("g", (label,), 1)
    assert gauges(registry) == {("g", ("a",)): 1, ("g", ("b",)): 1, ("g", ("c",)): 1}
    assert counters(registry) == {(DROPPED, (SERIES_LIMIT,)): 1}


@given(st.lists(st.text(max_size=3) | st.sampled_from(["\ud800", "\udfff", "?"]), max_size=20))
def test_any_text_is_a_label_that_travels(labels: list[str]) -> None:
    registry = Registry()
    for label in labels:
        registry.inc(DROPPED, (label,))
    snapshot = registry.snapshot()
    assert Snapshot.from_json(snapshot.to_json()) == snapshot
    assert sum(sample.value for sample in snapshot.counters) == len(labels)


def test_a_snapshot_does_not_move_with_the_registry() -> None:
    registry = Registry()
    registry.observe(OVERHEAD, (), 0.5)
    before = registry.snapshot()
    registry.observe(OVERHEAD, (), 0.5)
    assert sum(before.histograms[0].counts) == 1
