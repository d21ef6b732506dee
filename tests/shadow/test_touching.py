"""What an exchange touches: what it names, what its answer names, and for lists its caller."""

import gzip
from collections.abc import Callable

from msgspec import structs

from proxy.messages import Exchange, Headers, Response
from proxy.routing.entities import Entity
from proxy.routing.ids import Ids
from proxy.shadow.sequence import Touch
from proxy.shadow.touching import caller, plain, touched, touches

Make = Callable[..., Exchange]
IDS = Ids([Entity("payment", ("/v1/payments/{id}", "$.id", "$.data[*].id"))])
JSON: Headers = ((b"Content-Type", b"application/json"),)


def answering(exchange: Exchange, body: bytes, headers: Headers = JSON) -> Exchange:
    outcome = Response(200, b"", headers, body)
    return structs.replace(exchange, primary=structs.replace(exchange.primary, outcome=outcome))


def test_a_write_changes_what_it_and_its_answer_name_and_makes_for_its_caller(with_request: Make) -> None:
    exchange = answering(with_request(method=b"POST", target=b"/v1/payments/a/x"), b'{"id":"b"}')
    found = touched(exchange, IDS, writes=True)
    assert found.names == {("payment", "a"), ("payment", "b")}
    assert touches(exchange, found) == {
        ("payments", "payment", "a"): Touch.CHANGE,
        ("payments", "payment", "b"): Touch.CHANGE,
        ("payments", caller(exchange)): Touch.MAKE,
    }


def test_a_read_looks_at_what_it_names(with_request: Make) -> None:
    exchange = with_request(target=b"/v1/payments/a")
    assert touches(exchange, touched(exchange, IDS, writes=False)) == {("payments", "payment", "a"): Touch.LOOK}


def test_a_list_looks_at_what_its_caller_made(with_request: Make) -> None:
    exchange = answering(with_request(target=b"/v1/payments"), b'{"data":[{"id":"a"}]}')
    found = touches(exchange, touched(exchange, IDS, writes=False))
    assert found == {("payments", "payment", "a"): Touch.LOOK, ("payments", caller(exchange)): Touch.LOOK}


def test_a_caller_is_told_by_its_credentials_else_its_address(with_request: Make) -> None:
    one, other = (with_request(headers=((b"Authorization", token),)) for token in (b"a", b"b"))
    assert caller(one) == caller(with_request(headers=((b"authorization", b"a"), (b"X", b"y"))))
    assert len({caller(one), caller(other), caller(with_request(headers=()))}) == 3


def test_a_body_that_cannot_be_read_is_said_and_the_rest_is_read(with_request: Make) -> None:
    found = touched(with_request(target=b"/v1/payments/a", headers=JSON, body=b"{"), IDS, writes=True)
    assert found.unreadable
    assert found.names == {("payment", "a")}
    broken = answering(with_request(target=b"/v1/payments/a"), b"{")
    assert touched(broken, IDS, writes=False).names == {("payment", "a")}


def test_an_answers_coding_is_taken_off(with_request: Make) -> None:
    headers = (*JSON, (b"Content-Encoding", b"gzip"))
    packed = answering(with_request(), gzip.compress(b'{"id":"a"}'), headers)
    assert ("payment", "a") in touched(packed, IDS, writes=False).names
    broken = Response(200, b"", headers, b"no gzip")
    assert plain(broken) is broken
    unpacked = Response(200, b"", JSON, b"{}")
    assert plain(unpacked) is unpacked
