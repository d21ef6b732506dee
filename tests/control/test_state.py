from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from proxy.control.state import (
    MAX_DOCUMENT,
    ControlState,
    OverrideStatus,
    ProcessState,
    ProcessStatus,
    Role,
    RouteStatus,
    StatusDocument,
    TableStatus,
    utc_now,
)
from proxy.messages import Stage
from proxy.telemetry.registry import Registry

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def full() -> StatusDocument:
    registry = Registry()
    registry.inc("strangler_dropped_total", ("channel-full",), 7)
    registry.observe("strangler_overhead_seconds", (), 0.0001)
    return StatusDocument(
        version="0.1.0",
        started_at=NOON,
        table=TableStatus("payments", "ab" * 32, NOON, "cd" * 32, "routes.yaml:1:1: error: spec: required"),
        routes=(RouteStatus("create-payment", Stage.REVERSE_SHADOW, "@payments", "monolith", "payments", "ab" * 32),),
        processes=(
            ProcessStatus(Role.WORKER, 0, 41, ProcessState.ACCEPTING, 0, "ab" * 32, NOON),
            ProcessStatus(Role.RUNNER, 0, None, ProcessState.DOWN, 3, None, None),
        ),
        metrics=registry.snapshot(),
        overrides=(OverrideStatus(None, Stage.CANARY, 12.5, NOON, NOON, "jo", "why not", None),),
        is_leaving=True,
        pid=40,
    )


def test_a_document_there_and_back_on_one_line() -> None:
    line = full().to_json()
    assert b"\n" not in line
    assert StatusDocument.from_json(line) == full()
    assert StatusDocument.from_json(line.decode()) == full()


def test_names_on_the_wire_are_those_of_the_api() -> None:
    document = msgspec.json.decode(full().to_json())
    assert document["table"] == {
        "name": "payments",
        "hash": "ab" * 32,
        "loadedAt": "2026-01-01T12:00:00Z",
        "fileHash": "cd" * 32,
        "fault": "routes.yaml:1:1: error: spec: required",
    }
    assert document["overrides"] == [
        {
            "subject": None,
            "stage": "canary",
            "weight": 12.5,
            "begins": "2026-01-01T12:00:00Z",
            "ends": "2026-01-01T12:00:00Z",
            "by": "jo",
            "reason": "why not",
            "ticket": None,
        }
    ]
    assert (document["isLeaving"], document["pid"]) == (True, 40)
    assert document["processes"][0] == {
        "role": "worker",
        "index": 0,
        "pid": 41,
        "state": "accepting",
        "restarts": 0,
        "tableHash": "ab" * 32,
        "startedAt": "2026-01-01T12:00:00Z",
    }
    assert document["routes"][0]["stage"] == "reverse-shadow"


def test_frozen() -> None:
    with pytest.raises(AttributeError):
        full().version = "other"  # type: ignore[misc]


def test_before_the_first_document_there_is_nothing() -> None:
    state = ControlState("0.1.0", lambda: NOON)
    assert state.document == StatusDocument("0.1.0", NOON)
    assert (state.updated_at, state.now()) == (None, NOON)


def test_a_document_replaces_the_one_before() -> None:
    state = ControlState("0.1.0", lambda: NOON)
    state.apply(full().to_json())
    assert (state.document, state.updated_at) == (full(), NOON)
    state.apply(StatusDocument("0.1.0", NOON).to_json())
    assert state.document.table is None


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": "1"}',
        b'{"version": "1", "startedAt": "2026-01-01T12:00:00"}',
        b'{"version": "1", "startedAt": "2026-01-01T12:00:00Z", "processes": [{"role": "cook"}]}',
        b"\xff",
    ],
)
def test_what_is_no_document_changes_nothing(message: bytes) -> None:
    state = ControlState("0.1.0", lambda: NOON)
    state.apply(full().to_json())
    with pytest.raises(ValueError):
        state.apply(message)
    assert state.document == full()


def test_a_document_is_bounded() -> None:
    padding = b" " * (MAX_DOCUMENT + 1 - len(full().to_json()))
    assert StatusDocument.from_json(full().to_json() + padding[1:]) == full()
    with pytest.raises(ValueError, match="over the bound"):
        StatusDocument.from_json(full().to_json() + padding)


def test_the_clock_is_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)
