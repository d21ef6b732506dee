import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from aiohttp import web
from click.testing import CliRunner

from proxy.cli.status import command
from proxy.control.app import make_app
from proxy.control.state import (
    ControlState,
    OverrideStatus,
    ProcessState,
    ProcessStatus,
    Role,
    RouteStatus,
    StatusDocument,
    TableStatus,
)
from proxy.messages import Stage
from proxy.telemetry.registry import Registry

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def document(route: str = "create-payment") -> bytes:
    registry = Registry()
    registry.inc("strangler_requests_total", (route, "legacy", "2xx"), 3)
    registry.inc("strangler_dropped_total", ("channel-full",), 7)
    return StatusDocument(
        version="0.1.0",
        started_at=NOON,
        table=TableStatus("payments", "abcdef0123456789", NOON),
        processes=(
            ProcessStatus(Role.WORKER, 0, 41, ProcessState.ACCEPTING, 2, "abcdef0123456789", NOON),
            ProcessStatus(Role.RUNNER, 0, None, ProcessState.DOWN, 0, None, None),
        ),
        metrics=registry.snapshot(),
    ).to_json()


@pytest.fixture
def state() -> ControlState:
    return ControlState("0.1.0", lambda: NOON)


async def nobody(what: str, body: str) -> tuple[int, str]:
    raise AssertionError(f"the supervisor is asked for {what}: {body}")


@pytest.fixture
def admin_url(state: ControlState) -> Iterator[str]:
    """The admin API on a socket of its own, in a thread of its own."""
    loop, runner = asyncio.new_event_loop(), web.AppRunner(make_app(state, nobody))
    listener = socket.create_server(("127.0.0.1", 0))
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.SockSite(runner, listener).start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(runner.cleanup())
    loop.close()


def test_text(admin_url: str, state: ControlState) -> None:
    state.apply(document())
    done = CliRunner().invoke(command, ["--admin-url", admin_url])
    assert done.exit_code == 0
    assert "strangler 0.1.0, up 0:00:00, ready: 1 of 1 workers accept requests" in done.stdout
    assert "route table: payments abcdef0123456789, loaded 2026-01-01 12:00:00Z" in done.stdout
    assert "dropped: channel-full 7" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    worker = next(row for row in rows if "worker" in row)
    assert [word for word in worker if word.isalnum()] == ["worker", "0", "41", "accepting", "2", "abcdef0123456789"]
    assert any({"create-payment", "legacy", "3", "2xx"} <= set(row) for row in rows)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.replace("┃", "│").strip("│").split("│")]


def test_routes_overrides_and_where_they_drift_from_the_file(admin_url: str, state: ControlState) -> None:
    given = StatusDocument.from_json(document())
    routes = (
        RouteStatus("create", Stage.CANARY, None, "monolith", "payments", "ab", Stage.SHADOW, 12.5, "checkout"),
        RouteStatus("rest", Stage.LEGACY, None, "monolith", None, "ab", Stage.LEGACY),
    )
    overrides = (
        OverrideStatus("checkout", Stage.CANARY, 12.5, NOON, NOON, "jo", "why not", "PAY-1"),
        OverrideStatus(None, Stage.LEGACY, None, NOON, NOON, "kim", "\x1b[2J", None),
    )
    table = TableStatus("payments", "abcdef0123456789", NOON, "0123456789abcdef", "routes.yaml:4:7: error: no\x1b[2J")
    state.apply(msgspec.structs.replace(given, table=table, routes=routes, overrides=overrides).to_json())
    done = CliRunner().invoke(command, ["--admin-url", admin_url])
    lines = done.stdout.splitlines()
    assert lines[1].endswith("; overridden, the file's is 0123456789abcdef")
    assert lines[2] == "THE FILE IS NOT IN USE: routes.yaml:4:7: error: no\N{REPLACEMENT CHARACTER}[2J"
    rows = [cells(line) for line in lines if "│" in line]
    assert rows[:4] == [
        ["checkout", "canary 12.5 %", "2026-01-01 12:00:00Z", "jo", "why not", "PAY-1"],
        ["all routes", "legacy", "2026-01-01 12:00:00Z", "kim", "\N{REPLACEMENT CHARACTER}[2J", "-"],
        ["create", "canary 12.5 %", "shadow", "checkout", "monolith", "payments"],
        ["rest", "legacy", "the same", "-", "monolith", "-"],
    ]


def test_where_nothing_drifts_nothing_is_said_of_it(admin_url: str, state: ControlState) -> None:
    given = StatusDocument.from_json(document())
    table = TableStatus("payments", "abcdef0123456789", NOON, "abcdef0123456789")
    state.apply(msgspec.structs.replace(given, table=table).to_json())
    said = CliRunner().invoke(command, ["--admin-url", admin_url]).stdout
    assert "overrid" not in said
    assert "NOT IN USE" not in said


def test_text_before_anything_is_known(admin_url: str) -> None:
    done = CliRunner().invoke(command, ["--admin-url", admin_url])
    assert done.exit_code == 0
    assert "NOT READY: no worker has been started yet" in done.stdout
    assert "route table: none loaded" in done.stdout
    assert "dropped: nothing" in done.stdout


def test_a_name_is_shown_and_not_obeyed(admin_url: str, state: ControlState) -> None:
    state.apply(document(route="[red]a\x1b[2J"))
    done = CliRunner().invoke(command, ["--admin-url", admin_url])
    assert "[red]a" in done.stdout
    assert "\x1b" not in done.stdout


def test_json(admin_url: str, state: ControlState) -> None:
    state.apply(document())
    done = CliRunner().invoke(command, ["--admin-url", admin_url, "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["schemaVersion"] == 1


def test_options_from_the_environment(admin_url: str) -> None:
    done = CliRunner().invoke(command, [], env={"STRANGLER_ADMIN_URL": admin_url, "STRANGLER_JSON": "1"})
    assert json.loads(done.stdout)["version"] == "0.1.0"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_unreachable_is_one_line_and_exit_3(options: list[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = CliRunner().invoke(command, ["--admin-url", url, *options])
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith(f"error: nothing usable answers at {url}")
    assert done.stderr.count("\n") == 1


def test_a_url_that_is_none_is_a_usage_error() -> None:
    done = CliRunner().invoke(command, ["--admin-url", "127.0.0.1:8081"])
    assert done.exit_code == 2
    assert "is not an http:// or https:// URL" in done.stderr


def test_what_was_refused_before_it_had_a_route_has_a_name(admin_url: str, state: ControlState) -> None:
    state.apply(document(route=""))
    assert "(no route)" in CliRunner().invoke(command, ["--admin-url", admin_url]).stdout
