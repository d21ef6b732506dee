from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from proxy.messages import (
    SAFE_METHODS,
    Exchange,
    Failure,
    FailureKind,
    Hop,
    Observation,
    Plan,
    Request,
    Stage,
    System,
    is_marked,
)
from proxy.routing.route import Backend, Effects, Route, Shadowing
from proxy.routing.sandbox import ByOperator
from proxy.routing.split import Semantics
from proxy.shadow.attestation import NOWHERE, Standing
from proxy.shadow.guard import Refusal, may_send

SHADOW = Backend("payments", "http", "127.0.0.1", 1)
Make = Callable[..., Exchange]


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS"])
def test_a_read_may_be_sent(with_request: Make, route: Route, method: bytes) -> None:
    assert may_send(with_request(method=method), route, SHADOW, NOWHERE) is None


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"PATCH", b"DELETE", b"TRACE", b"CONNECT", b"get", b"GET ", b""])
def test_any_other_method_is_never_sent(with_request: Make, route: Route, method: bytes) -> None:
    assert may_send(with_request(method=method), route, SHADOW, NOWHERE) is Refusal.UNSAFE


@pytest.mark.parametrize(
    "name", [b"X-Strangler-Shadow", b"x-strangler-shadow", b"X_Strangler_Shadow", b"X-STRANGLER_SHADOW"]
)
def test_a_copy_is_never_copied_again(with_request: Make, route: Route, name: bytes) -> None:
    marked = with_request(headers=((b"Host", b"a"), (name, b"")))
    assert may_send(marked, route, SHADOW, NOWHERE) is Refusal.MARKED


def test_a_header_of_a_like_name_marks_nothing(with_request: Make, route: Route) -> None:
    like = with_request(headers=((b"X-Strangler-Shadows", b"1"), (b"Strangler-Shadow", b"1")))
    assert may_send(like, route, SHADOW, NOWHERE) is None


def test_a_read_that_changes_something_is_never_sent(exchange: Exchange, route: Route) -> None:
    assert may_send(exchange, replace(route, semantics=Semantics.WRITE), SHADOW, NOWHERE) is Refusal.WRITE


def test_a_post_that_only_asks_may_be_sent(with_request: Make, route: Route) -> None:
    assert may_send(with_request(method=b"POST"), replace(route, semantics=Semantics.READ), SHADOW, NOWHERE) is None


def test_without_an_answer_there_is_nothing_to_compare(exchange: Exchange, route: Route) -> None:
    failed = structs.replace(exchange.primary, outcome=Failure(FailureKind.TIMEOUT, True, ""))
    assert may_send(structs.replace(exchange, primary=failed), route, SHADOW, NOWHERE) is Refusal.PRIMARY_FAILED


def test_a_plan_without_a_shadow_sends_nothing(exchange: Exchange, route: Route) -> None:
    assert (
        may_send(structs.replace(exchange, plan=structs.replace(exchange.plan, shadow=None)), route, SHADOW, NOWHERE)
        is Refusal.NO_SHADOW
    )


def test_a_backend_that_the_table_does_not_know_gets_nothing(exchange: Exchange, route: Route) -> None:
    assert may_send(exchange, route, None, NOWHERE) is Refusal.BACKEND_UNKNOWN


headers = st.lists(st.tuples(st.binary(max_size=24), st.binary(max_size=4)), max_size=3).map(tuple)


@given(st.sampled_from([*SAFE_METHODS, b"POST"]) | st.binary(), headers)
def test_whatever_is_sent_is_an_unmarked_read(method: bytes, fields: tuple[tuple[bytes, bytes], ...]) -> None:
    plan = Plan("r", Stage.SHADOW, System.LEGACY, "monolith", "payments", "")
    failed = Observation(System.LEGACY, "monolith", Failure(FailureKind.RESET, True, ""), 0.0)
    exchange = Exchange("x", 0.0, "t", Hop(b"", False, False), Request(method, b"/", fields, b""), plan, failed)
    refusal = may_send(exchange, Route("r", "monolith", "payments"), SHADOW, NOWHERE)
    assert refusal is not None
    assert (refusal is Refusal.PRIMARY_FAILED) == (method in SAFE_METHODS and not is_marked(exchange.request.headers))


SANDBOX = replace(SHADOW, effects=Effects.SANDBOX, attest=ByOperator())
SHOWN = Standing(True, (0,))


def writing(route: Route, *names: str) -> Route:
    return replace(route, shadowing=Shadowing(writes=frozenset(names)))


@pytest.mark.parametrize(
    ("backend", "standing", "refusal"),
    [
        (SANDBOX, SHOWN, None),
        (SANDBOX, Standing(False, (0,)), Refusal.STOPPED),
        (SANDBOX, Standing(True, ()), Refusal.UNATTESTED),
        (SANDBOX, NOWHERE, Refusal.STOPPED),
        (SHADOW, SHOWN, Refusal.LIVE),
        (replace(SHADOW, attest=ByOperator()), SHOWN, Refusal.LIVE),
        (replace(SANDBOX, attest=None), SHOWN, Refusal.UNATTESTED),
        (replace(SANDBOX, name="another"), SHOWN, Refusal.LIVE),
        (None, SHOWN, Refusal.BACKEND_UNKNOWN),
    ],
)
def test_a_write_goes_to_a_sandbox_that_has_shown_it(
    with_request: Make, route: Route, backend: Backend | None, standing: Standing, refusal: Refusal | None
) -> None:
    assert may_send(with_request(method=b"POST"), writing(route, "payments"), backend, standing) is refusal


def test_a_write_goes_to_no_sandbox_that_the_table_in_use_does_not_name(with_request: Make, route: Route) -> None:
    assert may_send(with_request(method=b"POST"), writing(route, "other"), SANDBOX, SHOWN) is Refusal.LIVE
    assert may_send(with_request(method=b"POST"), route, SANDBOX, SHOWN) is Refusal.UNSAFE
    written = replace(writing(route, "payments"), semantics=Semantics.WRITE)
    assert may_send(with_request(method=b"GET"), written, SHADOW, SHOWN) is Refusal.LIVE
