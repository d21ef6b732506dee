"""The compiled matcher against a naive one, and what it promises about precedence and spelling."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.messages import Headers
from proxy.routing.match import Matcher
from proxy.routing.route import Match, PathKind, PathMatch, Route, ValueMatch

EXACT, TEMPLATE, REGEX, PREFIX = PathKind


def _route(name: str, *matches: Match) -> Route:
    return Route(name, "old", matches=matches)


def _path(kind: PathKind, value: str, method: str | None = None, **more: ValueMatch) -> Match:
    return Match(
        path=PathMatch(kind, value),
        methods=frozenset([method.encode()]) if method else frozenset(),
        headers=(more["header"],) if "header" in more else (),
        query=(more["query"],) if "query" in more else (),
    )


def _winner(routes: list[Route], method: bytes, target: bytes, headers: Headers = ()) -> str | None:
    rule = Matcher(routes).find(method, target, headers)
    return rule.route.name if rule else None


COUNTRY = ValueMatch("X-Country", "FR")
VERSION = ValueMatch("v", "2")
IN_ORDER = [
    _route("exact", _path(EXACT, "/a/b/c")),
    _route("template-2", _path(TEMPLATE, "/a/{x}/c")),
    _route("template-1", _path(TEMPLATE, "/{x}/b/{y}")),
    _route("regex", _path(REGEX, "/a/.*")),
    _route("prefix-2", _path(PREFIX, "/a/b")),
    _route("prefix-1-method", _path(PREFIX, "/a", "GET")),
    _route("prefix-1-header", _path(PREFIX, "/a", header=COUNTRY)),
    _route("prefix-1-query", _path(PREFIX, "/a", query=VERSION)),
    _route("prefix-1", _path(PREFIX, "/a")),
    _route("prefix-1-later", _path(PREFIX, "/a")),
    _route("all", Match()),
]


@pytest.mark.parametrize("gone", range(len(IN_ORDER)))
def test_precedence_is_by_path_then_method_headers_query_and_place(gone: int) -> None:
    winner = _winner(IN_ORDER[gone:][::-1], b"GET", b"/a/b/c?v=2", ((b"X-Country", b"FR"),))
    later_first = {"prefix-1": "prefix-1-later"}
    assert winner == later_first.get(IN_ORDER[gone].name, IN_ORDER[gone].name)


@pytest.mark.parametrize(
    ("kind", "value", "target", "hit"),
    [
        (EXACT, "/a", b"/a?x", True),
        (EXACT, "/a", b"/a/", False),
        (EXACT, "/", b"/", True),
        (EXACT, "/", b"http://host", True),
        (EXACT, "/café", b"/caf%c3%a9", True),
        (PREFIX, "/a", b"/a", True),
        (PREFIX, "/a", b"/a/", True),
        (PREFIX, "/a/", b"/a/b", True),
        (PREFIX, "/a/", b"/a", True),
        (PREFIX, "/a", b"/ab", False),
        (PREFIX, "/", b"*", True),
        (PREFIX, "/", b"no-path", False),
        (PREFIX, "/", b"/a#b", False),
        (TEMPLATE, "/a/{id}/c", b"/a/b/c", True),
        (TEMPLATE, "/a/{id}/c", b"/a//c", False),
        (TEMPLATE, "/a/{id}", b"/a/b/", False),
        (TEMPLATE, "/a/{id}", b"http://host/a/b?x", True),
        (REGEX, "/a/[0-9]+", b"/a/12", True),
        (REGEX, "/a/[0-9]+", b"/a/12/b", False),
        (REGEX, "a/[0-9]+", b"/a/12", False),
        (REGEX, "/a|/b", b"/b", True),
    ],
)
def test_paths(kind: PathKind, value: str, target: bytes, hit: bool) -> None:
    assert (_winner([_route("r", _path(kind, value))], b"GET", target) == "r") is hit


@pytest.mark.parametrize(
    "target",
    [
        b"/x/../v1/pay",
        b"/x/%2e%2e/v1/pay",
        b"//v1/pay",
        b"/v1//pay",
        b"/v1/./pay",
        b"/v1%2Fpay",
        b"/v1%5cpay",
        b"/v1/pay;x=1",
        b"/v1/pay%3bx",
        b"/x/..;/v1/pay",
        b"/x%2f..%2fv1%2fpay",
    ],
)
def test_no_route_is_bypassed_by_spelling(target: bytes) -> None:
    """A server behind the catch-all could read each of these as /v1/pay, which has a route of its own."""
    routes = [_route("pay", _path(EXACT, "/v1/pay")), _route("all", Match())]
    assert _winner(routes, b"GET", target) is None
    assert len(Matcher(routes).contenders(b"GET", target, ())) > 1


@pytest.mark.parametrize("target", [b"/files/a%2Fb", b"/files//a", b"/files/a;b/../c", b"/%66iles/a"])
def test_a_spelling_that_goes_to_one_route_in_every_reading_is_let_through(target: bytes) -> None:
    routes = [_route("files", _path(PREFIX, "/files")), _route("all", Match())]
    assert _winner(routes, b"GET", target) == "files"


def test_a_harmless_spelling_finds_the_route() -> None:
    assert _winner([_route("pay", _path(EXACT, "/v1/pay"))], b"GET", b"/%76%31/p%61y") == "pay"


_SEGMENT = st.sampled_from(["a", "b", "c"])
_VALUE = st.builds(
    ValueMatch, st.sampled_from(["n", "m"]), st.sampled_from(["1", "2", "[12]"]), st.just(False)
) | st.builds(ValueMatch, st.sampled_from(["n", "m"]), st.just("[12]"), st.just(True))
_PLAIN = st.lists(_SEGMENT, max_size=3).map(lambda parts: "/" + "/".join(parts))
_TEMPLATE = st.lists(_SEGMENT | st.just("{}"), min_size=1, max_size=3).map(
    lambda parts: "/" + "/".join(f"{{n{i}}}" if part == "{}" else part for i, part in enumerate(parts))
)
_REGEX = st.lists(_SEGMENT | st.just("[ab]") | st.just(".*"), min_size=1, max_size=3).map(lambda p: "/" + "/".join(p))
_PATHS = st.one_of(
    st.builds(PathMatch, st.sampled_from([EXACT, PREFIX]), _PLAIN),
    st.builds(PathMatch, st.just(TEMPLATE), _TEMPLATE),
    st.builds(PathMatch, st.just(REGEX), _REGEX),
)
_MATCHES = st.builds(
    Match,
    path=_PATHS,
    methods=st.frozensets(st.sampled_from([b"GET", b"POST"]), max_size=2),
    headers=st.lists(_VALUE, max_size=2).map(tuple),
    query=st.lists(_VALUE, max_size=2).map(tuple),
)
_TABLES = st.lists(st.lists(_MATCHES, min_size=1, max_size=3), max_size=8)
_FIELDS = st.dictionaries(st.sampled_from(["n", "m"]), st.sampled_from(["1", "2", "3", "[12]"]), max_size=2)


@given(
    tables=_TABLES,
    method=st.sampled_from([b"GET", b"POST", b"PUT"]),
    path=st.lists(_SEGMENT, max_size=4).map(lambda parts: "/" + "/".join(parts)) | st.just("/a/"),
    headers=_FIELDS,
    query=_FIELDS,
)
@example([[Match(PathMatch(PREFIX, "/a"))], [Match(PathMatch(PREFIX, "/a/b"))]], b"GET", "/a/b/c", {}, {})
def test_the_compiled_matcher_agrees_with_a_naive_one(
    tables: list[list[Match]], method: bytes, path: str, headers: dict[str, str], query: dict[str, str]
) -> None:
    routes = [_route(f"r{place}", *matches) for place, matches in enumerate(tables)]
    target = path + "?" + "&".join(f"{name}={value}" for name, value in query.items())
    fields = tuple((name.upper().encode(), value.encode()) for name, value in headers.items())
    expected = _naive(tables, method.decode(), path, headers, query)
    assert _winner(routes, method, target.encode(), fields) == expected


def _naive(
    tables: list[list[Match]], method: str, path: str, headers: dict[str, str], query: dict[str, str]
) -> str | None:
    holding = [
        (_rank(match), place, f"r{place}")
        for place, matches in enumerate(tables)
        for match in matches
        if _path_holds(match.path, path)
        and (not match.methods or method.encode() in match.methods)
        and all(_value_holds(value, headers) for value in match.headers)
        and all(_value_holds(value, query) for value in match.query)
    ]
    return min(holding)[2] if holding else None


def _rank(match: Match) -> tuple[object, ...]:
    literal = [part for part in match.path.value.strip("/").split("/") if part and not part.startswith("{")]
    size = {
        EXACT: 0,
        TEMPLATE: len(literal),
        REGEX: 0,
        PREFIX: len(match.path.value.rstrip("/")),
    }[match.path.kind]
    kinds = [EXACT, TEMPLATE, REGEX, PREFIX]
    return (kinds.index(match.path.kind), -size, not match.methods, -len(match.headers), -len(match.query))


def _path_holds(match: PathMatch, path: str) -> bool:
    value = match.value
    if match.kind is EXACT:
        return path == value
    if match.kind is PREFIX:
        return path == value.rstrip("/") or path.startswith(value.rstrip("/") + "/")
    pattern = re.sub(r"\{\w+\}", "[^/]+", value) if match.kind is TEMPLATE else value
    return re.fullmatch(pattern, path) is not None


def _value_holds(match: ValueMatch, fields: dict[str, str]) -> bool:
    if match.name not in fields:
        return False
    value = fields[match.name]
    return re.fullmatch(match.value, value) is not None if match.regex else value == match.value
