from datetime import UTC, datetime, timedelta

import msgspec

from proxy.control.answers import RequestCount, route_answer, routes_answer, status_answer
from proxy.control.state import ControlState, OverrideStatus, RouteStatus, StatusDocument, TableStatus
from proxy.messages import Stage
from proxy.telemetry.registry import Registry

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROUTES = (
    RouteStatus("zebra", Stage.LEGACY, None, "monolith", None, "ab"),
    RouteStatus("apple", Stage.SHADOW, "@fruit", "monolith", "payments", "ab"),
)

OVERRIDE = OverrideStatus("apple", Stage.SHADOW, None, NOON, NOON, "jo", "why not", "PAY-1")


def state_of(registry: Registry, seconds: float = 90.0) -> ControlState:
    state = ControlState("0.0.0", lambda: NOON + timedelta(seconds=seconds))
    table = TableStatus("payments", "ab", NOON, "cd", "routes.yaml:1:1: error: the file is empty")
    document = StatusDocument(
        *("0.1.0", NOON, table, ROUTES), metrics=registry.snapshot(), overrides=(OVERRIDE,), pid=40
    )
    state.apply(document.to_json())
    return state


def test_status_sums_requests_per_route_and_system() -> None:
    registry = Registry()
    for labels, count in (
        (("b", "legacy", "2xx"), 5),
        (("a", "legacy", "5xx"), 1),
        (("a", "legacy", "2xx"), 3),
        (("a", "candidate", "2xx"), 2),
    ):
        registry.inc("strangler_requests_total", labels, count)
    assert status_answer(state_of(registry)).requests == (
        RequestCount("a", "candidate", 2, {"2xx": 2}),
        RequestCount("a", "legacy", 4, {"2xx": 3, "5xx": 1}),
        RequestCount("b", "legacy", 5, {"2xx": 5}),
    )


def test_status_names_drops_by_reason() -> None:
    registry = Registry()
    registry.inc("strangler_dropped_total", ("channel-full",), 7)
    registry.inc("strangler_dropped_total", ("body-over-cap",), 2)
    registry.inc("strangler_shadow_total", ("a", "sent"), 9)
    assert status_answer(state_of(registry)).dropped == {"body-over-cap": 2, "channel-full": 7}


def test_status_of_a_state_without_documents() -> None:
    answer = status_answer(ControlState("0.1.0", lambda: NOON))
    assert (answer.version, answer.uptime, answer.updated_at, answer.table) == ("0.1.0", 0.0, None, None)
    assert not answer.readiness.ready


def test_uptime_is_never_negative() -> None:
    assert status_answer(state_of(Registry(), seconds=-5)).uptime == 0.0


def test_status_as_json() -> None:
    document = msgspec.json.decode(msgspec.json.encode(status_answer(state_of(Registry()))))
    assert document["schemaVersion"] == 1
    assert document["uptime"] == 90.0
    assert document["updatedAt"] == "2026-01-01T12:01:30Z"
    assert document["table"] == {
        "name": "payments",
        "hash": "ab",
        "loadedAt": "2026-01-01T12:00:00Z",
        "fileHash": "cd",
        "fault": "routes.yaml:1:1: error: the file is empty",
    }
    assert (document["pid"], document["overrides"][0]["subject"]) == (40, "apple")
    assert set(document) == {
        *("schemaVersion", "version", "uptime", "updatedAt", "readiness", "table"),
        *("processes", "dropped", "requests", "routes", "overrides", "pid"),
    }


def test_status_names_routes_and_overrides() -> None:
    answer = status_answer(state_of(Registry()))
    assert (answer.routes, answer.overrides) == (ROUTES, (OVERRIDE,))


def test_routes_keep_the_order_of_the_table() -> None:
    assert routes_answer(state_of(Registry())).routes == ROUTES


def test_a_route_by_name() -> None:
    found = route_answer(state_of(Registry()), "apple")
    assert found is not None
    assert found.route == ROUTES[1]
    assert route_answer(state_of(Registry()), "pear") is None
