"""The compiled matcher against a naive one, and what it promises about precedence and spelling."""

import json
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.messages import Headers
from proxy.routing.asked import Asked
from proxy.routing.match import Matcher
from proxy.routing.route import BodyMatch, Match, PathKind, PathMatch, Route, ValueKind, ValueMatch, Window
from tests.support.examples import examples

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


def test_a_target_is_refused_also_where_only_a_host_tells_two_routes_apart() -> None:
    routes = [_route("admin", Match(PathMatch(PREFIX, "/admin"), hosts=("a",))), _route("all", Match())]
    assert _winner(routes, b"GET", b"/x/../admin", ((b"Host", b"a"),)) is None
    assert _winner(routes, b"GET", b"/x/../admin", ((b"Host", b"b"),)) == "all"


def test_only_a_match_on_the_body_that_could_win_makes_a_request_wait() -> None:
    country = BodyMatch("$.country", ("FR",))
    matcher = Matcher(
        [
            _route("french", Match(PathMatch(PREFIX, "/pay"), frozenset([b"POST"]), body=country)),
            _route("exact", _path(EXACT, "/pay/now")),
            _route("all", Match()),
        ]
    )
    assert matcher.undecided(b"POST", b"/pay", ())
    assert not matcher.undecided(b"PUT", b"/pay", ())
    assert not matcher.undecided(b"POST", b"/pay/now", ())
    assert not matcher.undecided(b"POST", b"/other", ())
    assert not Matcher([_route("all", Match())]).undecided(b"POST", b"/pay", ())
    for body, winner in ((b'{"country":"FR"}', "french"), (b'{"country":"DE"}', "all"), (None, "all"), (b"{", "all")):
        rule = matcher.find(b"POST", b"/pay", (), body=body)
        assert rule is not None
        assert rule.route.name == winner


def _tried(routes: list[Route], target: bytes, headers: Headers) -> int:
    """How many rules a request may be tried against."""
    asked = Asked(target, headers)
    return sum(len(rules) for rules in Matcher(routes)._by_precedence(target.partition(b"?")[0], asked))


@pytest.mark.parametrize("kind", ["exact", "host", "wild host", "header", "expression", "query", "cookie", "template"])
def test_a_thousand_routes_are_not_tried_one_after_the_other(kind: str) -> None:
    made = {
        "exact": lambda n: Match(PathMatch(EXACT, f"/a/r{n}")),
        "template": lambda n: Match(PathMatch(TEMPLATE, "/a/{id}"), headers=(ValueMatch("x-m", f"r{n}"),)),
        "host": lambda n: Match(hosts=(f"r{n}.example",)),
        "wild host": lambda n: Match(hosts=(f"*.r{n}.example",)),
        "expression": lambda n: Match(headers=(ValueMatch("X-M", f"r{n}|m{n}-.*", ValueKind.REGEX),)),
        "header": lambda n: Match(headers=(ValueMatch("X-M", f"r{n}"),)),
        "query": lambda n: Match(query=(ValueMatch("m", f"r{n}"),)),
        "cookie": lambda n: Match(cookies=(ValueMatch("m", f"r{n}"),)),
    }[kind]
    routes = [_route(f"r{n}", made(n)) for n in range(1000)]
    host = b"a.r777.example" if kind == "wild host" else b"r777.example"
    headers = ((b"Host", host), (b"x-m", b"r777"), (b"Cookie", b"m=r777"))
    target = b"/a/r777?m=r777"
    assert _tried(routes, target, headers) == 1
    assert _winner(routes, b"GET", target, headers) == "r777"
    assert _winner(routes, b"GET", b"/b?m=r1000", ((b"Host", b"example"),)) is None


_SEGMENT = st.sampled_from(["a", "b", "c"])
_NAMES = ["n", "m"]
_VALUE = st.builds(ValueMatch, st.sampled_from(_NAMES), st.sampled_from(["1", "2", "[12]"]), st.sampled_from(ValueKind))
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
_VALUES = st.lists(_VALUE, max_size=2).map(tuple)
_HOSTS = st.lists(st.sampled_from(["a.x", "b.x", "*.x", "*.a.x", "x"]), max_size=2, unique=True).map(tuple)
_WINDOWS = st.builds(
    Window,
    st.sampled_from([0, 60, 720, 1380]),
    st.sampled_from([30, 600, 1440]),
    st.frozensets(st.integers(0, 6), min_size=1),
)
_MATCHES = st.builds(
    Match,
    path=_PATHS,
    methods=st.frozensets(st.sampled_from([b"GET", b"POST"]), max_size=2),
    headers=_VALUES,
    query=_VALUES,
    hosts=_HOSTS,
    cookies=_VALUES,
    claims=_VALUES,
    during=st.none() | _WINDOWS,
    body=st.none() | st.builds(BodyMatch, st.just("$.n"), st.sampled_from([("1",), ("1", 2), (2,)])),
)
_CROWD = st.builds(
    Match,
    path=st.just(PathMatch()),
    headers=st.lists(_VALUE, max_size=1).map(tuple),
    hosts=_HOSTS,
    claims=st.lists(_VALUE, max_size=1).map(tuple),
)
"""Matches of one path, so many that they are found by a value (shelf.py)."""
_TABLES = st.lists(st.lists(_MATCHES, min_size=1, max_size=3), max_size=8) | st.lists(
    st.lists(_CROWD, min_size=2, max_size=2), min_size=5, max_size=20
)
_FIELDS = st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(["1", "2", "3", "[12]"]), max_size=2)
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Asking:
    """A request in the words of the naive matcher."""

    method: str
    path: str
    host: str
    headers: dict[str, str]
    query: dict[str, str]
    cookies: dict[str, str]
    claims: dict[str, str]
    moment: datetime
    document: dict[str, object]

    def fields(self) -> Headers:
        token = b64encode(json.dumps(self.claims).encode(), altchars=b"-_").rstrip(b"=")
        return (
            *((name.upper().encode(), value.encode()) for name, value in self.headers.items()),
            (b"host", self.host.upper().encode() + b":8080"),
            (b"COOKIE", "; ".join(f"{name}={value}" for name, value in self.cookies.items()).encode()),
            (b"authorization", b"bearer e30." + token + b".sig"),
        )

    def target(self) -> bytes:
        return (self.path + "?" + "&".join(f"{name}={value}" for name, value in self.query.items())).encode()


