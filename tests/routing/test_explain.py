"""Why a request gets its route: winner, losers with reasons, plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Stage
from proxy.routing.asked import Asked
from proxy.routing.explain import Explanation, explain
from proxy.routing.table import (
    Backend,
    BodyMatch,
    Canary,
    Match,
    PathKind,
    PathMatch,
    Route,
    RouteTable,
    ValueMatch,
    Window,
)

GET = frozenset([b"GET"])
ROUTES = (
    Route("exact", "old", "new", stage=Stage.SHADOW, matches=(Match(PathMatch(PathKind.EXACT, "/a/b"), GET),)),
    Route("template", "old", matches=(Match(PathMatch(PathKind.TEMPLATE, "/a/{x}")),)),
    Route("french", "old", matches=(Match(PathMatch(value="/a"), headers=(ValueMatch("X-Country", "FR"),)),)),
    Route("second", "old", matches=(Match(PathMatch(value="/a"), query=(ValueMatch("v", "2"),)),)),
    Route("other", "old", matches=(Match(PathMatch(value="/b")),)),
    Route("all", "old"),
)


def _explained(table: RouteTable, method: bytes, target: bytes, *headers: tuple[bytes, bytes]) -> Explanation:
    return explain(table, method, Asked(target, headers))


TABLE = RouteTable("t", ROUTES, {"old": Backend("old", "http", "127.0.0.1", 1)}, {}, "0" * 16)


def test_the_winner_its_plan_and_every_loser_with_its_reason() -> None:
    found = _explained(TABLE, b"GET", b"/a/b?v=1")
    assert (found.route, found.match, found.why, found.path) == ("exact", 0, "Exact /a/b, method GET", "/a/b")
    assert found.plan is not None
    assert found.plan.shadow == "new"
    assert {loser.route: loser.reason for loser in found.losers} == {
        "template": "it holds, but exact matches by Exact, which comes before PathTemplate",
        "french": "header X-Country does not hold",
        "second": "query v does not hold",
        "other": "path is not PathPrefix /b",
        "all": "it holds, but exact matches by Exact, which comes before PathPrefix",
    }


def test_a_method_that_is_not_named_and_a_shorter_prefix_lose() -> None:
    found = _explained(TABLE, b"PUT", b"/a?v=2")
    reasons = {loser.route: loser.reason for loser in found.losers}
    assert found.route == "second"
    assert reasons["exact"] == "path is not Exact /a/b"
    assert reasons["all"] == "it holds, but second has the more specific path"
    assert _explained(TABLE, b"PUT", b"/a/b").losers[0].reason == "method is not GET"


def test_nothing_wins_and_it_says_why() -> None:
    bare = RouteTable("t", ROUTES[:1], {}, {}, "0" * 16)
    assert _explained(bare, b"GET", b"/x").why == "no match holds"
    refused = _explained(TABLE, b"GET", b"/x/../a/b")
    assert (refused.route, refused.plan) == (None, None)
    assert refused.why == "refused: servers read this target in several ways, as all or exact"


def test_what_else_a_match_asks_for_is_named_and_never_what_the_request_carried() -> None:
    routes = (
        Route("hosted", "old", matches=(Match(hosts=("api.example", "*.shop.example")),)),
        Route("wide", "old", matches=(Match(hosts=("*.example",)),)),
        Route("baked", "old", matches=(Match(cookies=(ValueMatch("beta", "1"),), claims=(ValueMatch("sub", "x"),)),)),
        Route("nightly", "old", matches=(Match(during=Window(360, 1320)),)),
        Route("bodied", "old", matches=(Match(body=BodyMatch("$.country", ("FR",))),)),
        Route("all", "old"),
    )
    table = RouteTable("t", routes, {}, {}, "0" * 16)
    found = _explained(table, b"POST", b"/", (b"Host", b"API.example:80"), (b"Cookie", b"beta=secret"))
    assert (found.route, found.why) == ("hosted", "PathPrefix /, host api.example or *.shop.example")
    assert {loser.route: loser.reason for loser in found.losers} == {
        "wide": "it holds, but hosted names its host more closely",
        "baked": "cookie beta, claim sub do not hold",
        "nightly": "time 06:00 to 22:00 UTC does not hold",
        "bodied": "body $.country does not hold",
        "all": "it holds, but hosted has more other matches (host, cookies, claims, time, body)",
    }


@pytest.mark.parametrize("name", [b"X-Strangler-Shadow", b"x_strangler-shadow"])
def test_a_marked_request_is_explained_as_one(name: bytes) -> None:
    found = _explained(TABLE, b"GET", b"/a/b", (name, b"1"))
    assert found.plan is not None
    assert found.plan.shadow is None


def test_the_plan_of_a_canary_says_where_the_key_falls_and_not_what_it_is() -> None:
    canary = Canary(30.0, ("header:X-Merchant", "cookie:m"), seed="all")
    table = RouteTable("t", (Route("all", "old", "new", stage=Stage.CANARY, canary=canary),), {}, {}, "0" * 16)
    found = _explained(table, b"GET", b"/", (b"cookie", b"m=merchant-7"))
    assert found.plan is not None
    assert found.plan.reason.startswith("canary 30 %: bucket ")
    assert "of cookie:m" in found.plan.reason
    assert "merchant-7" not in repr(found)


@given(
    st.sampled_from([b"GET", b"PUT"]),
    st.sampled_from([b"/a", b"/a/b", b"/a/c?v=2", b"/b/x", b"/", b"/a//b", b"*"]),
    st.sampled_from([(), ((b"x-country", b"FR"),)]),
)
def test_it_names_the_route_that_traffic_gets_and_all_others(
    method: bytes, target: bytes, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    found = _explained(TABLE, method, target, *headers)
    route = TABLE.find(method, target, headers)
    assert found.route == (route.name if route else None)
    assert {loser.route for loser in found.losers} | {found.route} >= {route.name for route in ROUTES}
