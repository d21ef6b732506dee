"""The part of the admin API that changes something; the supervisor is the test's."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from proxy.control.app import make_app
from proxy.control.state import ControlState

Client = TestClient[web.Request, web.Application]

TOKEN = "0123456789abcdef"
RIGHT = {"Authorization": f"Bearer {TOKEN}"}
BODY: dict[str, Any] = {"stage": "canary", "weight": 5, "for": "30m", "reason": "why not", "by": "jo"}
CHANGES = [
    ("POST", "/api/v1/reload", {}),
    ("POST", "/api/v1/override", BODY),
    ("DELETE", "/api/v1/override", {"by": "jo"}),
    ("POST", "/api/v1/routes/checkout/override", BODY),
    ("DELETE", "/api/v1/routes/checkout/override", {"by": "jo"}),
]
CHANGED = '{"hash":"ab","changed":true,"late":[]}'


class Supervisor:
    """Writes down what it is asked and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answer: tuple[int, str] | None = (200, CHANGED)

    async def ask(self, what: str, body: str) -> tuple[int, str]:
        self.asked.append((what, json.loads(body)))
        if self.answer is None:
            raise TimeoutError
        return self.answer


@pytest.fixture
def supervisor() -> Supervisor:
    return Supervisor()


@pytest.fixture
async def client(supervisor: Supervisor) -> AsyncIterator[Client]:
    app = make_app(ControlState("0.1.0"), supervisor.ask, TOKEN.encode())
    async with TestClient(TestServer(app)) as connected:
        yield connected


async def read(client: Client, method: str, path: str, said: Any, status: int, **headers: str) -> Any:
    """The body of the answer, which has this status; a problem has its media type."""
    sent = said if isinstance(said, bytes) else json.dumps(said).encode()
    response = await client.request(method, path, data=sent, headers=headers or RIGHT)
    assert response.status == status
    assert response.headers["Content-Type"] == ("application/json" if status < 400 else "application/problem+json")
    return await response.json(content_type=None)


async def test_what_is_asked_is_handed_on_and_the_answer_given_back(client: Client, supervisor: Supervisor) -> None:
    for method, path, body in CHANGES:
        assert await read(client, method, path, body, 200) == json.loads(CHANGED)
    override = {"stage": "canary", "seconds": 1800.0, "reason": "why not", "by": "jo", "weight": 5.0, "ticket": None}
    assert supervisor.asked == [
        ("reload", {}),
        ("override", {**override, "subject": None, "breakGlass": False}),
        ("clear", {"by": "jo", "subject": None}),
        ("override", {**override, "subject": "checkout", "breakGlass": False}),
        ("clear", {"by": "jo", "subject": "checkout"}),
    ]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
@pytest.mark.parametrize(
    "shown",
    [None, "", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer \udcff"],
)
async def test_without_the_token_nobody_changes_anything(
    client: Client, supervisor: Supervisor, method: str, path: str, body: Any, shown: str | None
) -> None:
    headers = {"X-Nothing": "1"} if shown is None else {"Authorization": shown}
    response = await client.request(method, path, data=json.dumps(body), headers=headers)
    assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    problem = await response.json(content_type=None)
    assert "needs the token" in problem["detail"]
    assert TOKEN not in problem["detail"]
    assert supervisor.asked == []


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
async def test_the_scheme_is_read_as_http_reads_it(client: Client, scheme: str) -> None:
    await read(client, "POST", "/api/v1/reload", {}, 200, Authorization=f"{scheme} {TOKEN}")


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_where_there_is_no_token_nobody_may(supervisor: Supervisor, method: str, path: str, body: Any) -> None:
    async with TestClient(TestServer(make_app(ControlState("0.1.0"), supervisor.ask))) as client:
        for headers in (RIGHT, {"Authorization": "Bearer "}):
            problem = await read(client, method, path, body, 403, **headers)
            assert "was started without a token" in problem["detail"]
    assert supervisor.asked == []


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"for": None}, "for"),
        ({"for": "soon"}, "1m30s"),
        ({"for": 30}, "for"),
        ({"stage": "nonsense"}, "nonsense"),
        ({"weight": "5"}, "weight"),
        ({"reason": None}, "reason"),
        ({"by": None}, "by"),
        ({"other": 1}, "other"),
    ],
)
async def test_what_is_no_override_is_a_problem_that_names_it(
    client: Client, supervisor: Supervisor, changed: dict[str, Any], word: str
) -> None:
    body = {key: value for key, value in (BODY | changed).items() if value is not None}
    problem = await read(client, "POST", "/api/v1/override", body, 422)
    assert problem["detail"].startswith("The body is not an override: ")
    assert word in problem["detail"]
    assert supervisor.asked == []


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"\xff", b'{"by": 5}'])
async def test_garbage_is_a_problem(client: Client, supervisor: Supervisor, body: bytes) -> None:
    for method in ("POST", "DELETE"):
        problem = await read(client, method, "/api/v1/override", body, 422)
        assert problem["detail"].startswith("The body ")
    assert supervisor.asked == []


async def test_a_refusal_of_the_supervisor_is_given_back_as_the_problem_that_it_is(
    client: Client, supervisor: Supervisor
) -> None:
    supervisor.answer = (422, '{"status": 422, "title": "Unprocessable Content", "detail": "no such route"}')
    problem = await read(client, "POST", "/api/v1/routes/nowhere/override", BODY, 422)
    assert problem["detail"] == "no such route"


async def test_a_supervisor_that_says_nothing_is_a_problem(client: Client, supervisor: Supervisor) -> None:
    supervisor.answer = None
    problem = await read(client, "POST", "/api/v1/reload", {}, 504)
    assert "The supervisor has not answered" in problem["detail"]


@pytest.mark.parametrize("path", [path for method, path, _ in CHANGES if method == "POST"])
async def test_a_change_is_no_get(client: Client, path: str) -> None:
    assert (await client.get(path, headers=RIGHT)).status == 405


async def test_a_body_that_is_too_large_is_refused_and_one_in_pieces_is_read_whole(client: Client) -> None:
    await read(client, "POST", "/api/v1/override", b"{" * 70_000, 413)

    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"stage": "legacy", "for": "1m", '
        yield b'"reason": "r", "by": "jo"}'

    response = await client.request("POST", "/api/v1/override", data=pieces(), headers=RIGHT)
    assert response.status == 200