_ASKING = st.builds(
    Asking,
    method=st.sampled_from(["GET", "POST", "PUT"]),
    path=st.lists(_SEGMENT, max_size=4).map(lambda parts: "/" + "/".join(parts)) | st.just("/a/"),
    host=st.sampled_from(["a.x", "b.x", "c.a.x", "x", "y"]),
    headers=_FIELDS,
    query=_FIELDS,
    cookies=_FIELDS,
    claims=_FIELDS,
    moment=st.integers(0, 7 * 1440 - 1).map(lambda minutes: _MONDAY + timedelta(minutes=minutes)),
    document=st.sampled_from([{}, {"n": "1"}, {"n": 2}, {"n": "2"}, {"n": [1]}, {"n": True}]),
)


@settings(max_examples=examples(300))
@given(tables=_TABLES, asking=_ASKING)
def test_the_compiled_matcher_agrees_with_a_naive_one(tables: list[list[Match]], asking: Asking) -> None:
    routes = [_route(f"r{place}", *matches) for place, matches in enumerate(tables)]
    found = Matcher(routes).find(
        asking.method.encode(),
        asking.target(),
        asking.fields(),
        asking.moment.timestamp(),
        json.dumps(asking.document).encode(),
    )
    assert (found.route.name if found else None) == _naive(tables, asking)


def _naive(tables: list[list[Match]], asking: Asking) -> str | None:
    holding = [
        (_rank(match), place, f"r{place}")
        for place, matches in enumerate(tables)
        for match in matches
        if _holds(match, asking)
    ]
    return min(holding)[2] if holding else None


def _holds(match: Match, asking: Asking) -> bool:
    return (
        _path_holds(match.path, asking.path)
        and (not match.methods or asking.method.encode() in match.methods)
        and all(_value_holds(value, asking.headers) for value in match.headers)
        and all(_value_holds(value, asking.query) for value in match.query)
        and all(_value_holds(value, asking.cookies) for value in match.cookies)
        and all(_value_holds(value, asking.claims) for value in match.claims)
        and (not match.hosts or any(fnmatchcase(asking.host, host) for host in match.hosts))
        and (match.during is None or _is_within(match.during, asking.moment))
        and (match.body is None or _body_holds(match.body, asking.document))
    )


def _rank(match: Match) -> tuple[object, ...]:
    literal = [part for part in match.path.value.strip("/").split("/") if part and not part.startswith("{")]
    size = {
        EXACT: 0,
        TEMPLATE: len(literal),
        REGEX: 0,
        PREFIX: len(match.path.value.rstrip("/")),
    }[match.path.kind]
    kinds = [EXACT, TEMPLATE, REGEX, PREFIX]
    others = len(match.cookies) + len(match.claims)
    others += sum(1 for part in (match.hosts, match.during, match.body) if part)
    wild = [len(host) for host in match.hosts if "*" in host]
    return (
        kinds.index(match.path.kind),
        -size,
        not match.methods,
        -len(match.headers),
        -len(match.query),
        -others,
        bool(wild),
        -min(wild, default=0),
    )


def _path_holds(match: PathMatch, path: str) -> bool:
    value = match.value
    if match.kind is EXACT:
        return path == value
    if match.kind is PREFIX:
        return path == value.rstrip("/") or path.startswith(value.rstrip("/") + "/")
    pattern = re.sub(r"\{\w+\}", "[^/]+", value) if match.kind is TEMPLATE else value
    return re.fullmatch(pattern, path) is not None


def _value_holds(match: ValueMatch, fields: dict[str, str]) -> bool:
    if match.kind is ValueKind.ABSENT or match.name not in fields:
        return match.kind is ValueKind.ABSENT and match.name not in fields
    value = fields[match.name]
    if match.kind is ValueKind.REGEX:
        return re.fullmatch(match.value, value) is not None
    return match.kind is ValueKind.PRESENT or value == match.value


def _is_within(window: Window, moment: datetime) -> bool:
    """Whether the window of the day before, or that of the day itself, has begun and not ended."""
    midnight = moment.replace(hour=0, minute=0)
    for day in (midnight - timedelta(days=1), midnight):
        begin = day + timedelta(minutes=window.begin)
        end = day + timedelta(minutes=window.end)
        if end <= begin:
            end += timedelta(days=1)
        if day.weekday() in window.days and begin <= moment < end:
            return True
    return False


def _body_holds(match: BodyMatch, document: dict[str, object]) -> bool:
    value = document.get("n")
    return any(type(value) is type(wanted) and value == wanted for wanted in match.values)
