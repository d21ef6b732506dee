"""A plain proxy of aiohttp's server and client, run as a program: aiohttp_proxy.py PORT UPSTREAM_URL."""

import asyncio
import sys

from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web
from multidict import CIMultiDict

HOP_BY_HOP = ("Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Content-Length")
SESSION = web.AppKey("session", ClientSession)


def end_to_end(headers: "CIMultiDict[str]") -> "CIMultiDict[str]":
    for name in HOP_BY_HOP:
        headers.popall(name, None)
    return headers


async def forward(request: web.Request) -> web.StreamResponse:
    url = sys.argv[2] + request.raw_path
    headers = end_to_end(CIMultiDict(request.headers))
    body = await request.read() or None
    async with request.app[SESSION].request(
        request.method, url, headers=headers, data=body, allow_redirects=False
    ) as answer:
        return web.Response(
            status=answer.status, headers=end_to_end(CIMultiDict(answer.headers)), body=await answer.read()
        )


async def application() -> web.Application:
    app = web.Application()
    app[SESSION] = ClientSession(connector=TCPConnector(limit=64), cookie_jar=DummyCookieJar(), auto_decompress=False)
    app.router.add_route("*", "/{path:.*}", forward)
    return app


if __name__ == "__main__":
    try:
        import uvloop as loop_maker
    except ImportError:
        loop = asyncio.new_event_loop()
    else:
        loop = loop_maker.new_event_loop()
    web.run_app(application(), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None, loop=loop)
