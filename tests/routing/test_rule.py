"""Matches that cannot be compiled say why; those that can ask what they should."""

import pytest

from proxy.messages import Headers
from proxy.routing.asked import Asked
from proxy.routing.expression import MatchError
from proxy.routing.route import Match, PathKind, PathMatch, Route, ValueKind, ValueMatch
from proxy.routing.rule import Rule, compile_path, compile_rules


@pytest.mark.parametrize(
    ("kind", "value", "segments"),
    [
        (PathKind.EXACT, "/", (b"",)),
        (PathKind.EXACT, "/a/", (b"a", b"")),
        (PathKind.EXACT, "/café/%7Ex", (b"caf%C3%A9", b"~x")),
        (PathKind.PREFIX, "/", ()),
        (PathKind.PREFIX, "/a/b/", (b"a", b"b")),
        (PathKind.TEMPLATE, "/a/{id}/c", (b"a", None, b"c")),
        (PathKind.REGEX, "/a/.*", ()),
    ],
)
def test_a_path_is_cut_into_canonical_segments(kind: PathKind, value: str, segments: tuple[bytes | None, ...]) -> None:
    assert compile_path(PathMatch(kind, value)) == segments


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (PathKind.EXACT, "a", "starts with /"),
        (PathKind.EXACT, "/a?b=1", "no \\? or #"),
        (PathKind.EXACT, "/a//b", "several ways"),
        (PathKind.EXACT, "/a/../b", "several ways"),
        (PathKind.PREFIX, "/a//", "several ways"),
        (PathKind.PREFIX, "/a%2Fb", "several ways"),
        (PathKind.EXACT, "/a;b", "several ways"),
        (PathKind.EXACT, "/a/{id}", "%7B"),
        (PathKind.TEMPLATE, "/a/{id}.json", "whole segment"),
        (PathKind.TEMPLATE, "/a/{}", "whole segment"),
        (PathKind.TEMPLATE, "/{id}/{id}", "twice"),
        (PathKind.REGEX, "/a(", "not a RE2 expression: missing \\)"),
        (PathKind.REGEX, "/(?=a)", "not a RE2 expression"),
        (PathKind.REGEX, "a" * 1025, "longer than 1024"),
    ],
)
def test_a_path_that_cannot_be_matched_is_refused_with_the_reason(kind: PathKind, value: str, message: str) -> None:
    with pytest.raises(MatchError, match=message):
        compile_path(PathMatch(kind, value))


def _accepts(rule: Rule, headers: Headers, query: str) -> bool:
    return rule.accepts(b"GET", Asked(f"/?{query}".encode(), headers))


def test_headers_and_queries_must_all_hold() -> None:
    match = Match(
        headers=(ValueMatch("X-Country", "FR"), ValueMatch("X-Version", "[0-9]+", ValueKind.REGEX)),
        query=(ValueMatch("v", "2"),),
    )
    (rule,) = compile_rules([Route("r", "old", matches=(match,))])
    headers = ((b"x-country", b"FR"), (b"X-VERSION", b"12"))
    assert _accepts(rule, headers, "v=2")
    assert not _accepts(rule, headers, "v=3")
    assert not _accepts(rule, headers, "")
    assert not _accepts(rule, headers[:1], "v=2")
    assert not _accepts(rule, ((b"X-Country", b"fr"), headers[1]), "v=2")
    assert not _accepts(rule, (headers[0], (b"X-Version", b"12a")), "v=2")


def test_what_failed_is_named() -> None:
    match = Match(headers=(ValueMatch("X-A", "1"), ValueMatch("X-B", "1")), query=(ValueMatch("v", "2"),))
    (rule,) = compile_rules([Route("r", "old", matches=(match,))])
    assert rule.failed(Asked(b"/?v=1", ((b"x-a", b"1"),))) == ["header X-B", "query v"]


def test_rank_is_path_then_method_headers_query_the_others_and_how_closely_the_host_is_named() -> None:
    one = ValueMatch("a", "1")
    matches = (
        Match(PathMatch(value="/a"), methods=frozenset([b"GET"])),
        Match(PathMatch(value="/a"), headers=(one,)),
        Match(PathMatch(value="/a"), query=(one,), hosts=("a",)),
        Match(PathMatch(value="/a"), query=(one,)),
        Match(PathMatch(value="/a"), hosts=("a",), cookies=(one,)),
        Match(PathMatch(value="/a"), hosts=("b", "a")),
        Match(PathMatch(value="/a"), hosts=("*.a.b",)),
        Match(PathMatch(value="/a"), hosts=("c", "*.b")),
        Match(PathMatch(value="/a")),
    )
    rules = compile_rules([Route("r", "old", matches=matches[::-1])])
    assert [rule.match for rule in rules] == list(matches)
