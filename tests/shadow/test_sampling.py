from proxy.shadow.sampling import FIRST, PERIOD, THEN_ONE_IN, Sample
from tests.shadow.timing import Clock


def test_a_quiet_route_keeps_every_match_and_a_busy_one_some() -> None:
    clock = Clock()
    sample = Sample(clock)
    for _ in range(3):
        assert all(sample.takes() for _ in range(FIRST))
        assert sum(sample.takes() for _ in range(10 * THEN_ONE_IN)) == 10
        clock.now += PERIOD


def test_the_count_begins_anew_only_when_its_time_is_over() -> None:
    clock = Clock()
    sample = Sample(clock)
    assert all(sample.takes() for _ in range(FIRST))
    clock.now += PERIOD - 0.001
    assert not sample.takes()
    clock.now += 0.002
    assert sample.takes()
