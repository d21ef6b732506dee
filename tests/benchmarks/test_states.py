import pytest

from benchmarks.lane import Sample
from benchmarks.load import Timing
from benchmarks.states import ALL, WORDS, changes


def sample(p50: float) -> Sample:
    return Sample(Timing(1000, 1000.0, p50, 2 * p50, 0), 50.0, 70.0)


def test_each_a_b_b_a_gives_one_change_of_p50() -> None:
    off = [sample(100), sample(110), sample(200), sample(200)]
    state = [sample(105), sample(105), sample(230), sample(210)]
    assert changes(state, off) == pytest.approx([0.0, 0.1])


def test_the_states_are_those_that_were_asked_for_and_each_has_its_words() -> None:
    names = [state.name for state in ALL]
    assert names == ["legacy", "fast", "slow", "dead", "wrong", "garbage", "channel-full", "store-gone"]
    assert set(WORDS) == set(names)


def test_full_speed_is_measured_where_it_tells_something_of_the_shadow_itself() -> None:
    assert [state.name for state in ALL if state.full] == ["legacy", "fast", "channel-full"]
