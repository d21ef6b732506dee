"""May a copy of this exchange be sent to the shadow at all? Pure.

Law of this file: in doubt, no. It asks the exchange itself and does not trust the plan, which was made in another
process, perhaps from an older route table. A copy of a write goes to a sandbox only: one that the table in use names
for this route, that may be written to, and of which an address has attested lately that it is one. All else would be
done twice.
"""

from enum import StrEnum

from proxy.messages import Exchange, Failure, is_marked
from proxy.routing.route import Backend, Effects, Route
from proxy.routing.split import Semantics, asks
from proxy.shadow.attestation import Standing


class Refusal(StrEnum):
    """Why nothing is sent."""

    NO_SHADOW = "no-shadow"  # the plan names no backend for a copy
    MARKED = "already-shadow"  # the request is itself a copy, come back to us
    UNSAFE = "unsafe-method"  # and the operator does not say that it only asks
    WRITE = "write-by-semantics"  # the operator says that it changes something, whatever the method
    LIVE = "live-backend"  # a write, and the table in use says that the backend is live
    STOPPED = "writes-stopped"  # an answer did not show a sandbox; or whether it is armed cannot be read
    UNATTESTED = "not-attested"  # no address of the sandbox has shown lately that it is one
    PRIMARY_FAILED = "primary-failed"  # there is no answer to compare with
    BACKEND_UNKNOWN = "backend-unknown"  # the route table in use has no such backend


def may_send(exchange: Exchange, route: Route, backend: Backend | None, standing: Standing) -> Refusal | None:
    """Why no copy may go to `backend`, as the table in use knows it; None if it may. `standing`: how it stands as a
    sandbox.
    """
    if exchange.plan.shadow is None:
        return Refusal.NO_SHADOW
    if is_marked(exchange.request.headers):
        return Refusal.MARKED
    writes = is_write(exchange, route)
    if writes and not route.shadowing.writes:
        return Refusal.WRITE if route.semantics is Semantics.WRITE else Refusal.UNSAFE
    if isinstance(exchange.primary.outcome, Failure):
        return Refusal.PRIMARY_FAILED
    if backend is None:
        return Refusal.BACKEND_UNKNOWN
    return _may_write(route, backend, standing) if writes else None


def is_write(exchange: Exchange, route: Route) -> bool:
    """Whether the exchange may have changed something."""
    return not asks(route.semantics, exchange.request.method)


def _may_write(route: Route, backend: Backend, standing: Standing) -> Refusal | None:
    if backend.effects is not Effects.SANDBOX or backend.name not in route.shadowing.writes:
        return Refusal.LIVE
    if not standing.armed:
        return Refusal.STOPPED
    return None if standing.addresses and backend.takes_writes else Refusal.UNATTESTED
