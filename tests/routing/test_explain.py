"""Why a request gets its route: winner, losers with reasons, plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Stage
from proxy.routing.explain import explain
from proxy.routing.table import Backend, Match, PathKind, PathMatch, Route, RouteTable, ValueMatch

GET = frozenset([b"GET"])
ROUTES = (
    Route("exact", "old", "new", stage=Stage.SHADOW, matches=(Match(PathMatch(PathKind.EXACT, "/a/b"), GET),)),
    Route("template", "old", matches=(Match(PathMatch(PathKind.TEMPLATE, "/a/{x}")),)),
    Route("french", "old", matches=(Match(PathMatch(value="/a"), headers=(ValueMatch("X-Country", "FR"),)),)),
    Route("second", "old", matches=(Match(PathMatch(value="/a"), query=(ValueMatch("v", "2"),)),)),
    Route("other", "old", matches=(Match(PathMatch(value="/b")),)),
    Route("all", "old"),
)
TABLE = RouteTable("t", ROUTES, {"old": Backend("old", "http", "127.0.0.1", 1)}, {}, "0" * 16)


def test_the_winner_its_plan_and_every_loser_with_its_reason() -> None:
    found = explain(TABLE, b"GET", b"/a/b?v=1", ())
    assert (found.route, found.match, found.why, found.path) == ("exact", 0, "Exact /a/b, method GET", "/a/b")
    assert found.plan is not None
    assert found.plan.shadow == "new"
    assert {loser.route: loser.reason for loser in found.losers} == {
        "template": "it holds, but exact matches by Exact, which comes before PathTemplate",
        "french": "header x-country does not hold",
        "second": "query v does not hold",
        "other": "path is not PathPrefix /b",
        "all": "it holds, but exact matches by Exact, which comes before PathPrefix",
    }


def test_a_method_that_is_not_named_and_a_shorter_prefix_lose() -> None:
    found = explain(TABLE, b"PUT", b"/a?v=2", ())
    reasons = {loser.route: loser.reason for loser in found.losers}
    assert found.route == "second"
    assert reasons["exact"] == "path is not Exact /a/b"
    assert reasons["all"] == "it holds, but second has the more specific path"
    assert explain(TABLE, b"PUT", b"/a/b", ()).losers[0].reason == "method is not GET"


def test_nothing_wins_and_it_says_why() -> None:
    bare = RouteTable("t", ROUTES[:1], {}, {}, "0" * 16)
    assert explain(bare, b"GET", b"/x", ()).why == "no match holds"
    refused = explain(TABLE, b"GET", b"/x/../a/b", ())
    assert (refused.route, refused.plan) == (None, None)
    assert refused.why == "refused: servers read this target in several ways, as all or exact"


@pytest.mark.parametrize("name", [b"X-Strangler-Shadow", b"x_strangler-shadow"])
def test_a_marked_request_is_explained_as_one(name: bytes) -> None:
    found = explain(TABLE, b"GET", b"/a/b", ((name, b"1"),))
    assert found.plan is not None
    assert found.plan.shadow is None


@given(
    st.sampled_from([b"GET", b"PUT"]),
    st.sampled_from([b"/a", b"/a/b", b"/a/c?v=2", b"/b/x", b"/", b"/a//b", b"*"]),
    st.sampled_from([(), ((b"x-country", b"FR"),)]),
)
def test_it_names_the_route_that_traffic_gets_and_all_others(
    method: bytes, target: bytes, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    found = explain(TABLE, method, target, headers)
    route = TABLE.find(method, target, headers)
    assert found.route == (route.name if route else None)
    assert {loser.route for loser in found.losers} | {found.route} >= {route.name for route in ROUTES}
