"""Stages that operators put over those of the file."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.config.load import loads
from proxy.messages import Stage
from proxy.routing.digest import digest
from proxy.routing.override import Override, objection, overridden
from tests.runtime.tables import text

TABLE = loads(text())
SUBJECTS = (None, "checkout", "create", "capture", "refund", "rest", "nowhere")


def override(subject: str | None, stage: Stage, weight: float | None = None) -> Override:
    return Override(subject, stage, weight, 0.0, 60.0, "jo", "why not")


def stages(*overrides: Override) -> dict[str, str]:
    return {route.name: route.stage.value for route in overridden(TABLE, overrides).routes}


def test_a_route_gets_the_stage_and_the_others_keep_theirs() -> None:
    assert stages(override("refund", Stage.CANDIDATE)) == {
        "create": "legacy",
        "capture": "legacy",
        "refund": "candidate",
        "rest": "legacy",
    }


def test_a_group_moves_as_one() -> None:
    moved = overridden(TABLE, [override("checkout", Stage.CANARY, 25.0)])
    assert [(route.stage, route.canary and route.canary.weight) for route in moved.routes[:2]] == [
        (Stage.CANARY, 25.0)
    ] * 2
    assert moved.routes[2:] == TABLE.routes[2:]


def test_all_moves_whoever_can() -> None:
    """A canary needs something to hash, a candidate needs to be there; the kill switch needs nothing."""
    assert set(stages(override(None, Stage.LEGACY)).values()) == {"legacy"}
    assert stages(override(None, Stage.CANDIDATE))["rest"] == "legacy"
    assert stages(override(None, Stage.CANARY, 10.0)) == {
        "create": "canary",
        "capture": "canary",
        "refund": "legacy",
        "rest": "legacy",
    }


def test_of_two_overrides_of_one_route_the_later_holds() -> None:
    both = [override("refund", Stage.CANDIDATE), override(None, Stage.LEGACY)]
    assert stages(*both)["refund"] == "legacy"
    assert stages(*reversed(both))["refund"] == "candidate"


@pytest.mark.parametrize("given", [[], [override(None, Stage.LEGACY)], [override("nowhere", Stage.CANDIDATE)]])
def test_what_changes_nothing_gives_the_same_table(given: list[Override]) -> None:
    assert overridden(TABLE, given) is TABLE


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (override("nowhere", Stage.LEGACY), "the table has no route and no group named 'nowhere'"),
        (override("checkout", Stage.CANARY), "a canary needs a weight"),
        (override("refund", Stage.CANDIDATE, 5.0), "only a canary has a weight"),
        (
            override("create", Stage.LEGACY),
            "create belongs to the group checkout, which moves as one: override the group",
        ),
        (override("rest", Stage.CANDIDATE), "stage candidate needs backendRefs.candidate, and rest has none"),
        (
            override("rest", Stage.SHADOW),
            "stage shadow needs shadow.candidate or backendRefs.candidate, and rest has none",
        ),
        (override("refund", Stage.CANARY, 5.0), "stage canary needs canary.hashOn, and refund has none"),
    ],
)
def test_what_cannot_be_done_is_objected_to(given: Override, reason: str) -> None:
    assert objection(TABLE, given) == reason


@pytest.mark.parametrize(
    "given",
    [
        override("refund", Stage.REVERSE_SHADOW),
        override("checkout", Stage.CANARY, 100.0),
        override("rest", Stage.LEGACY),
        override(None, Stage.CANDIDATE),
    ],
)
def test_what_can_be_done_is_not_objected_to(given: Override) -> None:
    assert objection(TABLE, given) is None


@given(
    st.lists(
        st.builds(override, st.sampled_from(SUBJECTS), st.sampled_from(Stage), st.sampled_from([None, 0.5, 100.0])),
        max_size=4,
    )
)
def test_a_table_with_overrides_is_a_table_like_any_other(overrides: list[Override]) -> None:
    """Its hash is of what it does; nothing but stage and weight is touched; no override whatever makes it fail."""
    table = overridden(TABLE, overrides)
    assert table.hash == digest(table)
    assert (table.hash == TABLE.hash) is (table.routes == TABLE.routes)
    for route, before in zip(table.routes, TABLE.routes, strict=True):
        assert replace(route, stage=before.stage, canary=before.canary) == before
