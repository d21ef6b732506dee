"""Routes and backends as data."""

from dataclasses import FrozenInstanceError

import pytest

from proxy.messages import Stage, System
from proxy.routing.canary import Canary
from proxy.routing.route import PathKind, Route, Timeouts, obstacle, with_stage


def test_path_kinds_are_listed_in_the_order_of_precedence() -> None:
    assert list(PathKind) == ["Exact", "PathTemplate", "RegularExpression", "PathPrefix"]


def test_a_route_is_never_changed_in_place() -> None:
    route = Route("r", "old")
    with pytest.raises(FrozenInstanceError):
        route.stage = Stage.CANDIDATE  # type: ignore[misc]


def test_routes_with_the_same_content_are_equal() -> None:
    assert Route("r", "old") == Route("r", "old")
    assert Route("r", "old") != Route("r", "old", "new", stage=Stage.SHADOW)


CANARY = Canary(5.0, ("client",), frozenset([b"10.0.0.1"]), "g")
ROUTE = Route("r", "old", "new", canary=CANARY, group="g")


def test_a_route_is_put_in_another_stage_with_or_without_another_weight() -> None:
    found = with_stage(ROUTE, Stage.CANARY, 20.0)
    assert (found.stage, found.weighed) == (Stage.CANARY, True)
    assert found.canary == Canary(20.0, ("client",), frozenset([b"10.0.0.1"]), "g")
    assert with_stage(ROUTE, Stage.CANARY).canary == CANARY
    assert with_stage(found, Stage.LEGACY).plans.safe.reason == "stage legacy: legacy alone"
    assert with_stage(with_stage(ROUTE, Stage.CANDIDATE), Stage.LEGACY) == ROUTE


@pytest.mark.parametrize("stage", [Stage.SHADOW, Stage.CANARY, Stage.REVERSE_SHADOW, Stage.CANDIDATE])
def test_what_keeps_a_route_from_a_stage_is_named_and_refused(stage: Stage) -> None:
    bare = Route("r", "old")
    assert "candidate" in (obstacle(bare, stage) or "")
    with pytest.raises(ValueError, match="candidate"):
        with_stage(bare, stage)
    assert obstacle(bare, Stage.LEGACY) is None
    assert obstacle(ROUTE, stage) is None


@pytest.mark.parametrize("canary", [None, Canary(5.0)])
def test_a_canary_needs_to_know_what_a_key_is(canary: Canary | None) -> None:
    assert obstacle(Route("r", "old", "new", canary=canary), Stage.CANARY) == "stage canary needs canary.hashOn"


def test_time_outs_are_those_of_the_system_that_answers() -> None:
    slow, quick = Timeouts(request=9.0), Timeouts(request=1.0)
    route = Route("r", "old", "new", timeouts=slow, candidate_timeouts=quick)
    assert (route.timeouts_for(System.LEGACY), route.timeouts_for(System.CANDIDATE)) == (slow, quick)
    assert Route("r", "old", timeouts=slow).timeouts_for(System.CANDIDATE) == slow
