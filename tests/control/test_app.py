import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from proxy.control.app import make_app
from proxy.control.state import (
    ControlState,
    ProcessState,
    ProcessStatus,
    Role,
    RouteStatus,
    StatusDocument,
    TableStatus,
)
from proxy.messages import Stage
from proxy.telemetry.registry import Registry

Client = TestClient[web.Request, web.Application]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PATHS = ["/", "/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/routes", "/api/v1/routes/create-payment"]


def document(state: ProcessState = ProcessState.ACCEPTING, *, is_leaving: bool = False) -> bytes:
    registry = Registry()
    registry.inc("strangler_requests_total", ("create-payment", "legacy", "2xx"), 3)
    return StatusDocument(
        version="0.1.0",
        started_at=NOON,
        table=TableStatus("payments", "ab", NOON),
        routes=(
            RouteStatus(
                *("create-payment", Stage.SHADOW, "@payments", "monolith", "payments", "ab"),
                file_stage=Stage.LEGACY,
                group="checkout",
            ),
        ),
        is_leaving=is_leaving,
        processes=(ProcessStatus(Role.WORKER, 0, 41, state, 0, "ab", NOON),),
        metrics=registry.snapshot(),
    ).to_json()


@pytest.fixture
def state() -> ControlState:
    return ControlState("0.1.0", lambda: NOON)


@pytest.fixture
async def client(state: ControlState) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(state, nobody))) as connected:
        yield connected


async def nobody(what: str, body: str) -> tuple[int, str]:
    raise AssertionError(f"the supervisor is asked for {what}: {body}")


async def read(client: Client, path: str, status: int = 200, kind: str = "application/json") -> Any:
    response = await client.get(path)
    assert (response.status, response.headers["Content-Type"]) == (status, kind)
    return json.loads(await response.read())


async def test_health_needs_no_document(client: Client) -> None:
    assert await read(client, "/healthz") == {"status": "ok"}


async def test_ready_follows_the_workers(client: Client, state: ControlState) -> None:
    problem = await read(client, "/readyz", 503, "application/problem+json")
    assert problem["detail"] == "Not ready: no worker has been started yet."
    state.apply(document())
    assert await read(client, "/readyz") == {
        "ready": True,
        "reason": "1 of 1 workers accept requests",
        "workers": 1,
        "accepting": 1,
    }
    state.apply(document(ProcessState.DRAINING))
    problem = await read(client, "/readyz", 503, "application/problem+json")
    assert "worker 0 is draining" in problem["detail"]
    state.apply(document(is_leaving=True))
    problem = await read(client, "/readyz", 503, "application/problem+json")
    assert problem["detail"] == "Not ready: it is about to end; send new connections elsewhere."


async def test_metrics_are_prometheus_text(client: Client, state: ControlState) -> None:
    state.apply(document())
    response = await client.get("/metrics")
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    wanted = 'strangler_requests_total{route="create-payment",system="legacy",code_class="2xx"} 3\n'
    assert wanted in await response.text()


async def test_status(client: Client, state: ControlState) -> None:
    state.apply(document())
    status = await read(client, "/api/v1/status")
    assert (status["schemaVersion"], status["table"]["hash"]) == (1, "ab")
    assert status["processes"][0]["pid"] == 41
    assert status["requests"] == [
        {"route": "create-payment", "system": "legacy", "total": 3, "byCodeClass": {"2xx": 3}}
    ]


async def test_routes(client: Client, state: ControlState) -> None:
    state.apply(document())
    route = {
        "name": "create-payment",
        "stage": "shadow",
        "owner": "@payments",
        "legacy": "monolith",
        "candidate": "payments",
        "hash": "ab",
        "fileStage": "legacy",
        "weight": None,
        "group": "checkout",
    }
    assert await read(client, "/api/v1/routes") == {"schemaVersion": 1, "routes": [route]}
    assert await read(client, "/api/v1/routes/create-payment") == {"schemaVersion": 1, "route": route}


async def test_a_route_that_is_not_there_is_named(client: Client) -> None:
    problem = await read(client, "/api/v1/routes/%3Cscript%3E", 404, "application/problem+json")
    assert "no route named '<script>'" in problem["detail"]


async def test_a_long_name_is_not_given_back_whole(client: Client) -> None:
    problem = await read(client, f"/api/v1/routes/{'x' * 2000}", 404, "application/problem+json")
    assert len(problem["detail"]) < 300


async def test_the_index_names_every_path(client: Client) -> None:
    response = await client.get("/")
    text = await response.text()
    assert response.headers["Content-Type"].startswith("text/plain")
    assert [path for path in PATHS[1:-1] if path not in text] == []
    for change in ("POST   /api/v1/reload", "POST   /api/v1/override", "DELETE /api/v1/override"):
        assert change in text


@pytest.mark.parametrize("path", [*PATHS, "/nowhere"])
async def test_every_answer_has_the_security_headers(client: Client, state: ControlState, path: str) -> None:
    state.apply(document())
    headers = (await client.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers.getall("Server") == ["strangler"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_nothing_can_be_changed_where_things_are_read(client: Client, path: str, method: str) -> None:
    response = await client.request(method, path)
    assert response.status == 405
    assert json.loads(await response.read())["status"] == 405


@pytest.mark.parametrize("path", PATHS)
async def test_head_is_get_without_a_body(client: Client, state: ControlState, path: str) -> None:
    state.apply(document())
    head, get = await client.head(path), await client.get(path)
    assert (head.status, await head.read()) == (get.status, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
