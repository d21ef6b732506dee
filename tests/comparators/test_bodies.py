"""Which reader a body gets, and that a body which can't be read is never called equal."""

import gzip
import zlib

import pytest

from comparators import Comparison, Kind, Verdict, compare, compile_policy
from tests.comparators.support import JSON_TYPE, answered, found

TEXT = (b"Content-Type", b"text/plain")
BYTES = (b"Content-Type", b"application/pdf")
GZIP = (b"Content-Encoding", b"gzip")
BODIES_ONLY = compile_policy(headers=[])

Header = tuple[bytes, bytes]


def bodies(legacy: bytes, ours: list[Header], candidate: bytes, theirs: list[Header]) -> Comparison:
    nothing = (b"X", b"")
    return compare(answered(legacy, nothing, *ours), answered(candidate, nothing, *theirs), BODIES_ONLY)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([JSON_TYPE], [JSON_TYPE]),
        ([JSON_TYPE], [TEXT]),
        ([], [JSON_TYPE]),
        ([(b"content-type", b"application/problem+json; charset=utf-8")], []),
    ],
)
def test_json_is_read_where_either_side_says_json(ours: list[Header], theirs: list[Header]) -> None:
    assert bodies(b'{"a":1,"b":2}', ours, b'{"b":2, "a":1}', theirs).verdict is Verdict.MATCH
    assert found(bodies(b'{"a":1}', ours, b'{"a":2}', theirs)) == [("$.a", "value")]
    assert found(bodies(b'{"a":1}', ours, b"<html>", theirs)) == [("body", "syntax")]


def test_a_policy_names_more_types_of_json() -> None:
    pair = answered(b"[1]", (b"content-type", b"text/x-json")), answered(b"[ 1]", (b"content-type", b"text/x-json"))
    assert compare(*pair, compile_policy()).verdict is Verdict.MISMATCH
    assert compare(*pair, compile_policy(content_types=["text/x-json"])).verdict is Verdict.MATCH


@pytest.mark.parametrize(
    "media", [b"text/html", b"application/x-www-form-urlencoded", b"application/xml", b"image/svg+xml"]
)
def test_texts(media: bytes) -> None:
    assert found(bodies(b"a\nb", [(b"content-type", media)], b"a\nc", [])) == [("body.lines[1]", "value")]
    assert found(bodies(b"a\nb", [], b"a\nc", [(b"content-type", media)])) == [("body.lines[1]", "value")]


@pytest.mark.parametrize("headers", [[], [BYTES]])
def test_the_rest_is_bytes_and_never_sniffed(headers: list[Header]) -> None:
    comparison = bodies(b'{"a":1}', headers, b'{"a": 1}', headers)
    assert found(comparison) == [("body", "value")]
    assert "sha256" in str(comparison.differences[0].legacy)


def test_text_that_is_not_in_its_charset_is_bytes() -> None:
    assert found(bodies(b"\xff", [TEXT], b"\xfe", [TEXT])) == [("body", "value")]


def test_json_on_neither_side_is_compared_as_text() -> None:
    assert found(bodies(b"<a>\n1", [JSON_TYPE], b"<a>\n2", [JSON_TYPE])) == [("body.lines[1]", "value")]
    assert bodies(b"<a>", [JSON_TYPE], b"<a>", [TEXT]).verdict is Verdict.MATCH


@pytest.mark.parametrize("headers", [[], [JSON_TYPE], [TEXT], [JSON_TYPE, GZIP]])
def test_nothing_against_nothing(headers: list[Header]) -> None:
    assert bodies(b"", headers, b"", []).verdict is Verdict.MATCH


def test_something_against_nothing_of_a_coding() -> None:
    assert found(bodies(b"{}", [JSON_TYPE], b"", [JSON_TYPE, GZIP])) == [("body", "missing")]


@pytest.mark.parametrize("headers", [[], [JSON_TYPE], [TEXT]])
def test_something_against_nothing(headers: list[Header]) -> None:
    missing, added = bodies(b"{}", headers, b"", headers), bodies(b"", headers, b"{}", headers)
    assert [(d.path, d.kind, d.legacy, d.candidate) for d in missing.differences] == [
        ("body", Kind.MISSING, '"{}"', None)
    ]
    assert [(d.path, d.kind, d.legacy, d.candidate) for d in added.differences] == [("body", Kind.ADDED, None, '"{}"')]


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":1,"a":2}', b"[NaN]", b"\xef\xbb\xbf{}", b"\xff", b"1e99999999999999999999", b"not gzip"],
)
@pytest.mark.parametrize("headers", [[JSON_TYPE], [JSON_TYPE, GZIP], [JSON_TYPE, (b"content-encoding", b"br")]])
def test_equal_bytes_read_alike_are_equal_whatever_they_hold(body: bytes, headers: list[Header]) -> None:
    assert bodies(body, headers, body, headers) == Comparison(Verdict.MATCH)


def test_equal_bytes_read_otherwise_are_not_equal_unread() -> None:
    body = gzip.compress(b"{}")
    comparison = bodies(body, [JSON_TYPE, GZIP], body, [JSON_TYPE])
    assert found(comparison) == [("body", "syntax")]


def test_codings_come_off_before_the_comparison() -> None:
    legacy, candidate = gzip.compress(b'{"a":1}'), zlib.compress(b'{ "a":1}')
    deflate = (b"content-encoding", b"deflate")
    assert bodies(legacy, [JSON_TYPE, GZIP], candidate, [JSON_TYPE, deflate]).verdict is Verdict.MATCH
    assert found(bodies(legacy, [JSON_TYPE, GZIP], b'{"a":2}', [JSON_TYPE])) == [("$.a", "value")]


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"x", [JSON_TYPE, (b"content-encoding", b"zstd")], "candidate: content coding 'zstd' is not one of"),
        (b"x", [TEXT, GZIP], "candidate: content coding gzip is corrupt"),
        (gzip.compress(bytes(17 << 20), 1), [GZIP], "candidate: more than 16777216 bytes once decoded"),
        (b"[" * 100_000 + b"]" * 100_000, [JSON_TYPE], "candidate: JSON is nested too deeply"),
        (b"[1e99999999999999999999]", [JSON_TYPE], "candidate: JSON holds a number whose exponent is too large"),
    ],
)
def test_what_cannot_be_read_is_inconclusive_with_the_reason(body: bytes, headers: list[Header], reason: str) -> None:
    comparison = bodies(b"{}", [JSON_TYPE], body, headers)
    assert comparison.verdict is Verdict.INCONCLUSIVE
    assert str(comparison.reason).startswith(reason)
