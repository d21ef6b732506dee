"""What is certain, over every order of tables and breakers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Stage, System
from proxy.routing.table import Backend, Breaker, Canary, Pin, Route, RouteTable
from proxy.runtime import eras
from proxy.runtime.eras import Era, Eras, longest, possible

LEGACY, CANDIDATE = System.LEGACY, System.CANDIDATE
BACKENDS = {name: Backend(name, "http", "127.0.0.1", 1) for name in ("monolith", "payments")}


def route(stage: Stage, name: str = "pay", *, weight: float = 5.0, include: bytes = b"", ttl: float = 60.0) -> Route:
    canary = Canary(weight, ("header:X",), frozenset({include} if include else ()))
    return Route(name, "monolith", "payments", stage, pin=Pin(("header:K",), ttl=ttl), canary=canary, breaker=Breaker())


def table(*routes: Route) -> RouteTable:
    return RouteTable("t", routes, BACKENDS, {}, "hash")


@pytest.mark.parametrize(
    ("found", "systems"),
    [
        (possible(route(Stage.LEGACY), False), {LEGACY}),
        (possible(route(Stage.SHADOW), True), {LEGACY}),
        (possible(route(Stage.CANARY), False), {LEGACY, CANDIDATE}),
        (possible(route(Stage.CANARY, weight=0.0), False), {LEGACY}),
        (possible(route(Stage.CANARY, weight=0.0, include=b"m"), False), {LEGACY, CANDIDATE}),
        (possible(route(Stage.REVERSE_SHADOW), False), {CANDIDATE}),
        (possible(route(Stage.CANDIDATE), True), {LEGACY, CANDIDATE}),
    ],
)
def test_where_a_route_can_send_writes(found: frozenset[System], systems: set[System]) -> None:
    assert found == systems


def test_before_any_flip_legacy_is_certain_and_after_one_nothing_until_pins_have_ended() -> None:
    found = Eras((), 0.0)
    assert found.stand(table(route(Stage.LEGACY)), frozenset(), 0.0)
    assert not found.stand(table(route(Stage.SHADOW)), frozenset(), 1.0)
    assert found.certain(60.0, 1_000_000.0) is LEGACY
    assert found.stand(table(route(Stage.CANDIDATE)), frozenset(), 100.0)
    assert [found.certain(60.0, now) for now in (100.0, 160.0, 161.0)] == [None, None, CANDIDATE]


def test_another_route_counts_too_since_a_retry_may_come_by_it() -> None:
    found = Eras((), 0.0)
    found.stand(table(route(Stage.LEGACY, "a"), route(Stage.CANDIDATE, "b")), frozenset(), 0.0)
    assert found.certain(60.0, 1000.0) is None
    found.stand(table(route(Stage.LEGACY, "a")), frozenset(), 1000.0)
    assert [found.certain(60.0, now) for now in (1060.0, 1061.0)] == [None, LEGACY]


def test_a_breaker_that_was_open_counts() -> None:
    found = Eras((), 0.0)
    found.stand(table(route(Stage.CANDIDATE)), frozenset(), 0.0)
    assert found.certain(60.0, 100.0) is CANDIDATE
    found.stand(table(route(Stage.CANDIDATE)), frozenset({"pay"}), 100.0)
    found.stand(table(route(Stage.CANDIDATE)), frozenset(), 110.0)
    assert [found.certain(60.0, now) for now in (170.0, 171.0)] == [None, CANDIDATE]


def test_what_is_lost_was_anything() -> None:
    found = Eras(None, 0.0)
    found.stand(table(route(Stage.LEGACY)), frozenset(), 0.0)
    assert [found.certain(60.0, now) for now in (60.0, 61.0)] == [None, LEGACY]


def test_without_a_pin_nothing_is_certain_and_nothing_needs_to_be() -> None:
    found = Eras((), 0.0)
    found.stand(table(), frozenset(), 0.0)
    assert found.certain(longest(table()), 1.0) is None


def test_eras_are_forgotten_with_their_pins_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eras, "MOST", 3)
    found = Eras((Era(0.0, {"old": frozenset({CANDIDATE})}, 1.0),), 0.0)
    for now in range(100, 110):
        found.stand(table(route(Stage.CANDIDATE if now % 2 else Stage.LEGACY)), frozenset(), float(now))
    assert len(found.all) == 3
    assert found.all[0] == Era(100.0, {"pay": frozenset({LEGACY, CANDIDATE})}, 108.0)
    assert longest(table(route(Stage.LEGACY, ttl=5.0), route(Stage.LEGACY, "b", ttl=9.0))) == 9.0


@given(
    st.lists(st.tuples(st.sampled_from(Stage), st.booleans(), st.integers(1, 50)), min_size=1, max_size=12),
    st.integers(0, 60),
)
def test_what_is_certain_is_all_that_was_possible(steps: list[tuple[Stage, bool, int]], later: int) -> None:
    found, now, spans = Eras((), 0.0), 0.0, list[tuple[float, frozenset[System]]]()
    for stage, is_open, wait in steps:
        found.stand(table(route(stage)), frozenset({"pay"} if is_open else ()), now)
        spans.append((now, possible(route(stage), is_open)))
        now += wait
    now += later
    ends = [start for start, _ in spans[1:]] + [float("inf")]
    lived = [systems for (_, systems), end in zip(spans, ends, strict=True) if end >= now - 60.0]
    wanted = {system for systems in lived for system in systems}
    certain = found.certain(60.0, now)
    assert certain is None if len(wanted) != 1 else {certain} == wanted
