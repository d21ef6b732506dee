"""Answers as JSON."""

import json

import pytest

from proxy.cli.documents import body, document
from proxy.store.answers import Latencies, Report, RouteReport
from tests.store.made import AMOUNT, NOON

ROUTE = RouteReport("r", 1, 0, 0, 0, (), (), (), Latencies(1, 0.1, 0.2, 0.3), None, ())


def test_names_times_and_version() -> None:
    found = json.loads(document(report=Report(None, NOON, NOON + 0.5, (ROUTE,), ()), one_thing=AMOUNT))
    assert found["schemaVersion"] == 1
    assert found["report"]["since"] is None
    assert found["report"]["last"] == "2023-11-15T12:00:00.500Z"
    assert found["report"]["routes"][0]["legacy"] == {"count": 1, "p50": 0.1, "p95": 0.2, "p99": 0.3}
    assert found["oneThing"]["kind"] == "value"


def test_bodies() -> None:
    assert body(b"{}") == {"text": "{}"}
    assert body(b"\xff") == {"base64": "/w=="}


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no JSON form"):
        document(odd={1})
