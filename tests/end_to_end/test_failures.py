"""What a client is told when its upstream is down, slow or talks garbage, and whether it may repeat itself."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.end_to_end.deployment import Deployment, eventually, origin, talk
from tests.runtime.serving import serve
from tests.support.ports import free_port
from tests.support.process import Processes

ROUTES = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: failures}}
spec:
  defaults: {{timeouts: {{connect: 1s, request: 300ms, idle: 3s}}}}
  backends:
    - {{name: well, url: "http://127.0.0.1:{well}", effects: live}}
    - {{name: down, url: "http://127.0.0.1:{down}", effects: live}}
    - {{name: slow, url: "http://127.0.0.1:{slow}", effects: live}}
    - {{name: garbling, url: "http://127.0.0.1:{garbling}", effects: live}}
  routes:
    - {{name: well, stage: legacy, matches: [{{path: {{value: /well}}}}], backendRefs: {{legacy: well}}}}
    - {{name: down, stage: legacy, matches: [{{path: {{value: /down}}}}], backendRefs: {{legacy: down}}}}
    - {{name: slow, stage: legacy, matches: [{{path: {{value: /slow}}}}], backendRefs: {{legacy: slow}}}}
    - {{name: garbling, stage: legacy, matches: [{{path: {{value: /garbling}}}}], backendRefs: {{legacy: garbling}}}}
"""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One route before each kind of trouble, and one before none."""
    folder = tmp_path_factory.mktemp("failures")
    processes = Processes(folder)
    try:
        ports = {"well": "right", "slow": "slow", "garbling": "garbage"}
        routes = ROUTES.format(down=free_port(), **{name: origin(processes, mode) for name, mode in ports.items()})
        yield serve(processes, folder / "deployment", routes)
    finally:
        processes.close()


@dataclass(frozen=True)
class Told:
    """What the client got."""

    status: int
    type: str
    detail: str
    retry_after: str | None


def ask(deployment: Deployment, method: str, path: str) -> Told:
    body = b"" if method == "GET" else b"Content-Length: 5\r\n\r\nhello"
    wire = f"{method} {path} HTTP/1.1\r\nHost: pay.example\r\nConnection: close\r\n".encode() + (body or b"\r\n")
    head, _, document = talk(deployment.port, wire).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines)
    assert fields["content-type"] == "application/problem+json"
    problem = json.loads(document)
    assert problem["status"] == int(first.split(" ")[1])
    assert problem["source"] == "strangler"
    return Told(problem["status"], problem["type"], problem["detail"], fields.get("retry-after"))


def test_one_that_is_down_is_502_and_says_so(deployment: Deployment) -> None:
    told = ask(deployment, "GET", "/down/v1")
    assert (told.status, told.type, told.retry_after) == (502, "upstream-unreachable", None)
    assert told.detail.startswith("Backend down: 127.0.0.1:")
    assert told.detail.endswith("Nothing was sent to it.")


def test_one_that_is_slow_is_504_and_says_so(deployment: Deployment) -> None:
    told = ask(deployment, "GET", "/slow/v1")
    assert (told.status, told.type, told.retry_after) == (504, "upstream-timeout", None)
    assert told.detail == "Backend slow: no answer in time."


def test_one_that_answers_garbage_is_502_and_says_so(deployment: Deployment) -> None:
    told = ask(deployment, "GET", "/garbling/v1")
    assert (told.status, told.type, told.retry_after) == (502, "upstream-invalid", None)
    assert told.detail.startswith("Backend garbling: ")


def test_a_write_that_was_not_sent_may_be_repeated(deployment: Deployment) -> None:
    told = ask(deployment, "POST", "/down/v1")
    assert (told.status, told.type, told.retry_after) == (503, "upstream-unreachable", "1")
    assert told.detail.endswith("Nothing was sent to it. It is safe to repeat.")


@pytest.mark.parametrize(("path", "status"), [("/slow/v1", 504), ("/garbling/v1", 502)])
def test_a_write_whose_outcome_is_unknown_is_called_that(deployment: Deployment, path: str, status: int) -> None:
    told = ask(deployment, "POST", path)
    assert (told.status, told.type, told.retry_after) == (status, "outcome-unknown", None)
    assert "It may have been carried out." in told.detail


def test_a_target_that_no_route_has_is_404(deployment: Deployment) -> None:
    told = ask(deployment, "GET", "/elsewhere")
    assert (told.status, told.type) == (404, "no-route")


def test_the_trouble_of_one_is_no_trouble_of_another_and_all_is_counted(deployment: Deployment) -> None:
    ask(deployment, "GET", "/down/v1")
    wire = b"GET /well HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert talk(deployment.port, wire).startswith(b"HTTP/1.1 200 OK\r\n")

    def counted(route: str, code_class: str) -> int:
        return deployment.metric("strangler_requests_total", route=route, code_class=code_class)

    eventually(lambda: counted("well", "2xx") == 1 and counted("down", "5xx") >= 1, "both are counted")
    assert counted("well", "5xx") == 0
