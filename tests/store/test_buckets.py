"""Latency buckets: at most 1 % off."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.store.buckets import bucket_of, percentile, seconds_of

SECONDS = st.floats(1e-6, 1e5)


@given(SECONDS)
def test_a_bucket_is_at_most_one_percent_off(seconds: float) -> None:
    assert seconds_of(bucket_of(seconds)) == pytest.approx(seconds, rel=0.0101)


@given(SECONDS, SECONDS)
def test_buckets_keep_the_order(one: float, other: float) -> None:
    if one <= other:
        assert bucket_of(one) <= bucket_of(other)


@pytest.mark.parametrize("odd", [0.0, -1.0, float("nan"), float("inf"), 1e300])
def test_odd_times_have_a_bucket_too(odd: float) -> None:
    assert isinstance(bucket_of(odd), int)


@given(st.lists(SECONDS, min_size=1, max_size=50), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_percentiles_are_those_of_the_values(values: list[float], share: float) -> None:
    exact = sorted(values)[-(-len(values) * round(share * 100) // 100) - 1]
    assert percentile(Counter(map(bucket_of, values)), share) == pytest.approx(exact, rel=0.0101)


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile({}, 0.5)
