"""Ids: at their places, whole, and nowhere else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Headers, Request, Response
from proxy.routing.entities import Entity
from proxy.routing.ids import Found, Ids, Part, Spelling, UnreadableBody, spelled

PAYMENT = Entity("payment", ("/v1/payments/{id}", "$.id", "$..payment", "query:payment", "header:X-Payment"), "pay_.+")
JSON: Headers = ((b"Content-Type", b"application/json"),)
FORM: Headers = ((b"Content-Type", b"application/x-www-form-urlencoded"),)


def request(target: bytes = b"/v1/other", headers: Headers = (), body: bytes = b"") -> Request:
    return Request(b"POST", target, headers, body)


def bytes_of(found: Found, asked: Request) -> bytes:
    match found.part:
        case Part.TARGET:
            return asked.target[found.start : found.end]
        case Part.HEADER:
            return asked.headers[found.header][1][found.start : found.end]
        case Part.BODY:
            return asked.body[found.start : found.end]


@pytest.mark.parametrize(
    ("asked", "texts", "raw"),
    [
        (request(b"/v1/payments/pay_1"), ["pay_1"], [b"pay_1"]),
        (request(b"/v1/payments/pay_1/capture?x=1"), ["pay_1"], [b"pay_1"]),
        (request(b"http://h:1/v1/payments/pay_1?q"), ["pay_1"], [b"pay_1"]),
        (request(b"/v1/payments/pay_%31;v=2/x"), ["pay_1"], [b"pay_%31"]),
        (request(b"/%76%31/payments/pay_1"), ["pay_1"], [b"pay_1"]),
        (request(b"/v1/payments"), [], []),
        (request(b"/v1/payments/search"), [], []),
        (request(b"/v2/payments/pay_1"), [], []),
        (request(b"/v1/x?a=pay_0&payment=pay_1&payment=pay%5F2"), ["pay_1", "pay_2"], [b"pay_1", b"pay%5F2"]),
        (request(headers=((b"x_payment", b" pay_1 "),)), ["pay_1"], [b"pay_1"]),
        (request(headers=JSON, body=b'{"id": "pay_1", "note": "pay_2"}'), ["pay_1"], [b'"pay_1"']),
        (request(body=b'{"lines":[{"payment":"pay_1"},{"payment":"pay_2"}]}'), ["pay_1", "pay_2"], None),
        (request(headers=FORM, body=b"payment=pay_1&note=pay_2"), ["pay_1"], [b"pay_1"]),
        (request(headers=FORM, body=b"lines[0][payment]=pay_1"), ["pay_1"], [b"pay_1"]),
        (request(body=b"not json"), [], []),
    ],
)
def test_the_ids_of_a_request(asked: Request, texts: list[str], raw: list[bytes] | None) -> None:
    found = Ids([PAYMENT]).in_request(asked)
    assert [each.id for each in found] == texts
    if raw is not None:
        assert [bytes_of(each, asked) for each in found] == raw


def test_the_ids_of_an_answer_are_those_of_its_body_its_headers_and_its_locations() -> None:
    answer = Response(201, b"", (*JSON, (b"Location", b"https://h/v1/payments/pay_1#x")), b'{"id":"pay_1"}')
    found = Ids([PAYMENT]).in_answer(b"/v1/payments", answer)
    assert [(each.id, each.part, each.spelling) for each in found] == [
        ("pay_1", Part.HEADER, Spelling.SEGMENT),
        ("pay_1", Part.BODY, Spelling.STRING),
    ]
    assert answer.headers[1][1][found[0].start : found[0].end] == b"pay_1"


def test_a_place_with_a_path_counts_there_only() -> None:
    ids = Ids([Entity("payment", ("/v1/payments/{p} $.id",))])
    body = b'{"id": 7}'
    assert [each.id for each in ids.in_request(request(b"/v1/payments/9", JSON, body))] == ["7"]
    assert ids.in_request(request(b"/v1/refunds/9", JSON, body)) == ()


def test_a_number_is_an_id_at_a_declared_place_only() -> None:
    found = Ids([Entity("payment", ("$.id",))]).in_request(request(headers=JSON, body=b'{"id": 42, "amount": 42}'))
    assert [(each.id, each.start, each.spelling) for each in found] == [("42", 7, Spelling.NUMBER)]


def test_aliases_are_said_to_be_ones() -> None:
    ids = Ids([Entity("payment", ("$.id",), aliases=("$.ref",))])
    found = ids.in_request(request(headers=JSON, body=b'{"id":"a","ref":"b"}'))
    assert [(each.id, each.alias) for each in found] == [("a", False), ("b", True)]


@pytest.mark.parametrize("headers", [((b"Content-Encoding", b"gzip"),), JSON])
def test_a_body_that_cannot_be_read_as_it_claims_is_said(headers: Headers) -> None:
    with pytest.raises(UnreadableBody):
        Ids([PAYMENT]).in_request(request(headers=headers, body=b"\x1f\x8b"))


def test_bodies_are_not_read_where_no_place_is_in_one() -> None:
    ids = Ids([Entity("payment", ("/v1/payments/{id}",))])
    assert ids.in_request(request(headers=JSON, body=b"{")) == ()
    assert not Ids([])


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda t: t.strip() == t))
def test_what_is_spelled_is_found_again(text: str) -> None:
    ids = Ids([Entity("payment", ("/p/{id}", "$.id", "query:id"))])
    target = b"/p/" + spelled(text, Spelling.SEGMENT) + b"?id=" + spelled(text, Spelling.FORM)
    body = b'{"id":' + spelled(text, Spelling.STRING) + b"}"
    assert [each.id for each in ids.in_request(request(target, JSON, body))] == [text] * 3
    assert json.loads(body)["id"] == text


def test_a_number_stays_one_if_it_can() -> None:
    assert spelled("42", Spelling.NUMBER) == b"42"
    assert spelled("042", Spelling.NUMBER) == b'"042"'
    assert spelled("pay_1", Spelling.NUMBER) == b'"pay_1"'
    assert spelled("pay_1", Spelling.PLAIN) == b"pay_1"
