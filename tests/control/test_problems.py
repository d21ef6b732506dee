import json
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from proxy.control.problems import problem, problems

Client = TestClient[web.Request, web.Application]


async def _broken(_: web.Request) -> web.Response:
    raise RuntimeError("clear-secret")


async def _forbidden(_: web.Request) -> web.Response:
    raise web.HTTPForbidden(reason="Not yours")


async def _fine(_: web.Request) -> web.Response:
    return web.Response(text="fine")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[problems])
    app.add_routes([web.get("/broken", _broken, name="broken"), web.get("/forbidden", _forbidden)])
    app.add_routes([web.get("/fine", _fine), web.post("/fine", _fine)])
    async with TestClient(TestServer(app)) as connected:
        yield connected


async def document(response: ClientResponse) -> dict[str, object]:
    assert response.headers["Content-Type"].split(";")[0] == "application/problem+json"
    read: dict[str, object] = json.loads(await response.read())
    return read


async def test_a_path_that_is_not_there(client: Client) -> None:
    response = await client.get("/nowhere")
    assert response.status == 404
    assert await document(response) == {
        "status": 404,
        "title": "Not Found",
        "detail": "There is nothing at this path; GET / lists what there is.",
        "type": "about:blank",
    }


async def test_a_method_that_is_not_there_names_those_that_are(client: Client) -> None:
    response = await client.delete("/fine")
    assert response.status == 405
    assert set(response.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}
    assert (await document(response))["title"] == "Method Not Allowed"


async def test_a_reason_given_is_the_detail(client: Client) -> None:
    response = await client.get("/forbidden")
    assert response.status == 403
    assert (await document(response))["detail"] == "Not yours"


async def test_our_mistake_is_logged_and_not_told(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = await client.get("/broken")
    assert response.status == 500
    assert "clear-secret" not in await response.text()
    assert "the admin API failed at broken" in caplog.text
    assert "RuntimeError" in caplog.text


async def test_what_is_fine_passes(client: Client) -> None:
    response = await client.get("/fine")
    assert (response.status, await response.text()) == (200, "fine")


def test_the_title_is_the_phrase_of_the_status() -> None:
    answer = problem(503, "why")
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body)["title"] == "Service Unavailable"
