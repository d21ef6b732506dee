"""The part of the admin API that changes something: reload, override, and its end.

Law of this file: whoever changes something shows a token, in a header that no browser sends by itself; who is not told
one can change nothing. What is asked is handed to the supervisor, which alone decides; here nothing is changed.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import msgspec
from aiohttp import web

from proxy.config.values import parse_duration
from proxy.control.asks import CLEAR, OVERRIDE, RELOAD, ClearAsked, OverrideAsked
from proxy.control.problems import CONTENT_TYPE, problem
from proxy.messages import Stage

Ask: TypeAlias = Callable[[str, str], Awaitable[tuple[int, str]]]
"""(what, JSON body) -> (HTTP status, JSON body); TimeoutError if the supervisor does not answer."""

MAX_BODY: Final = 64 * 1024
ASK = web.AppKey[Ask]("ask")
TOKEN = web.AppKey("token", bytes)

NOBODY_MAY: Final = (
    "This strangler was started without a token, so nothing can be changed over its API: "
    "set STRANGLER_TOKEN or --token-file for `strangler serve`."
)
NOT_YOU: Final = "This needs the token that `strangler serve` was started with, as Authorization: Bearer TOKEN."


class OverrideBody(
    msgspec.Struct, frozen=True, rename={"lasts": "for", "break_glass": "breakGlass"}, forbid_unknown_fields=True
):
    """What a caller sends: `for` is a duration like 30m; `by` is who it is."""

    stage: Stage
    lasts: str
    reason: str
    by: str
    weight: float | None = None
    ticket: str | None = None
    break_glass: bool = False


class ClearBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller sends to end an override."""

    by: str


def routes() -> list[web.RouteDef]:
    return [
        web.post("/api/v1/reload", _reload),
        web.post("/api/v1/override", _override),
        web.delete("/api/v1/override", _clear),
        web.post("/api/v1/routes/{name}/override", _override),
        web.delete("/api/v1/routes/{name}/override", _clear),
    ]


async def _reload(request: web.Request) -> web.Response:
    return _barred(request) or await _asked(request, RELOAD, b"{}")


async def _override(request: web.Request) -> web.Response:
    barred = _barred(request)
    if barred is not None:
        return barred
    try:
        said = msgspec.json.decode(await request.read(), type=OverrideBody)
        asked = OverrideAsked(
            stage=said.stage,
            seconds=parse_duration(said.lasts),
            reason=said.reason,
            by=said.by,
            weight=said.weight,
            ticket=said.ticket,
            break_glass=said.break_glass,
            subject=request.match_info.get("name"),
        )
    except (msgspec.MsgspecError, ValueError) as fault:
        return problem(422, f"The body is not an override: {fault}.")
    return await _asked(request, OVERRIDE, msgspec.json.encode(asked))


async def _clear(request: web.Request) -> web.Response:
    barred = _barred(request)
    if barred is not None:
        return barred
    try:
        said = msgspec.json.decode(await request.read(), type=ClearBody)
    except msgspec.MsgspecError as fault:
        return problem(422, f"The body does not say who ends the override: {fault}.")
    return await _asked(request, CLEAR, msgspec.json.encode(ClearAsked(said.by, request.match_info.get("name"))))


async def _asked(request: web.Request, what: str, body: bytes) -> web.Response:
    try:
        status, answer = await request.app[ASK](what, body.decode())
    except TimeoutError:
        return problem(504, "The supervisor has not answered; GET /api/v1/status says what is in force.")
    kind = "application/json" if status < 400 else CONTENT_TYPE
    return web.Response(status=status, body=answer.encode(), content_type=kind)


def _barred(request: web.Request) -> web.Response | None:
    """Why this caller may change nothing; None if it may."""
    token = request.app[TOKEN]
    if not token:
        return problem(403, NOBODY_MAY)
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode("utf-8", "surrogateescape"), token):
        return None
    refusal = problem(401, NOT_YOU)
    refusal.headers["WWW-Authenticate"] = "Bearer"
    return refusal
