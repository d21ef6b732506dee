"""Any span is the sum of periods that do not overlap."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from proxy.store.periods import DAY, MINUTE, WIDTHS, covering, start_of

MOMENTS = st.floats(0, 4e9)


@given(MOMENTS, st.floats(-3_600, 3 * DAY))
def test_each_moment_is_covered_exactly_once_if_it_is_not_before(since: float, later: float) -> None:
    at = max(0.0, since + later)
    covered = 0
    for period in covering(since):
        start = start_of(period.width, at)
        covered += start >= period.start and (period.end is None or start < period.end)
    assert covered == (start_of(MINUTE, at) >= start_of(MINUTE, since))


def test_all_time_is_days() -> None:
    (period,) = covering(None)
    assert (period.width, period.start, period.end) == (DAY, 0, None)


def test_widths_nest() -> None:
    assert all(wide % narrow == 0 for narrow, wide in pairwise(WIDTHS))
