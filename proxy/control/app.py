"""The admin API: who may be asked what, and the headers that go with every answer.

Law of this file: each handler here reads the state and answers; none waits for anything. Reading asks for no token,
since it is bound to loopback unless the operator says otherwise; what changes something is in changes.py and does.
"""

import msgspec
from aiohttp import web

from proxy.control import changes
from proxy.control.answers import route_answer, routes_answer, status_answer
from proxy.control.problems import problem, problems
from proxy.control.readiness import readiness
from proxy.control.state import ControlState
from proxy.telemetry import prometheus

_STATE = web.AppKey("state", ControlState)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Server": "strangler",
}

_INDEX = """\
strangler: the admin API

GET /healthz              this process is up
GET /readyz               200 if a worker accepts requests, else 503 and why
GET /metrics              Prometheus text
GET /api/v1/status        processes, route table, requests, drops
GET /api/v1/routes        the routes
GET /api/v1/routes/NAME   one route

With a token:
POST   /api/v1/reload                 read routes.yaml again
POST   /api/v1/routes/NAME/override   a stage for a route or a group, for a while
DELETE /api/v1/routes/NAME/override   the end of that
POST   /api/v1/override               the same for all routes
DELETE /api/v1/override
"""


def make_app(state: ControlState, ask: changes.Ask, token: bytes = b"") -> web.Application:
    """The application; whoever runs it keeps `state` up to date. `ask`: the way to the supervisor; no `token`: nobody
    may change anything.
    """
    app = web.Application(middlewares=[problems], client_max_size=changes.MAX_BODY)
    app[_STATE], app[changes.ASK], app[changes.TOKEN] = state, ask, token
    app.on_response_prepare.append(_add_headers)
    app.add_routes(
        [
            web.get("/", _index),
            web.get("/healthz", _healthz),
            web.get("/readyz", _readyz),
            web.get("/metrics", _metrics),
            web.get("/api/v1/status", _status),
            web.get("/api/v1/routes", _routes),
            web.get("/api/v1/routes/{name}", _route),
            *changes.routes(),
        ]
    )
    return app


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _index(_: web.Request) -> web.Response:
    return web.Response(text=_INDEX)


async def _healthz(_: web.Request) -> web.Response:
    return _json({"status": "ok"})


async def _readyz(request: web.Request) -> web.Response:
    answer = readiness(request.app[_STATE].document)
    return _json(answer) if answer.ready else problem(503, f"Not ready: {answer.reason}.")


async def _metrics(request: web.Request) -> web.Response:
    text = prometheus.render([request.app[_STATE].document.metrics])
    return web.Response(body=text.encode(), headers={"Content-Type": prometheus.CONTENT_TYPE})


async def _status(request: web.Request) -> web.Response:
    return _json(status_answer(request.app[_STATE]))


async def _routes(request: web.Request) -> web.Response:
    return _json(routes_answer(request.app[_STATE]))


async def _route(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    answer = route_answer(request.app[_STATE], name)
    if answer is None:
        return problem(404, f"The route table has no route named {name[:100]!r}; GET /api/v1/routes lists them.")
    return _json(answer)


def _json(document: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(document), content_type="application/json")
