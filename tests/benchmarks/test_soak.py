"""That the soak sees what it is there to see; its long run is `make soak`."""

import random
from collections import Counter

from benchmarks.soak import FILES, GROWN, faults
from benchmarks.soak_clients import CROSSED, MIX, deserter
from benchmarks.soak_readings import Reading, buckets, growth, quantile
from benchmarks.soak_upstream import KINDS, chunked, right

LAG = {0.001: 90, 0.05: 100, 0.1: 100, float("inf"): 100}
QUIET = Reading({"worker": 50 << 20}, {"worker": 15}, 4, {}, 0)


def reading(size: int = 50 << 20, *, files: int = 15, tasks: int = 4, restarts: int = 0) -> Reading:
    return Reading({"worker": size}, {"worker": files}, tasks, LAG, restarts)


def test_a_run_in_which_nothing_grew_has_no_fault() -> None:
    assert faults([QUIET] + [reading()] * 9 + [reading()], Counter({"honest": 100})) == []


def test_what_grows_all_the_time_is_seen_and_a_cache_that_fills_is_not() -> None:
    leak = [QUIET] + [reading((50 << 20) + index * GROWN) for index in range(9)] + [reading()]
    cache = [QUIET] + [reading((50 << 20) + min(index, 3) * GROWN) for index in range(9)] + [reading()]
    assert len(faults(leak, Counter())) == 1
    assert faults(cache, Counter()) == []


def test_files_tasks_restarts_and_wrong_answers_are_seen() -> None:
    last = reading(files=15 + FILES + 1, tasks=5, restarts=1)
    told = Counter({"wrong: a 200 for nothing": 2, "honest": 100, CROSSED: 10})
    found = faults([QUIET] + [reading()] * 9 + [last], told)
    assert [each.split()[0] for each in found] == ["wrong:", "worker", "the", "10", "processes"]


def test_a_late_loop_is_seen_and_one_that_was_not_measured_too() -> None:
    late = Reading({"worker": 1}, {"worker": 1}, 4, {0.05: 98, 0.1: 100, float("inf"): 100}, 0)
    assert any("p99" in each for each in faults([QUIET, late], Counter()))
    assert any("p99" in each for each in faults([QUIET, QUIET], Counter()))


def test_the_quantile_is_that_of_what_came_in_between() -> None:
    assert quantile(0.9, {}, LAG) == 0.001
    assert quantile(0.99, {}, LAG) == 0.05
    assert quantile(0.5, LAG, {bound: count + (bound >= 0.1) * 10 for bound, count in LAG.items()}) == 0.1
    assert quantile(0.99, LAG, LAG) == 0.0


def test_growth_of_too_few_readings_is_none() -> None:
    assert growth([1, 100]) == 0
    assert growth([1, 1, 2, 2, 5, 5]) == 3


def test_buckets_are_read_from_the_text_format() -> None:
    text = (
        'strangler_loop_lag_seconds_bucket{le="0.05"} 7\nstrangler_loop_lag_seconds_bucket{le="+Inf"} 9\nx{le="1"} 2\n'
    )
    assert buckets(text) == {0.05: 7, float("inf"): 9}


def test_each_fault_says_something_other_than_the_right_answer_or_ends_the_connection() -> None:
    target = b"/fault/x/1"
    for kind, (says, then) in KINDS.items():
        assert says(target) not in (right(target), chunked(target)) or then != "stay" or kind == b"chunked"


async def test_a_client_that_cannot_reach_the_proxy_raises_what_is_then_told() -> None:
    for client, _ in MIX:
        try:
            await client(1, random.Random(1), 1)
        except ConnectionRefusedError:
            continue
        raise AssertionError(f"{client.__name__} reached port 1")
    assert deserter in {client for client, _ in MIX}
