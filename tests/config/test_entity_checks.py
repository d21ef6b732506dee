"""Entities that cannot be meant."""

import pytest

from proxy.config.entity_checks import problems
from proxy.config.problems import written
from proxy.config.schema_routes import EntitySpec


def found(**parts: object) -> list[tuple[str, str]]:
    spec = EntitySpec.model_validate({"name": "payment", "place": ["$.id"], **parts})
    return [(written(problem.path), problem.message) for problem in problems(spec, ())]


def test_a_sound_entity_has_no_problem() -> None:
    assert found(place=["/v1/payments/{id}", "$.id", "header:X-Payment"], pattern="pay_.+", aliases=["$.ref"]) == []


@pytest.mark.parametrize(
    ("parts", "path", "message"),
    [
        ({"place": ["$.id", "/v1/payments"]}, "place[1]", "a path says with {id}"),
        ({"place": ["$.[id"]}, "place[0]", "can't read"),
        ({"aliases": ["$.["]}, "aliases[0]", "can't read"),
        ({"pattern": "("}, "pattern", "not a RE2 expression"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(parts: dict[str, object], path: str, message: str) -> None:
    [(where, said)] = found(**parts)
    assert where == path
    assert message in said
