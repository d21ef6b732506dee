"""The JSON documents of the admin API, made from the state.

Law of this file: `SCHEMA_VERSION` grows when a field goes or changes its meaning; fields may be added without it.
Times are RFC 3339 in UTC; counts are since the supervisor started, over all processes, those that ended included.
"""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from proxy.control.readiness import Readiness, readiness
from proxy.control.state import ControlState, Moment, OverrideStatus, ProcessStatus, RouteStatus, TableStatus
from proxy.telemetry.metrics import DROPPED, declare
from proxy.telemetry.snapshot import CounterSample

SCHEMA_VERSION = 1
_REQUESTS = declare("strangler_requests_total", "route", "system", "code_class")


class Problem(msgspec.Struct, frozen=True):
    """Any error: RFC 9457, section 3.1. `type` is about:blank where the status says it all."""

    status: int
    title: str
    detail: str
    type: str = "about:blank"


class RequestCount(msgspec.Struct, frozen=True, rename="camel"):
    """`by_code_class` sums up to `total`; its keys are 2xx, 4xx and so on."""

    route: str
    system: str
    total: int
    by_code_class: dict[str, int]


class StatusAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """GET /api/v1/status. `uptime`: seconds since the supervisor started; `updated_at`: when this was true."""

    schema_version: int
    version: str
    uptime: float
    updated_at: Moment | None
    readiness: Readiness
    table: TableStatus | None
    processes: tuple[ProcessStatus, ...]
    dropped: dict[str, int]
    requests: tuple[RequestCount, ...]
    routes: tuple[RouteStatus, ...] = ()
    overrides: tuple[OverrideStatus, ...] = ()
    pid: int | None = None


class RoutesAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """GET /api/v1/routes, in the table's order."""

    schema_version: int
    routes: tuple[RouteStatus, ...]


class RouteAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """GET /api/v1/routes/NAME."""

    schema_version: int
    route: RouteStatus


def status_answer(state: ControlState) -> StatusAnswer:
    document = state.document
    return StatusAnswer(
        schema_version=SCHEMA_VERSION,
        version=document.version,
        uptime=max(0.0, round((state.now() - document.started_at).total_seconds(), 3)),
        updated_at=state.updated_at,
        readiness=readiness(document),
        table=document.table,
        processes=document.processes,
        dropped=_dropped(document.metrics.counters),
        requests=_requests(document.metrics.counters),
        routes=document.routes,
        overrides=document.overrides,
        pid=document.pid,
    )


def routes_answer(state: ControlState) -> RoutesAnswer:
    return RoutesAnswer(SCHEMA_VERSION, state.document.routes)


def route_answer(state: ControlState, name: str) -> RouteAnswer | None:
    """None if the table has no route of this name."""
    found = next((route for route in state.document.routes if route.name == name), None)
    return None if found is None else RouteAnswer(SCHEMA_VERSION, found)


def _dropped(counters: Iterable[CounterSample]) -> dict[str, int]:
    return {sample.labels[0]: sample.value for sample in sorted(counters) if sample.name == DROPPED}


def _requests(counters: Iterable[CounterSample]) -> tuple[RequestCount, ...]:
    classes: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for sample in sorted(counters):
        if sample.name == _REQUESTS:
            route, system, code_class = sample.labels
            classes[route, system][code_class] = sample.value
    return tuple(RequestCount(*key, sum(counts.values()), counts) for key, counts in classes.items())
