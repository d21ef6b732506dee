"""Warnings about what was probably not meant."""

from proxy.config.errors import Severity
from tests.config.documents import document, problems, route


def _warnings(*routes: str) -> list[str]:
    found = problems(document(*routes))
    assert {problem.severity for problem in found} <= {Severity.WARNING}
    return [f"{problem.path}: {problem.message}" for problem in found]


def _exact(name: str, *values: str) -> str:
    return route(name, "matches: [" + ", ".join(f"{{path: {{type: Exact, value: {v}}}}}" for v in values) + "]")


def test_an_exact_path_that_a_slash_would_miss() -> None:
    assert _warnings(_exact("a", "/v1/pay"), route("all")) == [
        "spec.routes[0].matches[0].path.value: an Exact path is exact to the slash: "
        '"/v1/pay/" goes to all; add a match if clients may send it'
    ]
    assert '"/v1/pay" finds no route' in _warnings(_exact("a", "/v1/pay/"))[0]


def test_no_warning_where_the_route_takes_both() -> None:
    assert _warnings(_exact("a", "/v1/pay", "/v1/pay/"), route("all")) == []
    assert _warnings(_exact("a", "/"), route("all", "matches: [{path: {value: /v1}}]")) == []
