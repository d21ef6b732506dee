"""Warnings about what was probably not meant."""

import pytest

from proxy.config.errors import Severity
from tests.config.documents import document, problems, route


def _warnings(*routes: str, spec: str = "") -> list[str]:
    found = problems(document(*routes, spec=spec))
    assert {problem.severity for problem in found} <= {Severity.WARNING}
    return [f"{problem.path}: {problem.message}" for problem in found]


def _exact(name: str, *values: str) -> str:
    return route(name, "matches: [" + ", ".join(f"{{path: {{type: Exact, value: {v}}}}}" for v in values) + "]")


def test_an_exact_path_that_a_slash_would_miss() -> None:
    assert _warnings(_exact("a", "/v1/pay"), route("all")) == [
        "spec.routes[0].matches[0].path.value: an Exact path is exact to the slash: "
        '"/v1/pay/" goes to all; add a match if clients may send it'
    ]
    assert '"/v1/pay" finds no route' in _warnings(_exact("a", "/v1/pay/"))[1]


def test_no_warning_where_the_route_takes_both() -> None:
    assert _warnings(_exact("a", "/v1/pay", "/v1/pay/"), route("all")) == []
    assert _warnings(_exact("a", "/"), route("all")) == []


@pytest.mark.parametrize(
    ("matches", "said"),
    [
        ("{}", False),
        ("{path: {type: RegularExpression, value: /.*}}", False),
        ("{path: {value: /v1}}, {path: {value: /}}", False),
        ("{path: {value: /v1}}", True),
        ("{method: GET}", True),
        ("{host: a}", True),
        ("{headers: [{name: a, type: Present}]}", True),
    ],
)
def test_a_table_in_which_no_route_takes_everything(matches: str, said: bool) -> None:
    found = _warnings(route("a", f"matches: [{matches}]"))
    assert [warning.partition(":")[0] for warning in found] == (["spec.routes"] if said else [])


@pytest.mark.parametrize(
    ("stage", "canary", "said"),
    [
        ("canary", "weight: 0", "sends nobody to the candidate"),
        ("canary", "weight: 100", "still sends what has no key to legacy"),
        ("canary", "weight: 0, include: [m1]", None),
        ("canary", "weight: 1", None),
        ("shadow", "weight: 0", None),
    ],
)
def test_the_weight_of_a_canary(stage: str, canary: str, said: str | None) -> None:
    alone = _warnings(route("a", f"canary: {{{canary}, hashOn: [client]}}", stage=stage))
    grouped = _warnings(
        "{name: a, group: g, backendRefs: {legacy: old, candidate: new}}",
        spec=f"  groups: [{{name: g, stage: {stage}, canary: {{{canary}, hashOn: [client]}}}}]\n",
    )
    for found, path in ((alone, "spec.routes[0]"), (grouped, "spec.groups[0]")):
        assert [warning.partition(": ")[0] for warning in found] == ([f"{path}.canary.weight"] if said else [])
        assert all(said and said in warning for warning in found)


def test_a_path_without_the_key_that_its_canary_hashes_on() -> None:
    template, refs = "{path: {type: PathTemplate, value: '/a/{id}'}}", "backendRefs: {legacy: old, candidate: new}"
    group = "  groups: [{name: g, stage: legacy, canary: {weight: 5, hashOn: [%s]}}]\n"
    lines = [
        f"{{name: a, group: g, matches: [{template}, {{path: {{value: /b}}}}], {refs}}}",
        f"{{name: b, group: g, {refs}}}",
    ]
    said = "no key of hashOn (path:id) is in this path: a canary sends all of it to legacy"
    assert _warnings(*lines, spec=group % "'path:id'") == [
        f"spec.routes[0].matches[1].path: {said}",
        f"spec.routes[1].matches[0].path: {said}",
    ]
    assert _warnings(*lines, spec=group % "'path:id', 'header:X'") == []


def test_a_group_that_no_route_belongs_to() -> None:
    found = _warnings(route("a"), spec="  groups: [{name: g, stage: legacy}]\n")
    assert found == ["spec.groups[0].name: no route belongs to this group"]


@pytest.mark.parametrize(("stage", "said"), [("candidate", True), ("reverse-shadow", True), ("shadow", False)])
def test_a_candidate_that_answers_payments_should_have_a_health_check(stage: str, said: bool) -> None:
    text = document(route("pay", "matches: [{path: {value: /}}]", stage=stage))
    assert problems(text) == ()
    bare = [problem.message for problem in problems(text.replace(", healthCheck: {path: /up}", ""))]
    assert bare == (["new is a candidate without healthCheck: nobody asks whether it is well"] if said else [])
