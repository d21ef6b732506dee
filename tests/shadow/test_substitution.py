"""Ids replaced as whole values, in one pass, and every other byte as it was."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Headers, Request, Response
from proxy.routing.entities import Entity
from proxy.routing.ids import Ids, Part
from proxy.shadow.substitution import Change, changed_answer, changed_request, changes

PAYMENT = Entity("payment", ("/v1/payments/{id}", "$.id", "$.all[*]", "query:p", "header:X-P"))
IDS = Ids([PAYMENT])
JSON: Headers = ((b"Content-Type", b"application/json"),)
NAMES = st.sampled_from(["a", "bb", "c c", "ü", '"', "7", "1"])


def test_all_places_change_at_once_and_nothing_else() -> None:
    headers: Headers = ((b"X-P", b" a "), (b"Content-Length", b"29"), (b"X-Other", b"a"))
    request = Request(b"POST", b"/v1/payments/a/x?p=a&q=a#", headers, b'{"id": "a" , "note":"a", "n":1}')
    changed = changed_request(request, changes(IDS.in_request(request), {("payment", "a"): "new id"}))
    assert changed.target == b"/v1/payments/new%20id/x?p=new+id&q=a#"
    assert changed.headers == ((b"X-P", b" new id "), (b"Content-Length", b"36"), (b"X-Other", b"a"))
    assert changed.body == b'{"id": "new id" , "note":"a", "n":1}'


def test_ids_that_are_each_others_twins_swap() -> None:
    request = Request(b"POST", b"/v1/payments/a?p=b", JSON, b'{"all":["a","b","a"]}')
    names = {("payment", "a"): "b", ("payment", "b"): "a"}
    changed = changed_request(request, changes(IDS.in_request(request), names))
    assert (changed.target, changed.body) == (b"/v1/payments/b?p=a", b'{"all":["b","a","b"]}')


def test_a_number_equal_to_an_id_is_not_touched() -> None:
    request = Request(b"POST", b"/v1/payments/42", JSON, b'{"id": 42, "amount": 42, "note": "42"}')
    changed = changed_request(request, changes(IDS.in_request(request), {("payment", "42"): "7"}))
    assert changed.target == b"/v1/payments/7"
    assert changed.body == b'{"id": 7, "amount": 42, "note": "42"}'


def test_an_id_of_another_kind_that_fits_the_pattern_is_not_touched() -> None:
    ids = Ids([Entity("payment", ("$.payment",)), Entity("refund", ("$.refund",))])
    request = Request(b"POST", b"/", JSON, b'{"payment": "x1", "refund": "x1"}')
    changed = changed_request(request, changes(ids.in_request(request), {("payment", "x1"): "y9"}))
    assert changed.body == b'{"payment": "y9", "refund": "x1"}'


def test_an_answer_changes_too() -> None:
    answer = Response(200, b"", (*JSON, (b"Location", b"http://h/v1/payments/a?x=a")), b'{"id":"a"}')
    changed = changed_answer(answer, changes(IDS.in_answer(b"/", answer), {("payment", "a"): "b"}))
    assert changed.headers[1] == (b"Location", b"http://h/v1/payments/b?x=a")
    assert changed.body == b'{"id":"b"}'


def test_without_changes_the_message_is_the_same_one() -> None:
    request, answer = Request(b"GET", b"/", (), b""), Response(200, b"", (), b"")
    assert changed_request(request, []) is request
    assert changed_answer(answer, []) is answer


def test_of_two_that_overlap_the_first_stands() -> None:
    made = [Change(Part.BODY, 0, 3, b"x"), Change(Part.BODY, 2, 4, b"y")]
    assert changed_request(Request(b"GET", b"/", (), b"abcd"), made).body == b"xd"


@given(st.dictionaries(NAMES, NAMES), st.recursive(NAMES | st.integers(), lambda inner: st.lists(inner, max_size=3)))
def test_back_and_forth_gives_the_same_bytes(names: dict[str, str], rest: Any) -> None:
    one_to_one = {("payment", key): value for key, value in names.items()}
    back = {("payment", value): key for key, value in names.items()}
    if len(back) < len(names) or names.keys() != set(names.values()):
        return
    body = json.dumps({"id": next(iter(names), "z"), "all": rest, "rest": rest}, ensure_ascii=False).encode()
    request = Request(b"POST", b"/v1/payments/z", JSON, body)
    there = changed_request(request, changes(IDS.in_request(request), one_to_one))
    assert json.loads(there.body)["rest"] == rest
    again = changed_request(there, changes(IDS.in_request(there), back))
    assert json.loads(again.body) == json.loads(body)
