import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Headers, Request
from proxy.routing.route import Backend
from proxy.shadow.request import marked_copy

BACKEND = Backend("payments", "http", "127.0.0.1", 1)
MARK = (b"X-Strangler-Shadow", b"1")


def copied(*headers: tuple[bytes, bytes], backend: Backend = BACKEND) -> Headers:
    return marked_copy(Request(b"GET", b"/a", ((b"Host", b"shop"), *headers), b""), backend).headers


def test_the_copy_is_marked_and_else_what_the_client_said() -> None:
    request = Request(
        b"GET", b"/a?x=%ff", ((b"hOST", b"shop"), (b"X-A", b"\xff"), (b"x-a", b"2"), (b"Cookie", b"c")), b"b"
    )
    copy = marked_copy(request, BACKEND)
    assert copy == Request(b"GET", b"/a?x=%ff", (*request.headers, MARK), b"b")


@pytest.mark.parametrize(
    "name",
    [
        *(b"Idempotency-Key", b"idempotency_key", b"Expect", b"Proxy-Authorization", b"HTTP2-Settings"),
        *(b"Connection", b"Keep-Alive", b"Proxy-Connection", b"TE", b"Trailer", b"Transfer-Encoding", b"Upgrade"),
        *(b"X-Strangler-Anything", b"x_strangler_shadow"),
    ],
)
def test_what_is_the_clients_own_is_not_copied(name: bytes) -> None:
    assert copied((name, b"v"), (b"X-Kept", b"1")) == ((b"Host", b"shop"), (b"X-Kept", b"1"), MARK)


def test_fields_that_connection_names_are_not_copied() -> None:
    named = ((b"Connection", b"close, X-Hop"), (b"connection", b"X_Too"), (b"X-Hop", b"1"), (b"x-too", b"2"))
    assert copied(*named, (b"X-Kept", b"1")) == ((b"Host", b"shop"), (b"X-Kept", b"1"), MARK)


def test_connection_cannot_name_away_host_or_length() -> None:
    fields = ((b"Content-Length", b"0"), (b"Connection", b"host, content-length"))
    assert copied(*fields) == ((b"Host", b"shop"), (b"Content-Length", b"0"), MARK)


def test_the_host_is_what_the_backends_policy_says() -> None:
    named = Backend("payments", "http", "127.0.0.1", 1, host_header=b"payments.internal")
    assert copied(backend=named) == ((b"Host", b"payments.internal"), MARK)


@pytest.mark.parametrize(("policy", "host"), [(None, b"localhost"), (b"payments.internal", b"payments.internal")])
def test_a_host_is_added_where_there_is_none(policy: bytes | None, host: bytes) -> None:
    backend = Backend("payments", "http", "127.0.0.1", 1, host_header=policy)
    assert marked_copy(Request(b"GET", b"/", (), b""), backend).headers == ((b"Host", host), MARK)


@pytest.mark.parametrize(("target", "below"), [(b"/a?b", b"/base/a?b"), (b"*", b"*")])
def test_the_target_is_below_the_base_path(target: bytes, below: bytes) -> None:
    backend = Backend("payments", "http", "127.0.0.1", 1, base_path="/base")
    assert marked_copy(Request(b"GET", target, (), b""), backend).target == below


names = st.sampled_from([b"Idempotency-Key", b"X-Strangler-Shadow", b"Connection", b"X-A", b"Host"]) | st.binary()


@given(st.lists(st.tuples(names, st.binary(max_size=20)), max_size=6))
def test_there_is_always_one_mark_and_never_a_key(fields: list[tuple[bytes, bytes]]) -> None:
    copy = copied(*fields)
    folded = [name.lower().replace(b"_", b"-") for name, _ in copy]
    assert folded.count(b"x-strangler-shadow") == 1
    assert b"idempotency-key" not in folded
    assert [field for field in copy if field in fields] == [field for field in fields if field in copy]
