"""The plan of one request, by stage, method and semantics."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Stage, System
from proxy.routing.asked import Asked
from proxy.routing.canary import Canary, bucket
from proxy.routing.route import Route, Shadowing
from proxy.routing.split import Semantics, asks, plan


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
        (Stage.SHADOW, b"POST", Semantics.READ, System.LEGACY, "old", "new"),
        (Stage.SHADOW, b"GET", Semantics.READ, System.LEGACY, "old", "new"),
        (Stage.SHADOW, b"POST", Semantics.WRITE, System.LEGACY, "old", None),
        (Stage.SHADOW, b"get", Semantics.AUTO, System.LEGACY, "old", None),
        (Stage.CANDIDATE, b"GET", Semantics.AUTO, System.CANDIDATE, "new", None),
        (Stage.CANDIDATE, b"DELETE", Semantics.AUTO, System.CANDIDATE, "new", None),
        (Stage.REVERSE_SHADOW, b"GET", Semantics.AUTO, System.CANDIDATE, "new", "old"),
        (Stage.REVERSE_SHADOW, b"POST", Semantics.AUTO, System.CANDIDATE, "new", None),
        (Stage.REVERSE_SHADOW, b"GET", Semantics.WRITE, System.CANDIDATE, "new", None),
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


def test_in_reverse_copies_go_to_legacys_shadow_if_it_has_one() -> None:
    route = replace(_route(Stage.REVERSE_SHADOW, shadow="new-dry"), shadow_legacy="old-second")
    assert plan(route, b"GET").shadow == "old-second"


CANARY = Canary(50.0, ("header:X-Merchant",), seed="r")


def _canary(percent: float = 100.0, **more: str) -> Route:
    return Route("r", "old", "new", stage=Stage.CANARY, canary=CANARY, shadowing=Shadowing(percent), **more)  # type: ignore[arg-type]


def _of(merchant: int, **more: float) -> Asked:
    chance = more.get("chance", 0.0)
    return Asked(b"/", ((b"x-merchant", b"m%d" % merchant),), chance=lambda: chance)


@given(st.integers(0, 10_000), st.sampled_from([b"GET", b"POST"]), st.booleans())
def test_a_canary_is_answered_by_the_bucket_and_reads_are_copied_to_the_other_system(
    merchant: int, method: bytes, marked: bool
) -> None:
    found = plan(_canary(), method, _of(merchant), marked=marked)
    leads = bucket("r", b"m%d" % merchant) < 50
    assert (found.primary, found.backend) == ((System.CANDIDATE, "new") if leads else (System.LEGACY, "old"))
    copied = method == b"GET" and not marked
    assert found.shadow == (("old" if leads else "new") if copied else None)
    assert found.stage is Stage.CANARY
    assert found.reason.startswith("canary 50 %: bucket ")


def test_the_shadows_of_a_canary_are_preferred_on_both_sides() -> None:
    route = _canary(shadow_candidate="new-dry", shadow_legacy="old-second")
    assert {plan(route, b"GET", _of(merchant)).shadow for merchant in range(50)} == {"new-dry", "old-second"}


def test_a_request_without_a_key_goes_to_legacy_and_the_reason_says_so() -> None:
    found = plan(_canary(), b"GET", Asked(b"/", ()))
    assert (found.primary, found.reason) == (
        System.LEGACY,
        "canary 50 %: no key is there; stage canary: a read is copied",
    )
    assert plan(_canary(), b"POST").primary is System.LEGACY


@pytest.mark.parametrize("stage", [Stage.SHADOW, Stage.REVERSE_SHADOW, Stage.CANARY])
@pytest.mark.parametrize(("percent", "chance", "copied"), [(30, 0.29, True), (30, 0.31, False), (0, 0.0, False)])
def test_a_share_of_the_reads_is_copied_by_chance(stage: Stage, percent: float, chance: float, copied: bool) -> None:
    route = replace(_canary(percent), stage=stage)
    found = plan(route, b"GET", _of(1, chance=chance))
    assert (found.shadow is not None) is copied
    assert f"{percent} %" in found.reason
    assert plan(route, b"POST", _of(1, chance=chance)).shadow is None


def test_only_what_hangs_on_the_request_is_weighed() -> None:
    assert _canary().weighed
    assert replace(_route(Stage.SHADOW), shadowing=Shadowing(50)).weighed
    assert not replace(_route(Stage.LEGACY), shadowing=Shadowing(50)).weighed
    assert not replace(
        _route(Stage.SHADOW, Semantics.WRITE), shadowing=Shadowing(50), semantics=Semantics.WRITE
    ).weighed
    assert not _route(Stage.SHADOW).weighed


@pytest.mark.parametrize(
    ("semantics", "method", "reads"),
    [
        (Semantics.AUTO, b"GET", True),
        (Semantics.AUTO, b"POST", False),
        (Semantics.READ, b"POST", True),
        (Semantics.WRITE, b"GET", False),
    ],
)
def test_the_operators_word_goes_before_the_method(semantics: Semantics, method: bytes, reads: bool) -> None:
    assert asks(semantics, method) is reads


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
