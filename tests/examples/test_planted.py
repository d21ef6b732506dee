"""Every planted mistake shows as one finding of its own, and the two systems differ in nothing else that is read."""

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from comparators import Answer, IgnoreRule, Verdict, compare, compile_policy
from examples import flows
from examples.planted import PLANTED
from examples.servers import ROOT
from examples.service import reads

POLICY = compile_policy(headers=("content-type",), rules=(IgnoreRule("$..request_id"),))
ROUTES = yaml.safe_load((ROOT / "examples" / "routes.yaml").read_text())["spec"]["routes"]
Finding = tuple[str, frozenset[tuple[str, str]]]


def test_the_findings_of_mixed_traffic_are_the_planted_mistakes_and_no_others(monolith: Any, service: Any) -> None:
    found: Counter[Finding] = Counter()
    for flow in flows.plan(5 * flows.FLOW_LENGTH, seed=1):
        found.update(findings(monolith, service, flow))
    assert set(found) == {planted_finding(planted) for planted in PLANTED}


def test_one_flow_alone_meets_every_planted_mistake(monolith: Any, service: Any) -> None:
    (flow,) = flows.plan(flows.FLOW_LENGTH, seed=2)
    assert set(findings(monolith, service, flow)) == {planted_finding(planted) for planted in PLANTED}


def test_two_systems_that_are_one_have_no_findings(monolith: Any) -> None:
    (flow,) = flows.plan(flows.FLOW_LENGTH, seed=3)
    assert list(findings(monolith, monolith, flow)) == []


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_the_code_says_where_a_mistake_was_planted(planted: Any) -> None:
    path, _, place = planted.where.partition(", ")
    assert Path(inspect.getfile(reads)).relative_to(ROOT) == Path(path)
    assert f'Planted "{planted.name}"' in inspect.getsource(reads)
    assert hasattr(reads, place)


def test_the_readme_names_each_mistake_with_its_route_path_and_kind() -> None:
    rows = (ROOT / "examples" / "README.md").read_text().splitlines()
    for planted in PLANTED:
        row = next(line for line in rows if line.startswith(f"| {planted.name} "))
        assert all(f"`{word}`" in row for word in (planted.route, planted.path, planted.kind)), row


def test_planted_names_and_findings_are_distinct() -> None:
    assert len({planted.name for planted in PLANTED}) == len({planted_finding(planted) for planted in PLANTED}) == 6


def planted_finding(planted: Any) -> Finding:
    return planted.route, frozenset({(planted.path, planted.kind)})


def findings(legacy: Any, candidate: Any, flow: flows.Flow) -> Iterator[Finding]:
    """Send a flow to legacy and its reads, each right after, also to the candidate; what differs, by exchange."""
    ids: dict[str, str] = {}
    for step in flow:
        path = step.path.format_map(ids)
        ours = legacy.call(step.method, path, step.body, step.key)
        assert ours.status == step.expect, (step, ours)
        if step.save:
            ids[step.save] = ours.json["id"]
        if step.method == "GET":
            yield from difference(path, ours, candidate.call("GET", path))


def difference(path: str, ours: Any, theirs: Any) -> Iterator[Finding]:
    comparison = compare(
        Answer(ours.status, ours.headers, ours.body), Answer(theirs.status, theirs.headers, theirs.body), POLICY
    )
    assert comparison.verdict is not Verdict.INCONCLUSIVE, comparison
    if comparison.unexcused:
        yield route_of(path), frozenset((found.pattern, found.kind.value) for found in comparison.unexcused)


def route_of(target: str) -> str:
    """The read route of routes.yaml for a target; the demo's own paths need no precedence."""
    path = target.partition("?")[0]
    for route in ROUTES:
        match = route["matches"][0]
        template = re.sub(r"\{\w+\}", "[^/]+", match["path"]["value"])
        if match.get("method") == "GET" and re.fullmatch(template, path):
            return str(route["name"])
    return "everything-else"


def test_the_demo_shadows_every_read_route_and_no_write() -> None:
    stages = {route["name"]: (route["matches"][0].get("method"), route["stage"]) for route in ROUTES}
    assert {planted.route for planted in PLANTED} <= set(stages)
    assert set(stages.values()) == {("GET", "shadow"), ("POST", "legacy"), (None, "legacy")}
