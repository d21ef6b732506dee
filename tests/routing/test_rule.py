"""Matches that cannot be compiled say why; those that can ask what they should."""

import pytest

from proxy.routing.route import Match, PathKind, PathMatch, Route, ValueMatch
from proxy.routing.rule import MatchError, compile_path, compile_regex, compile_rules, header_value


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


def test_an_expression_is_matched_in_linear_time() -> None:
    assert compile_regex("(a*)*b").fullmatch(b"a" * 100_000) is None


def test_headers_and_queries_must_all_hold() -> None:
    match = Match(
        headers=(ValueMatch("X-Country", "FR"), ValueMatch("X-Version", "[0-9]+", regex=True)),
        query=(ValueMatch("v", "2"),),
    )
    (rule,) = compile_rules([Route("r", "old", matches=(match,))])
    headers = ((b"x-country", b"FR"), (b"X-VERSION", b"12"))
    assert rule.accepts(b"GET", headers, b"v=2")
    assert not rule.accepts(b"GET", headers, b"v=3")
    assert not rule.accepts(b"GET", headers, b"")
    assert not rule.accepts(b"GET", headers[:1], b"v=2")
    assert not rule.accepts(b"GET", ((b"X-Country", b"fr"), headers[1]), b"v=2")
    assert not rule.accepts(b"GET", (headers[0], (b"X-Version", b"12a")), b"v=2")


def test_several_fields_of_one_name_are_one_value() -> None:
    headers = ((b"X-A", b"1"), (b"x-a", b"2"))
    assert header_value(headers, b"x-a") == b"1,2"
    assert header_value(headers, b"x-b") is None
