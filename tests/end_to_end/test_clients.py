"""Real clients, direct and through the proxy: they see the same, and the origin gets the same from them.

What the proxy changes is written down here as functions of what is seen directly (`forwarded`, `answered`), and all
else is compared as it is.
"""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.end_to_end.clients.drivers import DRIVERS, run_driver
from tests.end_to_end.clients.scenarios import SCENARIOS
from tests.end_to_end.clients.serving import Serving, serving
from tests.end_to_end.clients.task import summary
from tests.end_to_end.clients_origin import CODINGS, TEXT

HOP_BY_HOP = {"connection", "keep-alive", "te", "transfer-encoding", "expect"}
"""Request fields of these clients that concern one connection only."""
EVENTS = ["id: 1\ndata: first\n\n", "id: 2\ndata: second\n\n"]

PIPELINE = b"".join(
    b"%b HTTP/1.1\r\nHost: a\r\n%b" % (line, rest)
    for line, rest in [
        *[(b"GET /echo/%d" % number, b"\r\n") for number in range(10)],
        (b"POST /echo/a", b"Content-Type: text/plain\r\nContent-Length: 19\r\n\r\nGET /x HTTP/1.1\r\n\r\n"),
        (b"HEAD /fixed", b"\r\n"),
        (b"GET /stream/1000", b"\r\n"),
        (b"GET /status/204?reason=None", b"\r\n"),
        (b"PUT /echo/b", b"Content-Type: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"),
        (b"GET /bytes/100000", b"\r\n"),
        (b"GET /status/404?reason=None", b"Connection: close\r\n\r\n"),
    ]
)
"""Requests sent at once, without waiting for an answer; the last one asks for the connection to end."""
PIPELINED = [*[b"200 OK"] * 13, b"204 None", *[b"200 OK"] * 2, b"404 None"]

pytestmark = pytest.mark.timeout(300)  # npm ci on first use; a loaded machine

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """What one client saw and what the origin saw of it, direct and through the proxy."""

    direct: Told
    proxied: Told
    sent: list[Told]
    arrived: list[Told]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("clients")) as started:
        yield started


@pytest.fixture(scope="module", params=DRIVERS)
def story(request: pytest.FixtureRequest, stand: Serving) -> Story:
    direct, sent = _told(request.param, stand, stand.origin)
    proxied, arrived = _told(request.param, stand, stand.proxy)
    return Story(direct, proxied, sent, arrived)


def _told(client: str, stand: Serving, port: int) -> tuple[Told, list[Told]]:
    """The two addresses differ in their port, which is taken out of all that is told."""
    seen = run_driver(client, f"http://127.0.0.1:{port}", SCENARIOS)
    both = json.dumps([seen, stand.requests()["seen"]]).replace(f"127.0.0.1:{port}", "HOST")
    told, requests = json.loads(both)
    return told, requests


def forwarded(request: Told) -> Told:
    """A request as it must reach the origin, from how the client sent it."""
    kept = [(name, value) for name, value in request["headers"] if name.lower() not in HOP_BY_HOP]
    chunked = any(name.lower() == "transfer-encoding" for name, _ in request["headers"])
    added = [("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "HOST")]
    framing = [("Transfer-Encoding", "chunked")] if chunked else []
    headers = [*kept, *added, ("Via", "1.1 strangler"), *framing]
    return {**request, "headers": [list(pair) for pair in headers]}


def answered(scenario: str, told: Told) -> Told:
    """What a client must see, from what it sees directly: an answer that only the end of its connection ends comes in
    chunks. (fetch gives names in lower case and sorted, curl the head as text.)
    """
    if scenario != "answer that the end ends":
        return told
    step = dict(told["steps"][0])
    if "heads" in step:
        step["heads"] = step["heads"].replace("Connection: close", "Transfer-Encoding: chunked")
    else:
        pairs = [pair for pair in step["headers"] if pair[0].lower() != "connection"]
        fetched = all(name.islower() for name, _ in pairs)
        added = ["transfer-encoding" if fetched else "Transfer-Encoding", "chunked"]
        step["headers"] = sorted([*pairs, added]) if fetched else [*pairs, added]
    return {**told, "steps": [step]}


def differing(wanted: dict[Any, Told], seen: dict[Any, Told]) -> str:
    """What differs, to be read: pytest would cut it short."""
    names = [name for name in wanted | seen if wanted.get(name) != seen.get(name)]
    return "\n".join(f"{name}\n  wanted {wanted.get(name)}\n  seen   {seen.get(name)}" for name in names)


def read_all(port: int, wire: bytes) -> bytes:
    """Sends all of `wire` and reads to the end of the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(wire)
        answer = b""
        while data := connection.recv(1 << 16):
            answer += data
        return answer


def test_the_client_sees_the_same(story: Story) -> None:
    wanted = {name: answered(name, told) for name, told in story.direct.items()}
    assert differing(wanted, story.proxied) == ""


def test_the_origin_gets_the_same(story: Story) -> None:
    wanted = [forwarded(each) for each in story.sent]
    assert differing(dict(enumerate(wanted)), dict(enumerate(story.arrived))) == ""


def test_the_origin_answers_as_the_scenario_says(story: Story) -> None:
    wanted = {each.name: list(each.status) for each in SCENARIOS}
    seen = {name: [step["status"] for step in told.get("steps", [told])] for name, told in story.direct.items()}
    assert {name: told for name, told in seen.items() if told != wanted[name]} == {}


def test_one_connection_carries_a_session(story: Story) -> None:
    assert [story.direct["kept alive"]["connections"], story.proxied["kept alive"]["connections"]] == [1, 1]


def test_the_first_event_comes_before_the_second_is_sent(story: Story) -> None:
    assert story.proxied["server-sent events"]["steps"][0]["events"] == EVENTS


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_coded_body_comes_as_it_was_made(story: Story, coding: str) -> None:
    body = story.proxied[f"coding {coding}"]["steps"][0]["body"]
    assert body in (summary([CODINGS[coding.encode()]]), summary([TEXT]))


def test_pipelined_requests_are_answered_in_their_order(stand: Serving) -> None:
    direct, proxied = (read_all(port, PIPELINE) for port in (stand.origin, stand.proxy))
    assert proxied == direct
    assert [each.split(b"\r\n")[0] for each in proxied.split(b"HTTP/1.1 ")[1:]] == PIPELINED


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_what_a_proxy_must_not_carry_is_refused_and_goes_no_further(stand: Serving, method: str) -> None:
    stand.requests()
    target = b"a:1" if method == "CONNECT" else b"/echo"
    wire = b"%b %b HTTP/1.1\r\nHost: a:1\r\n\r\n" % (method.encode(), target)
    assert read_all(stand.proxy, wire).startswith(b"HTTP/1.1 405 ")
    assert stand.requests()["seen"] == []
