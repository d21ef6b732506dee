from proxy.shadow.sampling import FIRST, MOST, PERIOD, THEN_ONE_IN, Sample
from tests.shadow.timing import Clock


def test_a_quiet_route_keeps_everything_and_a_busy_one_some_of_each_cause() -> None:
    clock = Clock()
    sample = Sample(clock)
    for _ in range(3):
        for cause in ("match", "a fingerprint"):
            assert all(sample.takes(cause) for _ in range(FIRST))
            assert sum(sample.takes(cause) for _ in range(10 * THEN_ONE_IN)) == 10
        clock.now += PERIOD


def test_the_count_begins_anew_only_when_its_time_is_over() -> None:
    clock = Clock()
    sample = Sample(clock)
    assert all(sample.takes("match") for _ in range(FIRST))
    clock.now += PERIOD - 0.001
    assert not sample.takes("match")
    clock.now += 0.002
    assert sample.takes("match")


def test_the_number_of_causes_is_bounded_and_those_beyond_share_one_sample() -> None:
    sample = Sample(Clock())
    assert all(sample.takes(f"cause {number}") for number in range(MOST + FIRST))
    assert not sample.takes("one more")
    assert sample.takes("cause 0")
