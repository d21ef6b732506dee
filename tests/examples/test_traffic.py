"""The traffic sends what was planned, tells its progress, and counts every answer that was not as planned."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from examples.flows import FLOW_LENGTH
from examples.traffic import KEPT_SURPRISES, drive


async def test_both_systems_answer_all_traffic_as_planned(monolith: Any, service: Any) -> None:
    for system, seed in ((monolith, 101), (service, 102)):
        seen: list[tuple[int, int]] = []
        summary = await drive(system.url, 130, seed, _into(seen))
        assert (summary.requests, summary.unexpected, summary.surprises) == (130, 0, ())
        assert sum(count for _, count in summary.statuses) == 130
        assert {status for status, _ in summary.statuses} == {200, 201, 402, 404, 409, 422}
        assert seen == [(done, 130) for done in range(1, 131)]


def _into(seen: list[tuple[int, int]]) -> Callable[[int, int], None]:
    return lambda done, total: seen.append((done, total))


async def test_a_second_run_with_the_same_seed_is_noticed(monolith: Any) -> None:
    assert (await drive(monolith.url, FLOW_LENGTH, 103)).unexpected == 0
    again = await drive(monolith.url, FLOW_LENGTH, 103)
    assert again.unexpected > 0


Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def answering() -> AsyncIterator[Callable[[Answering], Awaitable[str]]]:
    """Starts a server that answers everything by one function; gives its URL."""
    running: list[TestServer] = []

    async def start(handler: Answering) -> str:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", handler)
        running.append(TestServer(app))
        await running[-1].start_server()
        return str(running[-1].make_url(""))

    yield start
    for server in running:
        await server.close()


async def test_wrong_answers_are_counted_and_the_first_few_kept(answering: Any) -> None:
    async def teapot(request: web.Request) -> web.Response:
        return web.json_response({}, status=418)

    summary = await drive(await answering(teapot), FLOW_LENGTH, 1)
    assert summary.unexpected == FLOW_LENGTH
    assert summary.surprises[0] == "POST /v1/payments: 418 instead of 201"
    assert len(summary.surprises) == KEPT_SURPRISES


async def test_a_repeated_request_that_makes_a_second_payment_is_noticed(answering: Any) -> None:
    made: list[str] = []

    async def forgetful(request: web.Request) -> web.Response:
        made.append(f"pay_{len(made)}")
        return web.json_response({"id": made[-1]}, status=201)

    summary = await drive(await answering(forgetful), 2, 1)
    assert summary.unexpected == 1
    assert "it made pay_1 besides pay_0" in summary.surprises[0]


async def test_an_answer_that_is_no_json_and_a_server_that_is_gone_are_counted(
    answering: Any, unused_tcp_port: int
) -> None:
    async def prose(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    assert (await drive(await answering(prose), 5, 1)).unexpected == 5
    gone = await drive(f"http://127.0.0.1:{unused_tcp_port}", 5, 1)
    assert (gone.unexpected, gone.statuses) == (5, ())


async def test_card_data_is_sent_so_that_redaction_has_work(answering: Any) -> None:
    seen: list[tuple[Any, str | None]] = []

    async def listening(request: web.Request) -> web.Response:
        seen.append((await request.json(), request.headers.get("Authorization")))
        return web.json_response({"id": "pay_1"}, status=201)

    await drive(await answering(listening), 1, 1)
    ((body, authorization),) = seen
    assert body["card"]["number"].isdigit()
    assert body["card"]["cvc"].isdigit()
    assert authorization == "Bearer demo-merchant-token"
