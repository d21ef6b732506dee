"""An upstream that fails at every stage: the client is told what is known, and the next request is answered rightly."""

import asyncio
from itertools import product
from pathlib import Path

import pytest

from tests.end_to_end.asking import Answered, Asker
from tests.end_to_end.failing import ROWS, Failing, failing
from tests.end_to_end.serving import routes, serve
from tests.support.process import Processes

TIMEOUTS = "connect: 1s, request: 1s, idle: 1s"


def seen(answered: Answered, method: bytes, target: bytes) -> str:
    """What the client can know, in a word."""
    if answered.status == 200:
        return "cut" if not answered.whole else "right" if answered.body == target else f"wrong: {answered.body!r}"
    if answered.status == 204:
        return "empty"
    if answered.status == 503 and answered.retry_after:
        return "unsent"
    problem = answered.problem
    if method == b"POST" and (problem != "outcome-unknown" or answered.retry_after):
        return f"a write that was told {answered.status} {problem}"
    if answered.status == 504 and problem in ("upstream-timeout", "outcome-unknown"):
        return "late"
    if answered.status == 502 and problem == "outcome-unknown":
        return "failed"
    words = {"upstream-reset": "lost", "upstream-invalid": "invalid"}
    return words.get(problem, f"told {answered.status} {problem}")


def fair(lane: Failing, method: bytes, kept: bool) -> set[str]:
    """What the client may see of this fault."""
    expected = set(lane.row.expected)
    if lane.row.reads == "nothing" and not kept:
        expected |= {"right", "unsent"}  # ended before anything was sent on it
    if method == b"POST":
        return {"failed" if each in ("lost", "broken", "invalid") else each for each in expected}
    if kept and "lost" in expected:
        return {"right"}
    return {"lost" if each == "broken" else each for each in expected}


async def conversation(port: int, index: int, lane: Failing, method: bytes, kept: bool) -> list[str]:
    """What was wrong in: a warm request if the connection is to be a kept one, the fault, two requests after it."""
    asker, wrong = Asker(port), []
    prefix = b"/%d/%b-%d" % (index, method.lower(), kept)
    if kept:
        wrong += await asked(asker, b"GET", prefix + b"/warm", {"right"})
    lane.armed, before = True, lane.failures
    wrong += await asked(asker, method, prefix + b"/fault", fair(lane, method, kept))
    async with asyncio.timeout(5):
        await lane.said.wait()
    wrong += await asked(asker, b"POST", prefix + b"/after", {"right"})
    wrong += await asked(asker, b"GET", prefix + b"/after-that", {"right"})
    asker.close()
    if lane.reused:
        wrong.append("a connection that had said too much was used again")
    return wrong if lane.failures == before + 1 else [*wrong, "the upstream did not fail"]


async def asked(asker: Asker, method: bytes, target: bytes, expected: set[str]) -> list[str]:
    body = b"Content-Length: 7\r\n\r\npayment" if method == b"POST" else b"\r\n"
    answered = await asker.ask(b"%b %b HTTP/1.1\r\nHost: a\r\n%b" % (method, target, body))
    word = seen(answered, method, target)
    return [] if word in expected else [f"{target.decode()}: {word}, not {' or '.join(sorted(expected))}"]


@pytest.mark.parametrize("method", [b"GET", b"POST"], ids=bytes.decode)
async def test_each_fault_is_told_and_the_next_request_is_answered_rightly(
    run_process: Processes, tmp_path: Path, method: bytes
) -> None:
    async with failing(list(ROWS.values())) as lanes:
        text = routes([lane.port for lane in lanes], timeouts=TIMEOUTS)
        port = serve(run_process, tmp_path / "serve", text).port

        async def one(index: int, name: str) -> list[str]:
            found = [await conversation(port, index, lanes[index], method, kept) for kept in (False, True)]
            return [f"{name}: {wrong}" for each in found for wrong in each]

        complaints = await asyncio.gather(*(one(index, name) for index, name in enumerate(ROWS)))
    assert [each for lane in complaints for each in lane] == []


def test_the_table_has_every_stage_and_way() -> None:
    stages = ("before reading", "after the head", "after the request", "mid status line", "mid head", "mid body")
    assert all(f"{stage}: {way}" in ROWS for stage, way in product(stages, ("reset", "close", "stall")))
