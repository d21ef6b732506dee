"""The entities that a request names, and those that an answer has created."""

import gzip

import pytest

from proxy.claims.keys import Digests
from proxy.claims.named import Named, Unreadable
from proxy.claims.words import MAX_REFS
from proxy.messages import Headers, Request, Response, System
from proxy.routing.entities import Entity, Owner

DIGESTS = Digests(b"s" * 32)
PAYMENT = Entity("payment", ("/pay/{id}", "$..id"), "pay_.+", aliases=("query:psp",), unknown_owner=System.CANDIDATE)
NAMED = Named((PAYMENT, Entity("other", ("$.other",), owner=Owner.NONE)), DIGESTS)
JSON: Headers = ((b"Content-Type", b"application/json"),)


def digest(name: str) -> str:
    return DIGESTS.id("payment", name.encode())


def by(target: bytes, body: bytes = b"", headers: Headers = JSON) -> set[str]:
    return {ref.id for ref in NAMED.by_request(Request(b"POST", target, headers, body))}


def answer(body: bytes, headers: Headers = JSON) -> Response:
    return Response(200, b"OK", headers, body)


def test_ids_and_aliases_are_one() -> None:
    assert by(b"/pay/pay_1/capture?psp=pay_2", b'{"a": [{"id": "pay_3"}], "other": "x"}') == {
        digest("pay_1"),
        digest("pay_2"),
        digest("pay_3"),
    }
    (ref,) = NAMED.by_request(Request(b"GET", b"/pay/pay_1", (), b""))
    assert (ref.entity, ref.unknown) == ("payment", System.CANDIDATE)


def test_what_does_not_look_like_an_id_is_none() -> None:
    assert by(b"/pay/settings") == set()


def test_created_is_what_only_the_answer_names() -> None:
    asked = NAMED.by_request(Request(b"POST", b"/pay/pay_1", JSON, b""))
    found = NAMED.created(b"/pay/pay_1", answer(b'{"id": "pay_2", "of": {"id": "pay_1"}}'), asked)
    assert [ref.id for ref in found] == [digest("pay_2")]
    packed = answer(gzip.compress(b'{"id": "pay_4"}'), (*JSON, (b"Content-Encoding", b"gzip")))
    assert [ref.id for ref in NAMED.created(b"/pay", packed, ())] == [digest("pay_4")]
    assert NAMED.created(b"/pay", answer(b""), ()) == ()


def test_what_cannot_be_read_is_said() -> None:
    many = b"[%b]" % b",".join(b'{"id": "pay_%d"}' % number for number in range(MAX_REFS + 1))
    for body in (b"{", many):
        with pytest.raises(Unreadable):
            by(b"/", body)
        with pytest.raises(Unreadable):
            NAMED.created(b"/", answer(body), ())
    with pytest.raises(Unreadable):
        NAMED.created(b"/", answer(b"x", (*JSON, (b"Content-Encoding", b"gzip"))), ())


def test_only_bodies_that_may_name_something_are_read() -> None:
    assert NAMED.reads_body(JSON)
    assert NAMED.reads_body(())
    assert NAMED.reads_body(((b"content-type", b"application/merge-patch+json; charset=utf-8"),))
    assert not NAMED.reads_body(((b"content-type", b"multipart/form-data; boundary=x"),))
    assert not Named((Entity("payment", ("/pay/{id}",)),), DIGESTS).reads_body(JSON)
    assert not Named((Entity("payment", ("/pay/{id}",), owner=Owner.NONE),), DIGESTS)
