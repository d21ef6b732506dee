from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.telemetry.merge import Totals, merge
from proxy.telemetry.metrics import OVERFLOW_LABEL, Family, Kind
from proxy.telemetry.registry import Registry
from proxy.telemetry.snapshot import Snapshot

DROPPED, OVERHEAD = "strangler_dropped_total", "strangler_overhead_seconds"
INFLIGHT, OPEN, RELOADED = "strangler_inflight", "strangler_breaker_open", "strangler_config_last_reload_successful"


def counted(**reasons: int) -> Snapshot:
    registry = Registry()
    for reason, count in reasons.items():
        registry.inc(DROPPED, (reason,), count)
    return registry.snapshot()


def gauged(name: str, labels: tuple[str, ...], value: float) -> Snapshot:
    registry = Registry()
    registry.set(name, labels, value)
    return registry.snapshot()


def drops(snapshot: Snapshot) -> dict[str, int]:
    return {sample.labels[0]: sample.value for sample in snapshot.counters}


def test_nothing_merged_is_nothing() -> None:
    assert merge([]) == Snapshot()
    assert merge([Snapshot(), Snapshot()]) == Snapshot()


def test_one_merged_is_itself() -> None:
    assert merge([counted(a=1, b=2)]) == counted(a=1, b=2)


def test_counters_are_summed_by_labels() -> None:
    assert drops(merge([counted(a=1, b=2), counted(b=3, c=4)])) == {"a": 1, "b": 5, "c": 4}


def test_histograms_are_summed_by_bucket() -> None:
    one, other, both = Registry(), Registry(), Registry()
    for seconds in (0.0001, 0.5, 100.0):
        one.observe(OVERHEAD, (), seconds)
        both.observe(OVERHEAD, (), seconds)
    for seconds in (0.5, 2.0):
        other.observe(OVERHEAD, (), seconds)
        both.observe(OVERHEAD, (), seconds)
    (merged,), (expected,) = merge([one.snapshot(), other.snapshot()]).histograms, both.snapshot().histograms
    assert merged.counts == expected.counts
    assert merged.total == pytest.approx(expected.total)


@pytest.mark.parametrize(
    ("name", "labels", "together"), [(INFLIGHT, (), 4.0), (OPEN, ("a",), 3.0), (RELOADED, (), 0.0)]
)
def test_gauges_are_gathered_as_declared(name: str, labels: tuple[str, ...], together: float) -> None:
    merged = merge(gauged(name, labels, value) for value in (1.0, 3.0, 0.0))
    assert [sample.value for sample in merged.gauges] == [together]


def test_an_update_replaces_what_the_source_said() -> None:
    totals = Totals()
    totals.update("worker-0", counted(full=1))
    totals.update("worker-0", counted(full=5))
    totals.update("worker-1", counted(full=2))
    assert drops(totals.snapshot()) == {"full": 7}


def test_the_dead_are_counted_on_and_their_gauges_are_not() -> None:
    totals = Totals()
    totals.update("worker-0", merge([counted(full=5), gauged(INFLIGHT, (), 9)]))
    totals.update("worker-1", gauged(INFLIGHT, (), 1))
    totals.retire("worker-0")
    assert drops(totals.snapshot()) == {"full": 5}
    assert [sample.value for sample in totals.snapshot().gauges] == [1]


def test_a_slot_may_be_used_again_once_retired() -> None:
    totals = Totals()
    totals.update("worker-0", counted(full=5))
    totals.retire("worker-0")
    totals.update("worker-0", counted(full=7))
    assert drops(totals.snapshot()) == {"full": 12}


def test_to_retire_twice_or_the_unknown_changes_nothing() -> None:
    totals = Totals()
    totals.update("worker-0", counted(full=5))
    totals.retire("worker-0")
    totals.retire("worker-0")
    totals.retire("nobody")
    assert drops(totals.snapshot()) == {"full": 5}


@pytest.mark.parametrize("restarted", [counted(full=1), counted(other=9), Snapshot()])
def test_a_restart_that_nobody_reported_is_noticed(restarted: Snapshot) -> None:
    totals = Totals()
    totals.update("worker-0", counted(full=5))
    totals.update("worker-0", restarted)
    assert drops(totals.snapshot()) == Counter(full=5) + Counter(drops(restarted))


def test_a_histogram_that_went_down_is_a_restart_too() -> None:
    first, second = Registry(), Registry()
    first.observe(OVERHEAD, (), 1.0)
    first.observe(OVERHEAD, (), 1.0)
    second.observe(OVERHEAD, (), 2.0)
    totals = Totals()
    totals.update("worker-0", first.snapshot())
    totals.update("worker-0", second.snapshot())
    (sample,) = totals.snapshot().histograms
    assert (sum(sample.counts), sample.total) == (3, 4.0)


EVENTS = st.lists(st.tuples(st.sampled_from(["count", "report", "restart"]), st.integers(0, 2), st.sampled_from("ab")))


@given(EVENTS)
def test_a_total_is_what_was_reported_and_never_goes_down(events: list[tuple[str, int, str]]) -> None:
    totals, processes = Totals(), [Registry() for _ in range(3)]
    pending, reported = [Counter[str]() for _ in range(3)], Counter[str]()
    last: dict[str, int] = {}
    for event, index, reason in events:
        if event == "count":
            processes[index].inc(DROPPED, (reason,))
            pending[index][reason] += 1
        elif event == "report":
            totals.update(f"worker-{index}", processes[index].snapshot())
            reported += pending[index]
            pending[index].clear()
        else:
            totals.retire(f"worker-{index}")
            processes[index] = Registry()
            pending[index].clear()
        now = drops(totals.snapshot())
        assert now == reported
        assert all(now[key] >= value for key, value in last.items())
        last = now


def test_the_base_of_the_dead_is_bounded_and_loses_no_count() -> None:
    families = {
        "c": Family("c", Kind.COUNTER, ("x",), "C.", limit=4),
        "h": Family("h", Kind.HISTOGRAM, ("x",), "H.", limit=4),
    }
    totals = Totals(families)
    for life in range(20):
        registry = Registry(families)
        registry.inc("c", (f"route-{life}",), 2)
        registry.observe("h", (f"route-{life}",), 0.5)
        totals.update("worker-0", registry.snapshot())
        totals.retire("worker-0")
    total = totals.snapshot()
    assert {sample.labels[0]: sample.value for sample in total.counters} == {
        **{f"route-{life}": 2 for life in range(4)},
        OVERFLOW_LABEL: 32,
    }
    assert [sum(sample.counts) for sample in total.histograms] == [1, 1, 1, 1, 16]
