"""Asks a running control process, for the command line.

Law of this file: whatever goes wrong between here and there is one `Unreachable` with one clear line. No redirect is
followed and no proxy of the environment is used: the admin port is named by the operator, and asked directly.
"""

from http.client import HTTPException, HTTPResponse
from typing import TypeVar
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import msgspec

from proxy.control.answers import Problem

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that are read, at most."""

Answer = TypeVar("Answer")


class Unreachable(Exception):
    """No usable answer: the message says which address, what happened and what to check."""


class Refusal(Exception):
    """What was asked for was refused: the message is the answer's own reason."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def fetch(admin_url: str, path: str, shape: type[Answer], timeout: float = 5.0) -> tuple[Answer, bytes]:
    """The document at `path`, decoded and as it came; `timeout` in seconds for each wait on the network.

    Raises Unreachable; ValueError if `admin_url` is not an http or https URL.
    """
    return _document(admin_url, path, shape, timeout, ("GET", None, {}))


def send(
    admin_url: str, method: str, path: str, body: bytes, token: str, shape: type[Answer], timeout: float = 15.0
) -> tuple[Answer, bytes]:
    """The answer to a change, decoded and as it came. Raises Refusal if it was refused, else as `fetch`."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    return _document(admin_url, path, shape, timeout, (method, body, headers))


def _document(
    admin_url: str, path: str, shape: type[Answer], timeout: float, asked: tuple[str, bytes | None, dict[str, str]]
) -> tuple[Answer, bytes]:
    if urlsplit(admin_url).scheme not in ("http", "https") or not urlsplit(admin_url).hostname:
        raise ValueError(f"{admin_url!r} is not an http:// or https:// URL")
    method, sent, headers = asked
    url = admin_url.rstrip("/") + path
    request = Request(url, sent, {"Accept": "application/json", **headers}, method=method)  # noqa: S310 - checked above
    body = _body(request, timeout)
    try:
        return msgspec.json.decode(body, type=shape), body
    except ValueError as error:
        raise Unreachable(f"{admin_url} answered, but not as strangler's admin API does: {error}") from error


def _body(request: Request, timeout: float) -> bytes:
    url = request.full_url
    opener = build_opener(ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(request, timeout=timeout) as response:
            return _read(response, url)
    except HTTPError as error:
        with error:
            if request.get_method() != "GET" and error.code < 500:
                raise Refusal(_detail(error)) from error
            raise Unreachable(f"{url} answered {error.code}: {_detail(error)}") from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise Unreachable(f"nothing usable answers at {url} ({reason}); is `strangler serve` running there?") from error


def _read(response: HTTPResponse, url: str) -> bytes:
    body = response.read(MAX_ANSWER + 1)
    if len(body) > MAX_ANSWER:
        raise Unreachable(f"{url} answered with more than {MAX_ANSWER} bytes")
    return body


def _detail(error: HTTPError) -> str:
    try:
        return msgspec.json.decode(error.read(64 * 1024), type=Problem).detail
    except (ValueError, OSError, HTTPException):
        return str(error.reason)
