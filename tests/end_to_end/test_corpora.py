"""The public suites' raw requests and raw answers through `strangler serve`, looked at from both sides.

The judges beside the repository send them, one at a time, and read what comes out by a strict parser, h11 and llhttp.
What they cannot see is tested here: that how a request is cut into segments changes nothing.
"""

import asyncio
import json
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.end_to_end.deployment import ROUTES
from tests.end_to_end.serving import serve
from tests.support.addressed import Conversation, conversation
from tests.support.files import ROOT
from tests.support.h11_origin import OK, Asked, Origin, h11_origin
from tests.support.ports import free_port
from tests.support.process import Process, Processes
from tests.support.services import require_folder

SHARED = ROOT.parent / "shared"
AN_ERROR_IN_ITSELF = "sample-Non_ASCII_in_status_line"
"""The suite wants this answer accepted, and it is: it is a 500, which the judge takes for a refusal."""
QUIET = 0.7
"""Seconds of silence after which a request that was sent whole has had its answers."""
PAUSE = 0.002
"""Seconds between two pieces, so that most are read by themselves; tests/http1/test_cuts.py leaves none to luck."""
PATIENCE = 10.0
AT_ONCE = 48


class Judged(NamedTuple):
    """What the judges printed last, and the cases that they did not pass."""

    total: str
    failed: list[dict[str, Any]]


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    processes = Processes(tmp_path_factory.mktemp("processes"))
    yield processes
    processes.close()


def _serve(processes: Processes, folder: Path, upstream: int) -> int:
    text = ROUTES.format(primary=upstream, shadow=upstream, stage="legacy").replace("idle: 3s", "idle: 30s")
    return serve(processes, folder, text).port


@pytest.fixture(scope="module")
def judges(processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Process, Path]]:
    """Both at once, each before a proxy of its own; they mostly wait."""
    require_folder(SHARED / "tools")
    require_folder(SHARED / "corpora")
    started = {}
    for judge, corpus, patience in (
        ("judge_requests", "http", ["--timeout", "1"]),
        ("judge_responses", "http_response", []),
    ):
        folder, port = tmp_path_factory.mktemp(judge), free_port()
        target = f"127.0.0.1:{_serve(processes, folder, port)}"
        out = folder / "judged.json"
        command: list[str | Path] = [sys.executable, SHARED / "tools" / f"{judge}.py", *patience]
        command += ["--target", target, "--backend-port", str(port), "--dir", SHARED / "corpora" / corpus, "--out", out]
        started[judge] = (processes(command), out)
    return started


def _judged(process: Process, out: Path) -> Judged:
    assert process.wait(timeout=55) == 0, process.stderr
    document = json.loads(out.read_text())
    detail = document["detail"] if isinstance(document, dict) else document
    words = ("corpus", "id", "expect", "verdict", "why")
    failed = [case if isinstance(case, dict) else dict(zip(words, case, strict=True)) for case in detail]
    return Judged(process.stdout.splitlines()[-1], failed)


def test_every_answer_of_the_suites_is_passed_on_in_one_meaning_or_not_at_all(
    judges: dict[str, tuple[Process, Path]],
) -> None:
    total, failed = _judged(*judges["judge_responses"])
    assert [case for case in failed if (case["id"], case["verdict"]) != (AN_ERROR_IN_ITSELF, "REFUSED")] == []
    assert int(total.split()[0]) >= 63


def test_every_request_of_the_suites_is_carried_in_one_meaning_or_refused(
    judges: dict[str, tuple[Process, Path]],
) -> None:
    total, failed = _judged(*judges["judge_requests"])
    assert failed == []
    assert int(total.split()[0]) >= 251


class Verdict(NamedTuple):
    """The classes of the statuses that the client was told, what the upstream was asked whole, whether it is over."""

    statuses: tuple[int, ...]
    asked: tuple[tuple[bytes, bytes, tuple[tuple[bytes, bytes], ...], bytes], ...]
    over: bool


def _verdict(client: Conversation, origin: Origin) -> Verdict:
    asked = tuple((each.method, each.target, _without_address(each), each.body) for each in client.asked(origin))
    return Verdict(tuple(status // 100 for status in client.statuses), asked, client.over)


def _without_address(asked: Asked) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(field for field in asked.headers if field[0] != b"X-Forwarded-For")


async def _whole(port: int, origin: Origin, wire: bytes) -> Verdict:
    async with conversation(port) as client:
        await client.send([wire])
        while not client.over and await client.more(QUIET):
            pass
        return _verdict(client, origin)


async def _in_pieces(port: int, origin: Origin, pieces: Iterable[bytes], expected: Verdict) -> Verdict:
    """The verdict once it is the expected one and has stayed so for a moment, or when patience ends."""
    async with conversation(port) as client:
        await client.send(pieces, PAUSE)
        if await client.wait(lambda: _verdict(client, origin) == expected, PATIENCE):
            await client.wait(lambda: _verdict(client, origin) != expected, 0.05)
        return _verdict(client, origin)


def _cut(wire: bytes, places: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(places), len(wire)]
    return [wire[a:b] for a, b in zip(edges, edges[1:], strict=False)]


def _places(size: int, cuts: int | None, chance: random.Random) -> list[Iterable[int]]:
    """Where to cut: after each byte, and at `cuts` random triples of places, or at each place once."""
    if cuts is None:
        return [range(1, size), *([at] for at in range(1, size))]
    return [range(1, size), *(chance.sample(range(1, size), min(3, size - 1)) for _ in range(cuts))]


async def _differing(folder: Path, processes: Processes, wires: dict[str, bytes], cuts: int | None) -> dict[str, Any]:
    """name -> (what it is whole, what it is in pieces, the pieces), where they differ. `cuts`: random ones, or each."""
    found: dict[str, Any] = {}
    chance, turns = random.Random(20_260), asyncio.Semaphore(AT_ONCE)

    async def whole(wire: bytes) -> Verdict:
        async with turns:
            return await _whole(port, origin, wire)

    async def compare(name: str, pieces: list[bytes], expected: Verdict) -> None:
        async with turns:
            verdict = await _in_pieces(port, origin, pieces, expected)
        if verdict != expected:
            found[name] = (expected, verdict, pieces)

    async with h11_origin(lambda asked: OK[:-2] if asked.method == b"HEAD" else OK) as origin:
        port = await asyncio.to_thread(_serve, processes, folder, origin.port)
        expected = dict(zip(wires, await asyncio.gather(*map(whole, wires.values())), strict=True))
        assert sum(bool(verdict.asked) for verdict in expected.values()) > len(wires) / 8
        tasks = [
            compare(name, _cut(wire, places), expected[name])
            for name, wire in wires.items()
            for places in _places(len(wire), cuts, chance)
        ]
        await asyncio.gather(*tasks)
    return found


def _requests(corpora: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted((corpora / "http").glob("*/*.req"))}


async def test_how_a_request_is_cut_into_segments_changes_nothing(
    processes: Processes, tmp_path: Path, corpora: Path
) -> None:
    wires = _requests(corpora)
    assert len(wires) >= 251
    assert await _differing(tmp_path, processes, wires, cuts=2) == {}


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_no_cut_in_two_changes_anything(processes: Processes, tmp_path: Path, corpora: Path) -> None:
    assert await _differing(tmp_path, processes, _requests(corpora), cuts=None) == {}
