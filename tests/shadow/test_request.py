import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import (
    Exchange,
    Failure,
    FailureKind,
    Headers,
    Hop,
    Observation,
    Plan,
    Request,
    Stage,
    System,
)
from proxy.shadow.request import derived_key, marked_copy

MARK = (b"X-Strangler-Shadow", b"1")


def copied(*headers: tuple[bytes, bytes]) -> Headers:
    return marked_copy(Request(b"GET", b"/a", ((b"Host", b"shop"), *headers), b"")).headers


def test_the_copy_is_marked_and_else_what_the_client_said() -> None:
    request = Request(
        b"GET", b"/a?x=%ff", ((b"hOST", b"shop"), (b"X-A", b"\xff"), (b"x-a", b"2"), (b"Cookie", b"c")), b"b"
    )
    copy = marked_copy(request)
    assert copy == Request(b"GET", b"/a?x=%ff", (*request.headers, MARK), b"b")


@pytest.mark.parametrize(
    "name",
    [
        *(b"Idempotency-Key", b"idempotency_key", b"X-Strangler-Anything", b"x_strangler_shadow"),
    ],
)
def test_what_is_the_clients_own_is_not_copied(name: bytes) -> None:
    assert copied((name, b"v"), (b"X-Kept", b"1")) == ((b"Host", b"shop"), (b"X-Kept", b"1"), MARK)


names = st.sampled_from([b"Idempotency-Key", b"X-Strangler-Shadow", b"Connection", b"X-A", b"Host"]) | st.binary()


@given(st.lists(st.tuples(names, st.binary(max_size=20)), max_size=6))
def test_there_is_always_one_mark_and_never_a_key(fields: list[tuple[bytes, bytes]]) -> None:
    copy = copied(*fields)
    folded = [name.lower().replace(b"_", b"-") for name, _ in copy]
    assert folded.count(b"x-strangler-shadow") == 1
    assert b"idempotency-key" not in folded
    assert [field for field in copy if field in fields] == [field for field in fields if field in copy]


def keyed(headers: Headers, number: str = "x-1") -> bytes:
    hop = Hop(b"", False, False)
    failed = Observation(System.LEGACY, "m", Failure(FailureKind.RESET, True, ""), 0.0)
    plan = Plan("r", Stage.SHADOW, System.LEGACY, "m", "s", "")
    return derived_key(Exchange(number, 0.0, "t", hop, Request(b"POST", b"/", headers, b""), plan, failed), b"k" * 32)


def test_what_the_client_repeats_the_sandbox_sees_repeated_under_a_key_of_its_own() -> None:
    first = keyed(((b"Idempotency-Key", b"k1"), (b"Authorization", b"Bearer old")))
    again = keyed(((b"idempotency_key", b"k1"), (b"Authorization", b"Bearer new")), "x-2")
    assert first == again
    assert b"k1" not in first
    assert keyed(((b"Idempotency-Key", b"k2"),)) != first


def test_without_a_key_each_exchange_has_its_own() -> None:
    assert keyed(()) == keyed(())
    assert keyed((), "x-1") != keyed((), "x-2")


def test_a_copy_gets_the_key_that_it_is_given() -> None:
    copy = marked_copy(Request(b"POST", b"/", ((b"Idempotency-Key", b"k1"),), b""), b"own")
    assert copy.headers == ((b"Idempotency-Key", b"own"), MARK)
