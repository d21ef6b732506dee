"""When a candidate is left, in one worker. The clock stands until it is put forward."""

import re
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from proxy.gateway.breaker import OPEN, PROBE, SLOTS, Breakers, Probe, Window
from proxy.messages import Plan, Stage, System
from proxy.routing.route import Breaker
from proxy.routing.table import Backend, Route, RouteTable

RULE = Breaker(window=30.0, min_requests=4, max_error_rate=0.5)
ROUTE = Route("pay", "legacy", "candidate", Stage.CANDIDATE, breaker=RULE)
FOUND = Plan("pay", Stage.CANDIDATE, System.CANDIDATE, "candidate", None, "stage candidate: candidate alone")
BARRED = Plan("pay", Stage.CANDIDATE, System.LEGACY, "legacy", None, OPEN)


@dataclass
class Bench:
    """Breakers with what they told."""

    now: float = 1000.0
    tripped: list[tuple[str, str]] = field(default_factory=list)
    probed: list[tuple[str, int, Probe]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.breakers = Breakers(
            lambda *told: self.tripped.append(told), lambda *told: self.probed.append(told), lambda: self.now
        )
        self.breakers.adopt(table(RULE))

    def hear(self, *failed: bool) -> None:
        for each in failed:
            self.breakers.heard(FOUND, 502 if each else 200)

    def plan(self) -> Plan:
        return self.breakers.planned(ROUTE, FOUND)


def table(rule: Breaker | None) -> RouteTable:
    backends = {name: Backend(name, "http", "127.0.0.1", 1) for name in ("legacy", "candidate")}
    return RouteTable("t", (replace(ROUTE, breaker=rule),), backends, {}, "")


def test_it_trips_above_its_share_and_not_before_its_least_number() -> None:
    bench = Bench()
    bench.hear(True, True, True)
    assert bench.tripped == []
    bench.hear(False)
    assert bench.tripped == []
    bench.hear(True)
    assert bench.tripped == [("pay", "4 of 5 requests failed")]


def test_what_is_older_than_the_window_does_not_count() -> None:
    bench = Bench()
    bench.hear(True, True, True)
    bench.now += RULE.window * (1 + 1 / SLOTS)
    bench.hear(True, True, True)
    assert bench.tripped == []
    bench.hear(True)
    assert bench.tripped == [("pay", "4 of 4 requests failed")]


def test_an_open_route_counts_nothing_and_begins_anew_when_it_is_closed() -> None:
    bench = Bench()
    bench.hear(True, True, True)
    bench.breakers.stand(frozenset({"pay"}), {})
    assert bench.breakers.is_open("pay")
    bench.hear(True, True, True)
    assert bench.tripped == []
    bench.breakers.stand(frozenset(), {})
    assert not bench.breakers.is_open("pay")
    bench.hear(True, True, True)
    assert bench.tripped == []


def test_each_of_several_workers_waits_for_its_part_of_the_least_number() -> None:
    bench = Bench()
    bench.breakers = Breakers(lambda *told: bench.tripped.append(told), lambda *_: None, lambda: bench.now, workers=3)
    bench.breakers.adopt(table(RULE))
    bench.hear(True)
    assert bench.tripped == []
    bench.hear(True)
    assert bench.tripped == [("pay", "2 of 2 requests failed")]


def test_while_it_is_open_legacy_answers() -> None:
    bench = Bench()
    assert bench.plan() is FOUND
    bench.breakers.stand(frozenset({"pay"}), {})
    assert bench.plan() == BARRED


def test_a_probe_is_taken_once_however_often_its_number_is_told() -> None:
    bench = Bench()
    for _ in range(2):
        bench.breakers.stand(frozenset({"pay"}), {"pay": 7})
    probe = bench.plan()
    assert (probe.primary, probe.backend, probe.reason) == (System.CANDIDATE, "candidate", f"{PROBE} 7")
    assert bench.plan() == BARRED
    bench.breakers.stand(frozenset({"pay"}), {"pay": 7})
    assert bench.plan() == BARRED
    bench.breakers.stand(frozenset({"pay"}), {"pay": 9})
    assert bench.plan().reason == f"{PROBE} 9"
    for status in (200, 404, 500, 499):
        bench.breakers.heard(probe, status)
    assert bench.probed == [
        ("pay", 7, Probe.TAKEN),
        ("pay", 9, Probe.TAKEN),
        ("pay", 7, Probe.ANSWERED),
        ("pay", 7, Probe.ANSWERED),
        ("pay", 7, Probe.FAILED),
        ("pay", 7, Probe.RETURNED),
    ]
    assert bench.tripped == []


def test_a_probe_that_is_asked_back_is_handed_back_if_no_request_was_sent_as_it() -> None:
    bench = Bench()
    for granted in ({"pay": 1}, {}, {"pay": 2}, {}):
        bench.breakers.stand(frozenset({"pay"}), granted)
        if granted == {"pay": 2}:
            assert bench.plan().reason == f"{PROBE} 2"
        else:
            assert granted or bench.plan() == BARRED
    assert bench.probed == [("pay", 1, Probe.RETURNED), ("pay", 2, Probe.TAKEN)]


SLOW = Breaker(window=30.0, min_requests=4, max_error_rate=0.5, slow_call_duration=2.0, max_slow_call_rate=0.25)


def test_too_many_slow_answers_trip_it_too() -> None:
    bench = Bench()
    bench.breakers.adopt(table(SLOW))
    for seconds in (0.1, 2.0, 2.1):
        bench.breakers.heard(FOUND, 200, seconds)
    assert bench.tripped == []
    bench.breakers.heard(FOUND, 404, 9.0)
    assert bench.tripped == [("pay", "2 of 4 requests took longer than 2 s")]


def test_no_answer_is_slow_where_nothing_says_so_and_one_that_fails_counts_among_failures() -> None:
    bench = Bench()
    for _ in range(10):
        bench.breakers.heard(FOUND, 200, 1000.0)
    assert bench.tripped == []
    bench.breakers.adopt(table(SLOW))
    bench.hear(True, True, True, True)
    assert bench.tripped == [("pay", "4 of 4 requests failed")]


def test_a_slow_probe_has_failed() -> None:
    bench = Bench()
    bench.breakers.adopt(table(SLOW))
    bench.breakers.stand(frozenset({"pay"}), {"pay": 1})
    bench.breakers.heard(bench.plan(), 200, 2.1)
    assert bench.probed[-1] == ("pay", 1, Probe.FAILED)


def test_a_client_that_left_says_nothing_of_the_candidate() -> None:
    bench = Bench()
    for _ in range(10):
        bench.breakers.heard(FOUND, 499)
    bench.hear(True, True, True)
    assert bench.tripped == []


def test_a_new_table_keeps_what_was_seen_of_a_rule_that_has_not_changed() -> None:
    bench = Bench()
    bench.hear(True, True, True)
    bench.breakers.adopt(table(RULE))
    bench.hear(True)
    assert bench.tripped == [("pay", "4 of 4 requests failed")]
    bench.breakers.adopt(table(Breaker(30.0, 2, 0.5)))
    bench.hear(True)
    bench.breakers.adopt(table(None))
    bench.hear(True, True, True, True)
    assert len(bench.tripped) == 1


@given(
    steps=st.lists(st.tuples(st.floats(0, 20), st.booleans()), max_size=60),
    rule=st.builds(Breaker, st.floats(1, 60), st.integers(1, 10), st.floats(0.01, 1)),
)
def test_a_window_tells_failures_and_requests_that_are_neither_older_nor_fewer_than_they_may_be(
    steps: list[tuple[float, bool]], rule: Breaker
) -> None:
    window, now = Window(rule), 0.0
    heard: list[tuple[float, bool]] = []
    for passed, failed in steps:
        now += passed
        heard.append((now, failed))
        found = window.heard(failed, False, now)
        recent = [each for each in heard if each[0] > now - rule.window * (1 - 1 / SLOTS)]
        possible = [each for each in heard if each[0] > now - rule.window * (1 + 1 / SLOTS)]
        if found is not None:
            failures, requests = map(int, re.findall(r"\d+", found))
            assert sum(each[1] for each in recent) <= failures <= sum(each[1] for each in possible)
            assert len(recent) <= requests <= len(possible)
            assert requests >= rule.min_requests
            assert failures > requests * rule.max_error_rate
        elif failed and len(recent) == len(possible):
            assert len(recent) < rule.min_requests or sum(e[1] for e in recent) <= len(recent) * rule.max_error_rate
