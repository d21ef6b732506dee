import socket
import threading
from collections.abc import Callable, Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from proxy.control import client
from proxy.control.client import Refusal, Unreachable, fetch, send


class Shape(msgspec.Struct):
    name: str


Serve = Callable[[int, bytes, dict[str, str]], str]
Asked = tuple[str, str, Message, bytes]


@pytest.fixture
def asked() -> list[Asked]:
    """What the servers were asked."""
    return []


@pytest.fixture
def serve(asked: list[Asked]) -> Iterator[Serve]:
    """Starts a server that gives one answer to everything; returns its URL."""
    started: list[ThreadingHTTPServer] = []

    def start(status: int, body: bytes, headers: dict[str, str]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                asked.append((self.command, self.path, self.headers, self.rfile.read(length)))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_DELETE = do_GET

            def log_message(self, *_: object) -> None:
                """A test's server says nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        started.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def test_the_document_decoded_and_as_it_came(serve: Serve) -> None:
    body = b'{"name": "a", "added later": 1}'
    assert fetch(serve(200, body, {}) + "/", "/x", Shape) == (Shape("a"), body)


def test_a_proxy_of_the_environment_is_not_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert fetch(serve(200, b'{"name": "a"}', {}), "/", Shape)[0] == Shape("a")


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unreachable, match=f"nothing usable answers at {url}/x .*refused.*strangler serve"):
            fetch(url, "/x", Shape)


def test_somebody_there_who_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unreachable, match="timed out"):
            fetch(url, "/x", Shape, timeout=0.05)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"name": 1}', b"\xff"])
def test_somebody_else_there(serve: Serve, body: bytes) -> None:
    with pytest.raises(Unreachable, match="answered, but not as strangler's admin API does"):
        fetch(serve(200, body, {}), "/x", Shape)


def test_a_problem_is_told_in_its_own_words(serve: Serve) -> None:
    body = b'{"status": 404, "title": "Not Found", "detail": "no such route"}'
    with pytest.raises(Unreachable, match="answered 404: no such route"):
        fetch(serve(404, body, {}), "/x", Shape)


def test_an_error_that_is_no_problem_document(serve: Serve) -> None:
    with pytest.raises(Unreachable, match="answered 502: Bad Gateway"):
        fetch(serve(502, b"<html>", {}), "/x", Shape)


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    elsewhere = serve(200, b'{"name": "a"}', {})
    with pytest.raises(Unreachable, match="answered 302"):
        fetch(serve(302, b"", {"Location": elsewhere}), "/x", Shape)


def test_an_answer_is_bounded(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_ANSWER", 10)
    with pytest.raises(Unreachable, match="more than 10 bytes"):
        fetch(serve(200, b'{"name": "abc"}', {}), "/x", Shape)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://127.0.0.1", "127.0.0.1:8081", "http://", ""])
def test_only_http_is_asked(url: str) -> None:
    with pytest.raises(ValueError, match="is not an http"):
        fetch(url, "/x", Shape)


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_change_goes_with_its_body_and_token(serve: Serve, asked: list[Asked], method: str) -> None:
    url = serve(200, b'{"name": "a"}', {})
    assert send(url, method, "/x", b'{"by": "jo"}', "secret", Shape) == (Shape("a"), b'{"name": "a"}')
    [(sent, path, headers, body)] = asked
    assert (sent, path, body) == (method, "/x", b'{"by": "jo"}')
    assert (headers["Content-Type"], headers["Authorization"]) == ("application/json", "Bearer secret")


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_change_that_is_refused_is_told_with_the_reason(serve: Serve, status: int) -> None:
    body = b'{"status": 422, "title": "Unprocessable Content", "detail": "no such route"}'
    with pytest.raises(Refusal) as raised:
        send(serve(status, body, {}), "POST", "/x", b"{}", "secret", Shape)
    assert str(raised.value) == "no such route"


def test_a_change_whose_fate_is_not_known_is_no_refusal(serve: Serve) -> None:
    with pytest.raises(Unreachable, match="answered 504: Gateway Timeout"):
        send(serve(504, b"", {}), "POST", "/x", b"{}", "secret", Shape)


def test_a_token_is_in_no_message(serve: Serve) -> None:
    with pytest.raises(Unreachable) as raised:
        send(serve(200, b"[]", {}), "POST", "/x", b"{}", "my-secret-token", Shape)
    assert "my-secret-token" not in str(raised.value)


def test_a_change_does_not_follow_a_redirect(serve: Serve, asked: list[Asked]) -> None:
    elsewhere = serve(200, b'{"name": "a"}', {})
    with pytest.raises((Refusal, Unreachable)):
        send(serve(307, b"", {"Location": elsewhere}), "POST", "/x", b"{}", "secret", Shape)
    assert len(asked) == 1
