"""Matches that never win, and those that only their order tells apart."""

from time import process_time

import pytest

from proxy.config.load import inspect_text
from tests.config.documents import document, problems, route


def _said(*matches: str) -> list[str]:
    """What is said of routes `r0`, `r1`, ... with one match each, besides a catch-all that nothing is said of."""
    routes = [route(f"r{place}", f"matches: [{{{match}}}]") for place, match in enumerate(matches)]
    found = problems(document(*routes, route("all")))
    return [f"{each.path} {each.message.partition(':')[0]}" for each in found if "slash" not in each.message]


A, B = "{type: PathTemplate, value: '/a/{x}'}", "{type: PathTemplate, value: '/{y}/b'}"
FR = "headers: [{name: X-Country, value: FR}]"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("path: {value: /a}", "path: {value: /a/}"),
        ("path: {type: Exact, value: /a}", "path: {type: Exact, value: /%61}"),
        ("path: {type: PathTemplate, value: '/a/{x}'}", "path: {type: PathTemplate, value: '/a/{y}'}"),
        ("path: {type: RegularExpression, value: /a.}", "path: {type: RegularExpression, value: /a.}"),
        ("method: [GET, PUT]", "method: GET"),
        (FR, "headers: [{name: x-country, value: FR}]"),
        ("host: [a, b]", "host: b"),
        ("during: {from: '08:00'}", "during: {from: '08:00'}"),
    ],
)
def test_a_match_that_an_earlier_one_covers_never_wins(first: str, second: str) -> None:
    path = "path: {value: /z}, " if "path" not in first else ""
    assert _said(path + first, path + second) == ["spec.routes[1].matches[0] can never win"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"path: {A}", f"path: {B}"),
        (FR, "headers: [{name: X-Tier, value: gold}]"),
        (FR, "headers: [{name: X-Country, type: RegularExpression, value: 'F.'}]"),
        (FR, "headers: [{name: X-Country, type: Present}]"),
        ("method: GET", "method: [PUT, GET]"),
        ("host: [a.b, b.b]", "host: [b.b, c.b]"),
        ("cookies: [{name: a, value: b}]", "host: a"),
        ("body: {path: $.a, in: [1, 2]}", "body: {path: $.a, in: [2]}"),
        ("cookies: [{name: a, value: b}]", "claims: [{name: a, value: b}]"),
    ],
)
def test_two_routes_that_only_their_order_tells_apart(first: str, second: str) -> None:
    assert _said(first, second) == ["spec.routes[1].matches[0] overlaps with routes[0].matches[0] (r0)"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("path: {value: /a}", "path: {value: /b}"),
        ("path: {value: /a/b}", "path: {value: /a}"),
        ("path: {type: PathTemplate, value: '/a/{x}'}", "path: {type: PathTemplate, value: '/b/{x}'}"),
        (f"path: {A}", "path: {type: PathTemplate, value: '/{x}/b/c'}"),
        ("method: GET", "method: POST"),
        (FR, "headers: [{name: X-Country, value: DE}]"),
        (FR, "headers: [{name: X-Country, type: RegularExpression, value: 'D.'}]"),
        (FR, "headers: [{name: X-Country, type: Absent}]"),
        ("host: a.b", "host: c.b"),
        ("host: '*.b.c'", "host: '*.d.c'"),
        ("during: {to: '12:00'}", "during: {from: '12:00'}"),
        ("body: {path: $.a, in: [1]}", "body: {path: $.a, in: [2]}"),
        (FR, "query: [{name: a, value: b}]"),
        ("path: {type: RegularExpression, value: /a}", "path: {type: RegularExpression, value: /b}"),
    ],
)
def test_what_cannot_both_hold_or_differs_in_rank_or_cannot_be_told_is_not_said(first: str, second: str) -> None:
    assert _said(first, second) == []


def test_matches_of_one_route_may_overlap() -> None:
    matches = "{headers: [{name: a, value: b}]}, {headers: [{name: c, value: d}]}"
    assert problems(document(route("a", f"matches: [{matches}]"), route("all"))) == ()


@pytest.mark.parametrize("kind", ["host: h{}", "path: {{value: /p{}}}", "headers: [{{name: a, value: v{}}}]"])
def test_of_many_routes_it_is_found_in_time_what_stands_out(kind: str) -> None:
    lines = [route(f"r{number}", f"matches: [{{{kind.format(number)}}}]") for number in range(1500)]
    twin = route("twin", f"matches: [{{{kind.format(700)}}}]")
    before = process_time()
    found = inspect_text(document(*lines, twin, route("all")), "t.yaml", {}).problems
    assert [each.path for each in found] == ["spec.routes[1500].matches[0]"]
    assert process_time() - before < 15


def test_an_overlap_among_many_is_found_by_the_value_that_both_want() -> None:
    lines = [route(f"r{number}", f"matches: [{{host: h{number}}}]") for number in range(1500)]
    late = route("late", "matches: [{host: [h1400, more]}]")
    (found,) = problems(document(*lines, late, route("all")))
    assert found.path == "spec.routes[1500].matches[0]"
    assert found.message.startswith("overlaps with routes[1400].matches[0] (r1400)")


def test_warnings_are_bounded() -> None:
    lines = [route(f"r{number}", f"matches: [{{headers: [{{name: h{number}, value: v}}]}}]") for number in range(60)]
    assert len(problems(document(*lines, route("all")))) == 100
