"""May a copy of this exchange be sent to the shadow at all? Pure.

Law of this file: in doubt, no. It asks the exchange itself and does not trust the plan, which was made in another
process, perhaps from an older route table. Writes are never sent: a system that has no sandbox would do them twice.
"""

from enum import StrEnum

from proxy.messages import Exchange, Failure, is_marked
from proxy.routing.route import Backend, Route
from proxy.routing.split import Semantics, asks


class Refusal(StrEnum):
    """Why nothing is sent."""

    NO_SHADOW = "no-shadow"  # the plan names no backend for a copy
    MARKED = "already-shadow"  # the request is itself a copy, come back to us
    UNSAFE = "unsafe-method"  # and the operator does not say that it only asks
    WRITE = "write-by-semantics"  # the operator says that it changes something, whatever the method
    PRIMARY_FAILED = "primary-failed"  # there is no answer to compare with
    BACKEND_UNKNOWN = "backend-unknown"  # the route table in use has no such backend


def may_send(exchange: Exchange, route: Route, backend: Backend | None) -> Refusal | None:
    """Why no copy may go to `backend`, which is what the table in use knows by the plan's name; None if it may."""
    if exchange.plan.shadow is None:
        return Refusal.NO_SHADOW
    if is_marked(exchange.request.headers):
        return Refusal.MARKED
    if not asks(route.semantics, exchange.request.method):
        return Refusal.WRITE if route.semantics is Semantics.WRITE else Refusal.UNSAFE
    if isinstance(exchange.primary.outcome, Failure):
        return Refusal.PRIMARY_FAILED
    return Refusal.BACKEND_UNKNOWN if backend is None else None
