"""Whole answers: status, then headers, then bodies; and bodies that are hard to read."""

import time

import pytest

from comparators import Answer, Comparison, Difference, Kind, TwinRule, Verdict, compare, compile_policy
from tests.comparators.support import JSON_TYPE, answered, found

POLICY = compile_policy()


def test_equal_answers() -> None:
    assert compare(answered(b"{}"), answered(b"{}"), POLICY) == Comparison(Verdict.MATCH)


def test_a_status_is_a_mismatch_always() -> None:
    comparison = compare(answered(b"{}"), answered(b"{}", status=201), POLICY)
    assert comparison == Comparison(Verdict.MISMATCH, (Difference("status", Kind.STATUS, "200", "201"),))


def test_a_status_is_a_mismatch_also_when_bodies_cannot_be_compared() -> None:
    candidate = answered(b"x", JSON_TYPE, (b"content-encoding", b"br"), status=500)
    comparison = compare(answered(b"{}"), candidate, POLICY)
    assert (comparison.verdict, found(comparison)) == (Verdict.MISMATCH, [("status", "status")])
    assert str(comparison.reason).startswith("candidate: content coding")


@pytest.mark.parametrize(
    ("statuses", "rule"),
    [
        ((400, 422), "status family 400, 422"),
        ((502, 503), "status family 500-599"),
        ((200, 422), None),
        ((422, 500), None),
    ],
)
def test_errors_of_one_family_stand_for_each_other(statuses: tuple[int, int], rule: str | None) -> None:
    policy = compile_policy(families=[[422, 400], range(500, 600)])
    comparison = compare(answered(b"{}", status=statuses[0]), answered(b"{}", status=statuses[1]), policy)
    assert comparison.differences[0].rule == rule
    assert comparison.verdict is (Verdict.IGNORED if rule else Verdict.MISMATCH)


def test_status_headers_and_body_come_in_this_order() -> None:
    legacy = answered(b'{"a":1}', JSON_TYPE, (b"location", b"/1"))
    candidate = answered(b'{"a":2}', (b"content-type", b"text/json"), (b"Location", b"/2"), status=202)
    assert found(compare(legacy, candidate, POLICY)) == [
        ("status", "status"),
        ("header:content-type", "header"),
        ("header:location", "header"),
        ("$.a", "value"),
    ]


@pytest.mark.parametrize("status", [200, 204, 304])
def test_answers_without_a_body(status: int) -> None:
    described = Answer(status, (JSON_TYPE, (b"content-length", b"17"), (b"content-encoding", b"gzip")), b"")
    assert compare(described, described, POLICY) == Comparison(Verdict.MATCH)
    assert compare(described, Answer(status, (JSON_TYPE,), b""), POLICY) == Comparison(Verdict.MATCH)


@pytest.mark.parametrize(
    "bodies",
    [
        (b"[" * 100_000 + b"]" * 100_000, b"[" * 99_999 + b"]" * 99_999),
        (b"9" * 5000, b"9" * 4999 + b"8"),
        (b"[" + b"9" * 1_000_000 + b"]", b"[" + b"8" * 1_000_000 + b"]"),
        (b"[" + b",".join([b"[]"] * 50_000) + b"]", b"[" + b",".join([b"{}"] * 50_000) + b"]"),
        (b'{"a":' + b'"' + b"x" * 1_000_000 + b'"}', b'{"a":' + b'"' + b"x" * 999_999 + b'y"}'),
    ],
    ids=["deep", "long integer", "very long integer", "wide", "long string"],
)
def test_hard_bodies_are_judged_in_time_and_never_equal(bodies: tuple[bytes, bytes]) -> None:
    begun = time.process_time()
    verdict = compare(answered(bodies[0]), answered(bodies[1]), POLICY).verdict
    assert time.process_time() - begun < 1
    assert verdict in {Verdict.MISMATCH, Verdict.INCONCLUSIVE}


@pytest.mark.parametrize(
    ("location", "verdict", "paths"),
    [
        (b"/v1/payments/tx_9", Verdict.IGNORED, ["$.id", "header:location"]),
        (b"/v1/payments/tx_8", Verdict.MISMATCH, ["$.id", "header:location"]),
        (b"/v1/payments/pay_1", Verdict.IGNORED, ["$.id"]),
    ],
)
def test_a_location_may_name_what_the_bodies_bind(location: bytes, verdict: Verdict, paths: list[str]) -> None:
    policy = compile_policy(rules=[TwinRule("$.id")])
    legacy = answered(b'{"id":"pay_1"}', JSON_TYPE, (b"location", b"/v1/payments/pay_1"), status=201)
    candidate = answered(b'{"id":"tx_9"}', JSON_TYPE, (b"location", location), status=201)
    comparison = compare(legacy, candidate, policy)
    assert (comparison.verdict, [path for path, _ in found(comparison)]) == (verdict, paths)
