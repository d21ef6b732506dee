from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.order import serpentine


def test_two_in_two_rounds_are_a_b_b_a() -> None:
    assert "".join(serpentine("AB", 2)) == "ABBA"
    assert "".join(serpentine("AB", 4)) == "ABBAABBA"
    assert "".join(serpentine("ABC", 3)) == "ABCCBAABC"


@given(st.integers(1, 8), st.integers(1, 5))
def test_over_even_rounds_nobody_is_early_or_late_on_average(count: int, half: int) -> None:
    positions: dict[int, list[int]] = defaultdict(list)
    for position, item in enumerate(serpentine(range(count), 2 * half)):
        positions[item].append(position)
    assert Counter(len(taken) for taken in positions.values()) == {2 * half: count}
    assert len({sum(taken) for taken in positions.values()}) == 1
