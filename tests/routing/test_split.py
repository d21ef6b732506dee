"""The plan of one request, by stage, method and semantics."""

import pytest

from proxy.messages import Stage, System
from proxy.routing.route import Route
from proxy.routing.split import Semantics, plan


def _route(stage: Stage, semantics: Semantics = Semantics.AUTO, shadow: str | None = None) -> Route:
    return Route("r", "old", "new", stage=stage, semantics=semantics, shadow_candidate=shadow)


@pytest.mark.parametrize(
    ("stage", "method", "semantics", "primary", "backend", "shadow"),
    [
        (Stage.LEGACY, b"GET", Semantics.AUTO, System.LEGACY, "old", None),
        (Stage.LEGACY, b"POST", Semantics.AUTO, System.LEGACY, "old", None),
        (Stage.SHADOW, b"GET", Semantics.AUTO, System.LEGACY, "old", "new"),
        (Stage.SHADOW, b"HEAD", Semantics.READ, System.LEGACY, "old", "new"),
        (Stage.SHADOW, b"OPTIONS", Semantics.AUTO, System.LEGACY, "old", "new"),
        (Stage.SHADOW, b"GET", Semantics.WRITE, System.LEGACY, "old", None),
        (Stage.SHADOW, b"POST", Semantics.AUTO, System.LEGACY, "old", None),
        (Stage.SHADOW, b"POST", Semantics.READ, System.LEGACY, "old", None),
        (Stage.SHADOW, b"get", Semantics.AUTO, System.LEGACY, "old", None),
        (Stage.CANDIDATE, b"GET", Semantics.AUTO, System.CANDIDATE, "new", None),
        (Stage.CANDIDATE, b"DELETE", Semantics.AUTO, System.CANDIDATE, "new", None),
    ],
)
def test_plans(
    stage: Stage, method: bytes, semantics: Semantics, primary: System, backend: str, shadow: str | None
) -> None:
    found = plan(_route(stage, semantics), method)
    assert (found.primary, found.backend, found.shadow) == (primary, backend, shadow)
    assert (found.route, found.stage) == ("r", stage)
    assert found.reason


def test_the_shadow_of_a_route_is_preferred_to_its_candidate() -> None:
    assert plan(_route(Stage.SHADOW, shadow="new-dry"), b"GET").shadow == "new-dry"


def test_a_marked_request_is_never_shadowed_again_and_says_so() -> None:
    found = plan(_route(Stage.SHADOW), b"GET", marked=True)
    assert found.shadow is None
    assert "marked" in found.reason


def test_a_refused_shadow_write_says_what_would_allow_it() -> None:
    assert "writes: Sandbox" in plan(_route(Stage.SHADOW), b"POST").reason


def test_plans_are_made_once_for_a_route() -> None:
    route = _route(Stage.SHADOW)
    assert plan(route, b"GET") is plan(route, b"HEAD")


@pytest.mark.parametrize("stage", [Stage.SHADOW, Stage.CANDIDATE, Stage.CANARY, Stage.REVERSE_SHADOW])
def test_a_stage_that_cannot_be_planned_is_refused_when_the_route_is_made(stage: Stage) -> None:
    with pytest.raises(ValueError, match=str(stage)):
        Route("r", "old", None, stage=stage)
