"""Every error of the admin API as an RFC 9457 problem document.

Law of this file: an error says what is wrong and what to do. What we did wrong is logged, not explained to the caller.
"""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import web

from proxy.control.answers import Problem

CONTENT_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)

_DETAILS = {
    HTTPStatus.NOT_FOUND: "There is nothing at this path; GET / lists what there is.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path exists, but not for this method; see the Allow header.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The control process failed; its log says why. Payments are not concerned.",
}


def problem(status: int, detail: str) -> web.Response:
    document = Problem(status, HTTPStatus(status).phrase, detail)
    return web.Response(status=status, body=msgspec.json.encode(document), content_type=CONTENT_TYPE)


@web.middleware
async def problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turns what aiohttp and the handlers raise into problem documents."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _translated(error)
    except Exception:  # noqa: BLE001 - the border: whatever failed, the caller gets a problem document
        _log.exception("the admin API failed at %s", request.match_info.route.name or "a path without a name")
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, _DETAILS[HTTPStatus.INTERNAL_SERVER_ERROR])


def _translated(error: web.HTTPException) -> web.Response:
    answer = problem(error.status, _DETAILS.get(HTTPStatus(error.status), error.reason))
    if "Allow" in error.headers:
        answer.headers["Allow"] = error.headers["Allow"]
    return answer
