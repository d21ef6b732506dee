"""Included headers: exact values, in order, under names of any case."""

import pytest

from comparators import Answer, Difference, Kind, Verdict, compare, compile_policy

POLICY = compile_policy(headers=["Location", "x-a"])


def differences(legacy: list[tuple[bytes, bytes]], candidate: list[tuple[bytes, bytes]]) -> tuple[Difference, ...]:
    return compare(Answer(200, tuple(legacy), b""), Answer(200, tuple(candidate), b""), POLICY).differences


@pytest.mark.parametrize(
    ("legacy", "candidate"),
    [
        ([], []),
        ([(b"Date", b"1")], [(b"Date", b"2")]),
        ([(b"Location", b"/a")], [(b"LOCATION", b" /a\t")]),
        ([(b"X-A", b"1"), (b"b", b""), (b"x-a", b"2")], [(b"x-A", b"1"), (b"x-a", b"2")]),
    ],
)
def test_no_difference(legacy: list[tuple[bytes, bytes]], candidate: list[tuple[bytes, bytes]]) -> None:
    assert differences(legacy, candidate) == ()


def test_another_value() -> None:
    expected = Difference("header:location", Kind.HEADER, '"/a"', '"/b"')
    assert differences([(b"Location", b"/a")], [(b"location", b"/b")]) == (expected,)


def test_one_side_without() -> None:
    assert differences([(b"Location", b"/a")], []) == (Difference("header:location", Kind.MISSING, '"/a"', None),)
    assert differences([], [(b"Location", b"/a")]) == (Difference("header:location", Kind.ADDED, None, '"/a"'),)


def test_an_empty_value_is_not_an_absent_header() -> None:
    assert differences([(b"Location", b"")], []) == (Difference("header:location", Kind.MISSING, '""', None),)


def test_order_and_number_of_values_count() -> None:
    one, two = (b"X-A", b"1"), (b"X-A", b"2")
    assert differences([one, two], [two, one]) == (Difference("header:x-a", Kind.HEADER, '["1","2"]', '["2","1"]'),)
    assert differences([one, one], [one]) == (Difference("header:x-a", Kind.HEADER, '["1","1"]', '"1"'),)


def test_bytes_that_are_not_utf_8_are_told_apart() -> None:
    assert differences([(b"X-A", b"\xe9")], [(b"X-A", b"\xe8")])[0].legacy == '"é"'


def test_a_header_makes_a_mismatch() -> None:
    legacy, candidate = Answer(200, ((b"x-a", b"1"),), b"{}"), Answer(200, ((b"x-a", b"2"),), b"{}")
    assert compare(legacy, candidate, POLICY).verdict is Verdict.MISMATCH
    assert compare(legacy, candidate, compile_policy(headers=[])).verdict is Verdict.MATCH


@pytest.mark.parametrize(
    "other",
    [
        b"Application/JSON;charset=UTF-8",
        b'application/json ; charset="utf-8"',
        b"application/json; CHARSET=utf-8 ",
    ],
)
def test_a_content_type_spelled_otherwise_is_the_same(other: bytes) -> None:
    answers = [Answer(200, ((b"content-type", value),), b"") for value in (b"application/json; charset=utf-8", other)]
    comparison = compare(answers[0], answers[1], compile_policy(headers=["content-type"]))
    assert comparison.verdict is Verdict.MATCH
    assert [found.kind for found in comparison.differences] == [Kind.SPELLING]


@pytest.mark.parametrize(
    "other",
    [
        b"application/json",
        b"application/json; charset=latin-1",
        b"application/json; charset=utf-8; charset=latin-1",
        b"application/json; charset=utf-8; v=1",
        b"application/json; charset=utf-8;",
        b"text/json; charset=utf-8",
    ],
)
def test_another_content_type(other: bytes) -> None:
    answers = [Answer(200, ((b"content-type", value),), b"") for value in (b"application/json; charset=utf-8", other)]
    assert compare(answers[0], answers[1], compile_policy(headers=["content-type"])).verdict is Verdict.MISMATCH


def test_a_location_on_each_systems_own_host_is_excused_and_says_why() -> None:
    legacy = Answer(302, ((b"location", b"http://a:1/x"),), b"", (b"a:1",))
    candidate = Answer(302, ((b"location", b"http://b:2/x"),), b"", (b"b:2",))
    comparison = compare(legacy, candidate, POLICY)
    assert (comparison.verdict, comparison.differences[0].rule) == (Verdict.IGNORED, "each system's own host")


def test_cookies_are_compared_by_name() -> None:
    policy = compile_policy(headers=["Set-Cookie"], cookies=["locale"])
    legacy = Answer(200, ((b"set-cookie", b"sid=1"), (b"Set-Cookie", b"locale=fr")), b"")
    candidate = Answer(200, ((b"set-cookie", b"locale=fr"), (b"set-cookie", b"sid=2")), b"")
    assert compare(legacy, candidate, policy).verdict is Verdict.IGNORED
    other = Answer(200, ((b"set-cookie", b"locale=en"), (b"set-cookie", b"sid=2")), b"")
    assert compare(legacy, other, policy).verdict is Verdict.MISMATCH
