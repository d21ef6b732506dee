"""Which requests change their route is tried, not guessed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.table import Match, PathKind, PathMatch, Route, RouteTable, ValueKind, ValueMatch
from proxy.routing.witnesses import Example, examples, rerouted

GET = frozenset([b"GET"])


def table(*routes: Route) -> RouteTable:
    return RouteTable("t", routes, {}, {}, "")


def exact(path: str) -> Match:
    return Match(PathMatch(PathKind.EXACT, path), GET)


def route(name: str, *matches: Match) -> Route:
    return Route(name, "old", matches=matches)


def changed(old: RouteTable, new: RouteTable) -> list[tuple[str, str, str | None]]:
    return [(str(each.example), each.before, each.after) for each in rerouted(old, new)]


def test_a_route_that_is_put_before_another_takes_its_requests() -> None:
    rest = route("rest", Match(PathMatch(value="/")))
    old, new = table(rest), table(route("pay", exact("/pay")), rest)
    assert changed(old, new) == [("GET /pay", "rest", "pay")]
    assert changed(new, old) == [("GET /pay", "pay", "rest")]
    assert changed(new, new) == []


def test_a_match_that_shrinks_leaves_requests_without_a_route() -> None:
    old, new = table(route("a", exact("/a"), exact("/b"))), table(route("a", exact("/a")))
    assert changed(old, new) == [("GET /b", "a", None)]


def test_requests_that_had_no_route_change_none() -> None:
    assert changed(table(route("a", exact("/a"))), table(route("a", exact("/a")), route("b", exact("/b")))) == []


def test_order_in_the_file_counts() -> None:
    a, b = route("a", exact("/x")), route("b", exact("/x"))
    assert changed(table(a, b), table(b, a)) == [("GET /x", "a", "b")]


def test_headers_hosts_cookies_and_queries_are_made_up_and_their_values_not_told() -> None:
    match = Match(
        PathMatch(PathKind.TEMPLATE, "/p/{id}"),
        GET,
        headers=(ValueMatch("X-Key", "hidden"), ValueMatch("X-There", kind=ValueKind.PRESENT)),
        query=(ValueMatch("q", "a b"),),
        hosts=("*.pay.example",),
        cookies=(ValueMatch("c", "1"), ValueMatch("d", "2")),
    )
    old, new = table(route("some", match), route("all", Match())), table(route("all", Match()))
    ((words, *_),) = changed(old, new)
    assert words == "GET /p/x1 with Host and X-Key and X-There and Cookie and a query"
    (example,) = examples([route("some", match)])
    assert example.target == b"/p/x1?q=a%20b"
    assert example.headers[0] == (b"Host", b"x1.pay.example")
    assert example.headers[-1] == (b"Cookie", b"c=1; d=2")


def test_an_absent_value_and_an_expression_are_left_out() -> None:
    values = (ValueMatch("a", kind=ValueKind.ABSENT), ValueMatch("b", "x.*", ValueKind.REGEX))
    assert [*examples([route("r", Match(PathMatch(PathKind.EXACT, "/"), GET, values, values))])] == [
        Example(b"GET", b"/")
    ]
    assert [*examples([route("r", Match(PathMatch(PathKind.REGEX, "/.*")))])] == []


@given(st.permutations([exact("/a"), exact("/b"), Match(PathMatch(value="/a")), Match(PathMatch(value="/"))]))
def test_what_is_found_is_so_in_both_tables(matches: list[Match]) -> None:
    routes = [route(f"r{number}", match) for number, match in enumerate(matches)]
    old, new = table(*routes), table(*(replace(each, name=each.name.replace("0", "9")) for each in routes[::-1]))
    for each in rerouted(old, new):
        before = old.find(each.example.method, each.example.target, each.example.headers)
        after = new.find(each.example.method, each.example.target, each.example.headers)
        assert before is not None
        assert (before.name, after.name if after else None) == (each.before, each.after)
