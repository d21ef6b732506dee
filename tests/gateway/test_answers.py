"""What a client is told, by what is known of its request."""

import json

import pytest

from proxy.gateway import answers
from proxy.messages import Failure, FailureKind


@pytest.mark.parametrize("kind", list(FailureKind))
@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize("maybe_sent", [True, False])
def test_only_what_is_provably_unsent_may_be_repeated(kind: FailureKind, safe: bool, maybe_sent: bool) -> None:
    answer = answers.for_failure(Failure(kind, maybe_sent, "detail"), "monolith", safe=safe)
    body = json.loads(answer.body)
    assert answer.status in (502, 503, 504)
    assert body["status"] == answer.status
    assert b"Content-Length: %d\r\n" % len(answer.body) in answer.fields
    if maybe_sent:
        assert b"Retry-After" not in answer.fields
        assert (body["type"] == "outcome-unknown") is (not safe)
    else:
        assert body["type"] != "outcome-unknown"
        assert not safe or kind is FailureKind.POOL_FULL or answer.status in (502, 504)


def test_a_time_out_is_504_and_a_full_pool_503() -> None:
    assert answers.for_failure(Failure(FailureKind.TIMEOUT, True, ""), "b", safe=True).status == 504
    full = answers.for_failure(Failure(FailureKind.POOL_FULL, False, ""), "b", safe=True)
    assert (full.status, b"Retry-After: 1\r\n" in full.fields) == (503, True)


def test_a_path_in_an_answer_is_bounded_and_has_no_query() -> None:
    body = json.loads(answers.no_route(b"/" + b"a" * 500 + b"?card=4242").body)
    assert "4242" not in body["detail"]
    assert len(body["detail"]) < 400


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (answers.refused(400, "x"), 400),
        (answers.refused(431, "x"), 431),
        (answers.marked("monolith"), 403),
        (answers.too_large(10), 413),
        (answers.no_route(b"/"), 404),
        (answers.ambiguous(), 400),
        (answers.broken(), 500),
    ],
)
def test_refusals_are_problem_documents(answer: answers.Answer, status: int) -> None:
    assert answer.status == status
    assert b"application/problem+json" in answer.fields
