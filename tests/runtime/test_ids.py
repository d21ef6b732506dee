import os
import string

from hypothesis import given
from hypothesis import strategies as st

from proxy.runtime.ids import exchange_ids, life

times = st.floats(min_value=0, max_value=4_000_000_000, allow_nan=False)


@given(st.lists(times, max_size=30))
def test_ids_are_32_hex_digits_and_unique_whatever_the_clock_does(moments: list[float]) -> None:
    clock = iter(moments)
    new_id = exchange_ids(lambda: next(clock), os.urandom)
    ids = [new_id() for _ in moments]
    assert len(set(ids)) == len(ids)
    assert {len(each) for each in ids} <= {32}
    assert set("".join(ids)) <= set(string.hexdigits.lower())


@given(st.lists(times, max_size=30))
def test_ids_sort_by_time_and_within_a_millisecond_by_order(moments: list[float]) -> None:
    clock = iter(sorted(moments))
    new_id = exchange_ids(lambda: next(clock), os.urandom)
    ids = [new_id() for _ in moments]
    assert ids == sorted(ids)


def test_two_processes_make_different_ids_at_one_moment() -> None:
    one, other = (exchange_ids(lambda: 1.0, os.urandom) for _ in range(2))
    assert one() != other()


def test_an_id_says_when() -> None:
    assert int(exchange_ids(lambda: 1_700_000_000.123, os.urandom)()[:12], 16) == 1_700_000_000_123


def test_each_life_of_a_process_has_a_name_of_its_own() -> None:
    names = {life("worker-0", os.urandom) for _ in range(20)}
    assert len(names) == 20
    assert all(name.startswith("worker-0:") for name in names)
