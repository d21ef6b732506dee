import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Failure, FailureKind, Response
from proxy.shadow.health import FAILURES, PAUSE, Health
from tests.shadow.timing import Clock

ANSWER = Response(500, b"", (), b"")
NO_ANSWERS = [
    FailureKind.REFUSED,
    FailureKind.CONNECT_TIMEOUT,
    FailureKind.RESET,
    FailureKind.TIMEOUT,
    FailureKind.GARBAGE,
]


def failure(kind: FailureKind) -> Failure:
    return Failure(kind, False, "")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock)


@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_so_many_failures_in_a_row_are_a_pause_and_then_one_tries(
    health: Health, clock: Clock, kind: FailureKind
) -> None:
    for _ in range(FAILURES):
        assert health.allows()
        health.heard(failure(kind))
    assert not health.allows()
    clock.now += PAUSE
    assert [health.allows(), health.allows()] == [True, False]
    health.heard(ANSWER)
    assert [health.allows(), health.allows()] == [True, True]


def test_the_one_that_tries_and_fails_begins_the_pause_anew(health: Health, clock: Clock) -> None:
    for _ in range(FAILURES):
        health.heard(failure(FailureKind.REFUSED))
    clock.now += PAUSE
    assert health.allows()
    clock.now += PAUSE / 2
    health.heard(failure(FailureKind.REFUSED))
    clock.now += PAUSE * 0.9
    assert not health.allows()


def test_one_that_tries_and_is_never_heard_of_holds_the_others_no_longer_than_a_pause(
    health: Health, clock: Clock
) -> None:
    for _ in range(FAILURES):
        health.heard(failure(FailureKind.TIMEOUT))
    clock.now += PAUSE
    assert health.allows()
    clock.now += PAUSE
    assert health.allows()


def test_an_answer_of_any_status_begins_the_count_anew(health: Health) -> None:
    for _ in range(3 * FAILURES):
        for _ in range(FAILURES - 1):
            health.heard(failure(FailureKind.RESET))
        health.heard(ANSWER)
        assert health.allows()


@given(st.lists(st.sampled_from(sorted({*FailureKind} - {*NO_ANSWERS})), max_size=50))
def test_our_own_bounds_say_nothing_of_the_shadow(kinds: list[FailureKind]) -> None:
    health = Health(Clock())
    for kind in kinds:
        health.heard(failure(kind))
        assert health.allows()
