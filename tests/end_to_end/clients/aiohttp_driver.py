"""What aiohttp's client sees."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
from yarl import URL

from tests.end_to_end.clients.task import PATIENCE, Seen, Step, fields, let_go, run, summary


def perform(base: str, steps: tuple[Step, ...]) -> tuple[list[Seen], int]:
    return asyncio.run(_session(base, steps))


async def _session(base: str, steps: tuple[Step, ...]) -> tuple[list[Seen], int]:
    made = 0

    async def count(*_: object) -> None:
        nonlocal made
        made += 1

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(count)
    jar = aiohttp.CookieJar(unsafe=True)
    decode = any(step.decode for step in steps)
    async with aiohttp.ClientSession(trace_configs=[trace], cookie_jar=jar, auto_decompress=decode) as session:
        return [await _see(session, base, step) for step in steps], made


async def _see(session: aiohttp.ClientSession, base: str, step: Step) -> Seen:
    expects = any(name.lower() == "expect" for name, _ in step.headers)
    async with session.request(
        step.method,
        URL(base + step.target, encoded=True),
        headers=[(name, value) for name, value in step.headers if name.lower() != "expect"],
        data=_data(step),
        expect100=expects,
        allow_redirects=step.follow,
        timeout=aiohttp.ClientTimeout(PATIENCE),
    ) as answer:
        seen: Seen = {"status": answer.status, "reason": answer.reason, "url": str(answer.url)}
        seen["headers"] = fields(answer.raw_headers)
        if step.events:
            return seen | await _events(answer, base, step)
        return seen | {"body": summary([piece async for piece in answer.content.iter_any()])}


def _data(step: Step) -> object:
    if step.parts:
        form = aiohttp.FormData()
        for part in step.parts:
            content = part.content.encode("latin-1")
            form.add_field(part.name, content if part.filename else part.content, filename=part.filename)
        return form
    return _pieces(step) if step.chunked else step.data


async def _pieces(step: Step) -> AsyncIterator[bytes]:
    for piece in step.pieces():
        yield piece


async def _events(answer: aiohttp.ClientResponse, base: str, step: Step) -> Seen:
    first = b""
    while not first.endswith(b"\n\n"):
        first += await answer.content.readany()
    await asyncio.to_thread(let_go, base, step)
    return {"events": [first.decode(), (await answer.content.read()).decode()]}


if __name__ == "__main__":
    run(perform, aiohttp.ClientError)
