"""Which address is next: the healthy ones in turn, one probe at a time after a rest, and never nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.http1.balance import FAILURES, LONGEST_PROBE, LONGEST_REST, Balancer


def chosen(balancer: Balancer, times: int, now: float = 0.0, count: int = 3) -> list[int]:
    return [balancer.choose(now, [0] * count) for _ in range(times)]


def exhaust(balancer: Balancer, address: int, now: float = 0.0) -> None:
    for _ in range(FAILURES):
        balancer.failed(address, now)


def test_healthy_ones_take_turns() -> None:
    assert chosen(Balancer(3), 6) == [0, 1, 2, 0, 1, 2]
    assert chosen(Balancer(1), 2, count=1) == [0, 0]


def test_of_two_the_less_busy_is_taken() -> None:
    balancer = Balancer(3)
    assert [balancer.choose(0.0, [9, 1, 5]) for _ in range(4)] == [1, 2, 1, 2]
    assert balancer.choose(0.0, [4, 4, 4]) == 0


def test_it_rests_after_failures_in_a_row() -> None:
    balancer = Balancer(3)
    for _ in range(FAILURES - 1):
        balancer.failed(1, 0.0)
    balancer.answered(1)
    for _ in range(FAILURES - 1):
        balancer.failed(1, 0.0)
    assert chosen(balancer, 3) == [0, 1, 2]
    balancer.failed(1, 0.0)
    assert not balancer.healthy(1)
    assert chosen(balancer, 4, now=0.99) == [0, 2, 0, 2]


def test_after_its_rest_one_probe_goes_at_a_time() -> None:
    balancer = Balancer(2)
    exhaust(balancer, 1)
    assert chosen(balancer, 5, now=1.0, count=2) == [0, 1, 0, 0, 0]
    balancer.answered(1)
    assert balancer.healthy(1)
    assert sorted(chosen(balancer, 4, now=1.0, count=2)) == [0, 0, 1, 1]


def test_each_failed_probe_doubles_the_rest_to_a_bound() -> None:
    balancer, now = Balancer(2), 0.0
    exhaust(balancer, 1)
    for rest in (1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0):
        assert 1 not in chosen(balancer, 4, now=now + rest - 0.01, count=2)
        now += rest
        assert chosen(balancer, 4, now=now, count=2).count(1) == 1
        balancer.failed(1, now)
    balancer.answered(1)
    exhaust(balancer, 1, now)
    assert 1 in chosen(balancer, 2, now=now + 1.0, count=2)


def test_what_was_sent_before_a_rest_does_not_prolong_it() -> None:
    balancer = Balancer(2)
    exhaust(balancer, 1)
    exhaust(balancer, 1, now=0.9)
    assert 1 in chosen(balancer, 2, now=1.0, count=2)


def test_a_probe_that_ended_without_a_word_makes_room_for_another() -> None:
    balancer = Balancer(2)
    exhaust(balancer, 1)
    assert 1 in chosen(balancer, 2, now=1.0, count=2)
    balancer.let_go(0, 1.0)
    assert 1 not in chosen(balancer, 3, now=1.0, count=2)
    balancer.let_go(1, 1.0)
    assert chosen(balancer, 4, now=1.0, count=2).count(1) == 1
    assert 1 not in chosen(balancer, 3, now=LONGEST_PROBE, count=2)
    assert chosen(balancer, 4, now=1.0 + LONGEST_PROBE, count=2).count(1) == 1


def test_active_checks_mark_down_and_up() -> None:
    balancer = Balancer(3)
    balancer.heard(1, False)
    assert chosen(balancer, 4) == [0, 2, 0, 2]
    balancer.answered(1)
    assert 1 not in chosen(balancer, 4, now=1e6)
    balancer.heard(1, True)
    assert 1 in chosen(balancer, 3)


def test_a_good_check_lets_the_probe_go_at_once() -> None:
    balancer = Balancer(2)
    exhaust(balancer, 1)
    balancer.heard(1, True)
    assert not balancer.healthy(1)
    assert chosen(balancer, 4, now=0.1, count=2).count(1) == 1
    balancer.heard(1, True)
    assert 1 not in chosen(balancer, 4, now=0.1, count=2)


@pytest.mark.parametrize("checked", [False, True])
def test_where_none_is_healthy_all_are_asked(checked: bool) -> None:
    balancer = Balancer(3)
    for address in range(3):
        if checked:
            balancer.heard(address, False)
        else:
            exhaust(balancer, address)
    assert chosen(balancer, 6) == [0, 1, 2, 0, 1, 2]
    balancer.heard(2, True)
    balancer.answered(2)
    assert chosen(balancer, 3) == [2, 2, 2]


def test_only_trouble_needs_to_be_told() -> None:
    balancer = Balancer(2)
    assert not balancer.troubled(0)
    balancer.failed(0, 0.0)
    assert balancer.troubled(0)
    balancer.answered(0)
    assert not balancer.troubled(0)


_EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["choose", "answered", "failed", "let_go", "up", "down", "wait"]),
        st.integers(0, 2),
        st.integers(0, 9),
    ),
    max_size=200,
)


@given(_EVENTS)
def test_whatever_happens_a_healthy_one_is_preferred_and_soon_asked(events: list[tuple[str, int, int]]) -> None:
    balancer, now, busy = Balancer(3), 0.0, [0, 0, 0]
    for what, address, amount in events:
        if what == "choose":
            healthy = [balancer.healthy(each) for each in range(3)]
            got = balancer.choose(now, busy)
            assert 0 <= got < 3
            assert healthy[got] or not any(healthy) or balancer.troubled(got)
        elif what == "wait":
            now += amount
        elif what in ("up", "down"):
            balancer.heard(address, what == "up")
        elif what == "answered":
            balancer.answered(address)
        else:
            getattr(balancer, what)(address, now)
    now += LONGEST_REST + LONGEST_PROBE
    for each in range(3):
        balancer.heard(each, True)
    assert set(chosen(balancer, 6, now=now)) == {0, 1, 2}
