"""The supervisor's side of the breakers. The clock stands until it is put forward."""

from proxy.gateway.breaker import Probe
from proxy.runtime.breaking import FIRST_PAUSE, LONGEST_PAUSE, PATIENCE, PROBES, UNTAKEN, Breaking


class Bench:
    def __init__(self) -> None:
        self.now = 50.0
        self.told: list[tuple[frozenset[str], dict[str, int]]] = []
        self.breaking = Breaking(lambda: self.told.append((self.breaking.open, self.breaking.probes)), lambda: self.now)

    def probe(self, what: Probe) -> bool:
        """Whether a probe was due, and this became of it; True if it closed the breaker."""
        self.breaking.tick()
        assert self.breaking.probes
        return self.breaking.probed("pay", self.breaking.probes["pay"], what) is not None


def tripped() -> Bench:
    bench = Bench()
    event = bench.breaking.tripped("pay", "5 of 8 requests failed")
    assert event is not None
    assert (event.route, event.opened, event.reason) == ("pay", True, "5 of 8 requests failed")
    return bench


def test_the_first_worker_that_says_so_opens_it_for_all() -> None:
    bench = tripped()
    assert bench.told == [(frozenset({"pay"}), {})]
    assert bench.breaking.tripped("pay", "6 of 9 requests failed") is None
    assert bench.breaking.is_open("pay")
    assert not bench.breaking.is_open("other")


def test_probes_come_one_at_a_time_after_a_pause_and_enough_of_them_close_it() -> None:
    bench = tripped()
    bench.now += FIRST_PAUSE - 0.01
    bench.breaking.tick()
    assert bench.breaking.probes == {}
    bench.now += 0.02
    bench.breaking.tick()
    bench.breaking.tick()
    assert bench.breaking.probes == {"pay": 1}
    assert bench.breaking.probed("pay", 1, Probe.ANSWERED) is None
    assert [bench.probe(Probe.ANSWERED) for _ in range(PROBES - 1)] == [False] * (PROBES - 2) + [True]
    assert bench.breaking.open == frozenset()
    assert bench.told[-1] == (frozenset(), {})


def test_a_probe_that_fails_begins_the_count_anew_and_makes_the_pause_longer_up_to_a_bound() -> None:
    bench = tripped()
    pauses = []
    for _ in range(6):
        began = bench.now
        while not bench.breaking.probes:
            bench.now += 1.0
            bench.breaking.tick()
        pauses.append(bench.now - began)
        bench.probe(Probe.FAILED)
    assert pauses == [5.0, 5.0, 10.0, 20.0, 40.0, LONGEST_PAUSE]


def test_a_probe_of_which_nothing_is_heard_is_given_to_another_worker() -> None:
    bench = tripped()
    bench.now += FIRST_PAUSE
    bench.breaking.tick()
    assert bench.breaking.probes == {"pay": 1}
    bench.now += PATIENCE
    bench.breaking.tick()
    assert bench.breaking.probes == {"pay": 2}


def test_a_probe_that_nobody_takes_is_asked_back_and_goes_to_another_worker_once_it_is_back() -> None:
    bench = tripped()
    bench.now += FIRST_PAUSE
    bench.breaking.tick()
    bench.now += UNTAKEN
    for _ in range(3):
        bench.breaking.tick()
        assert bench.breaking.probes == {}, "the first worker may have sent a request as it: it has to say so"
    assert bench.breaking.probed("pay", 1, Probe.RETURNED) is None
    bench.breaking.tick()
    assert bench.breaking.probes == {"pay": 2}
    assert len(bench.told) == 4


def test_a_probe_that_was_taken_is_waited_for() -> None:
    bench = tripped()
    bench.now += FIRST_PAUSE
    bench.breaking.tick()
    assert bench.breaking.probed("pay", 1, Probe.TAKEN) is None
    bench.now += PATIENCE - 0.1
    bench.breaking.tick()
    assert bench.breaking.probes == {"pay": 1}
    assert [bench.probe(Probe.ANSWERED) for _ in range(PROBES)] == [False] * (PROBES - 1) + [True]


def test_one_that_was_taken_as_it_was_asked_back_counts() -> None:
    bench = tripped()
    bench.now += FIRST_PAUSE
    bench.breaking.tick()
    bench.now += UNTAKEN
    bench.breaking.tick()
    for what in (Probe.TAKEN, Probe.FAILED):
        assert bench.breaking.probed("pay", 1, what) is None
    bench.breaking.tick()
    assert bench.breaking.probes == {}, "it has failed: there is a pause"


def test_nobody_asked_for_this_answer() -> None:
    bench = tripped()
    assert bench.breaking.probed("pay", 1, Probe.ANSWERED) is None
    assert bench.breaking.probed("other", 1, Probe.ANSWERED) is None
    assert bench.breaking.open == frozenset({"pay"})


def test_a_route_without_a_breaker_is_not_open() -> None:
    bench = tripped()
    [event] = bench.breaking.keep(frozenset({"other"}))
    assert (event.route, event.opened) == ("pay", False)
    assert bench.breaking.keep(frozenset()) == ()


def test_the_answer_of_a_probe_that_was_given_up_is_not_that_of_the_next() -> None:
    bench = tripped()
    bench.now += FIRST_PAUSE
    bench.breaking.tick()
    bench.now += PATIENCE
    bench.breaking.tick()
    assert bench.breaking.probed("pay", 1, Probe.ANSWERED) is None
    assert bench.breaking.probes == {"pay": 2}


def test_what_was_open_for_the_process_before_is_open() -> None:
    bench = Bench()
    bench.breaking.begin_with(["pay"])
    assert bench.breaking.open == {"pay"}
    bench.now += FIRST_PAUSE
    bench.breaking.tick()
    assert bench.breaking.probes == {"pay": 1}
