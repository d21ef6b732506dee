"""Which reader a body gets, and that a body which can't be read is never called equal."""

import gzip
import zlib

import pytest

from comparators import Comparison, DecimalRule, Kind, Verdict, compare, compile_policy
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


@pytest.mark.parametrize("media", [b"text/html", b"text/plain", b"application/javascript", b"application/xml"])
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
        (b"x", [JSON_TYPE, (b"content-encoding", b"lzma")], "candidate: content coding 'lzma' is not one of"),
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


FORM, XML = (b"content-type", b"application/x-www-form-urlencoded"), (b"content-type", b"application/xml")
LINES, TABLE = (b"content-type", b"application/x-ndjson"), (b"content-type", b"text/csv")


def parts(boundary: str) -> Header:
    return b"content-type", f"multipart/form-data; boundary={boundary}".encode()


@pytest.mark.parametrize(
    ("legacy", "candidate", "header", "expected"),
    [
        (b"a=1&b=2", b"b=2&a=%31", FORM, []),
        (b"a=1&b=2", b"a=1&b=3", FORM, [("$.b", "value")]),
        (b"a=1", b"a=1&a=1", FORM, [("$.a", "length")]),
        (b"<a x='1'/>", b'<a x="1"></a>', XML, []),
        (b"<a><b>1</b></a>", b"<a><b>2</b></a>", XML, [("$.a.b", "value")]),
        (b"<a/>", b"<a", XML, [("body", "syntax")]),
        (b"<a>\n<b", b"<a>\n<c", XML, [("body.lines[1]", "value")]),
        (b'{"a":1}\n{"a":2}\n', b'{"a":1}\r\n{"a": 2}', LINES, []),
        (b'{"a":1}\n{"a":2}\n', b'{"a":1}\n{"a":3}\n', LINES, [("$[1].a", "value")]),
        (b'{"a":1}', b'{"a":[1]}', LINES, [("$[0].a", "type")]),
        (b"{}", b"{", LINES, [("body", "syntax")]),
        (b"id,amount\n1,2.00\n", b'"id","amount"\r\n1,2.00', TABLE, []),
        (b"id,amount\n1,2.00\n", b"id,amount\n1,2.01\n", TABLE, [("$[1].amount", "value")]),
    ],
)
def test_structured_bodies(legacy: bytes, candidate: bytes, header: Header, expected: list[tuple[str, str]]) -> None:
    comparison = bodies(legacy, [header], candidate, [header])
    assert found(comparison) == expected
    assert comparison.verdict is (Verdict.MISMATCH if expected else Verdict.MATCH)


def test_parts_are_compared_whatever_their_boundary() -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--'
    assert bodies(body, [parts("B")], body.replace(b"B", b"xyz"), [parts("xyz")]).verdict is Verdict.MATCH
    assert found(bodies(body, [parts("B")], body.replace(b"\n1", b"\n2"), [parts("B")])) == [("$.a", "value")]
    assert found(bodies(body, [parts("B")], body, [parts("C")])) == [("body", "syntax")]


def test_rules_hold_for_every_format() -> None:
    policy = compile_policy(rules=[DecimalRule("$..amount")])
    for header, legacy, candidate in (
        (FORM, b"amount=1.0", b"amount=1.00"),
        (XML, b"<p><amount>1.0</amount></p>", b"<p><amount>1.00</amount></p>"),
        (LINES, b'{"amount":"1.0"}', b'{"amount":"1.00"}'),
        (TABLE, b"id,amount\na,1.0", b"id,amount\na,1.00"),
    ):
        comparison = compare(answered(legacy, header), answered(candidate, header), policy)
        assert comparison.verdict is Verdict.IGNORED


def test_a_charset_is_honoured() -> None:
    latin, utf = (
        (b"content-type", b"application/json; charset=iso-8859-1"),
        (b"content-type", b"application/json; charset=UTF-8"),
    )
    assert bodies('"é"'.encode("latin-1"), [latin], '"é"'.encode(), [utf]).verdict is Verdict.MATCH
    assert found(bodies('"é"'.encode(), [latin], '"é"'.encode(), [utf])) == [("$", "value")]
    assert bodies(b'"e"', [latin], b'"e"', [utf]).verdict is Verdict.MATCH
    text = (b"content-type", b"text/plain; charset=utf-16")
    assert bodies("é".encode("utf-16"), [text], "é".encode(), [TEXT]).verdict is Verdict.MATCH


def test_an_entity_bomb_is_not_compared() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'
    comparison = bodies(b"<a/>", [XML], bomb, [XML])
    assert comparison.verdict is Verdict.INCONCLUSIVE
    assert comparison.reason == "candidate: XML with entities, never followed"
