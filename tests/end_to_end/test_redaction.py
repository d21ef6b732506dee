"""The whole system fed with planted secrets: nothing of them is anywhere where we write, print or answer.

A new place to which we write is one line in SINKS.
"""

import asyncio
import json
import random
import sqlite3
import sys
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from proxy.cli import main
from tests.end_to_end.deployment import Deployment, eventually
from tests.end_to_end.salting import KINDS, Message, Planted, found, message
from tests.runtime.serving import serve
from tests.support.files import ROOT
from tests.support.h11_origin import Asked, h11_origin
from tests.support.polling import wait_until
from tests.support.process import Processes

HEAD = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: salted}}
spec:
  defaults: {{compare: all, timeouts: {{connect: 5s, request: 30s, idle: 30s}}}}
  backends:
    - {{name: monolith, url: "http://127.0.0.1:{legacy}", effects: live}}
    - {{name: payments, url: "http://127.0.0.1:{candidate}", effects: live}}
  comparePolicies:
    - {{name: all, contentTypes: [application/json], headers: {{include: [content-type, x-note, set-cookie, referer]}}}}
  routes:
"""
ROUTE = """\
    - name: {kind}
      stage: shadow
      semantics: read
      matches: [{{path: {{type: PathPrefix, value: /{kind}}}}}]
      backendRefs: {{legacy: monolith, candidate: payments}}
      shadow: {{percent: 100, timeout: 30s, maxBody: 1Mi, maxInFlight: 50, maxRate: 10000}}
"""
CHANNEL_UP = b"\nstrangler_channel_up 1"
ORDER, MOMENT = "2026113012345678", "1796040315123"
"""Numbers that are none of the planted, and stay."""


class Salted:
    """Requests and what each of the two systems answers to it, by its number."""

    def __init__(self, seed: int, of_each_kind: int, numbers: int) -> None:
        self.planted = Planted(random.Random(seed))
        bodies = published()
        self.asked: list[Message] = []
        self.answered: list[tuple[Message, Message]] = []
        for kind in KINDS:
            for _ in range(of_each_kind):
                document = {"published": self.planted.chance.choice(bodies), "order": ORDER, "ts": int(MOMENT)}
                self.asked.append(message(self.planted, kind, numbers, document))
                self.answered.append(
                    (message(self.planted, kind, numbers, document), message(self.planted, kind, numbers, document))
                )

    def answer(self, side: int) -> Callable[[Asked], bytes]:
        def answered(asked: Asked) -> bytes:
            number = int(asked.value(b"X-Number") or b"0")
            told = self.answered[number][side]
            reason = self.planted.pan().encode() if number % 7 == 0 else b"OK"
            return (
                b"HTTP/1.1 200 "
                + reason
                + b"\r\nSet-Cookie: sid="
                + b"%d" % number
                + b"\r\n"
                + told.head
                + b"\r\n"
                + told.body
            )

        return answered


def published() -> list[Any]:
    files = sorted((ROOT.parent / "shared" / "corpora" / "payments").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text().splitlines()[::40]]
    return [json.loads(line)["response"] for line in lines] or [{"id": "pay_1", "amount": "10.00"}]


async def feed(salted: Salted, port: int) -> None:
    turns = asyncio.Semaphore(4)

    async def ask(number: int, asked: Message) -> None:
        async with turns:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            line = (
                b"POST "
                + asked.target
                + b" HTTP/1.1\r\nHost: pay.example\r\nConnection: close\r\nX-Number: %d\r\n" % number
            )
            writer.write(line + asked.head + b"\r\n" + asked.body)
            answer = await reader.read()
            assert answer.endswith(salted.answered[number][0].body), "the client's answer is not redacted"
            writer.close()

    await asyncio.gather(*(ask(number, asked) for number, asked in enumerate(salted.asked)))


def files(deployment: Deployment) -> Iterator[tuple[str, bytes]]:
    """The store with its WAL, and whatever else lies there."""
    for path in deployment.folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()


def tables(deployment: Deployment) -> Iterator[tuple[str, bytes]]:
    """The bodies as they are read back, not as they are packed."""
    with sqlite3.connect(deployment.store.removeprefix("sqlite:///")) as store:
        for packed, data in store.execute("select is_compressed, data from bodies"):
            yield "body", zlib.decompress(data) if packed else data


def output(deployment: Deployment) -> Iterator[tuple[str, bytes]]:
    """What serve said: its log."""
    yield "stdout", deployment.serve.stdout.encode()
    yield "stderr", deployment.serve.stderr.encode()


def pages(deployment: Deployment) -> Iterator[tuple[str, bytes]]:
    for name in ("healthz", "readyz", "metrics", "api/v1/status", "api/v1/routes", "api/v1/routes/json"):
        yield name, page(deployment, name)


def page(deployment: Deployment, name: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{deployment.admin}/{name}", timeout=10) as answer:
        body: bytes = answer.read()
        return body


def commands(deployment: Deployment) -> Iterator[tuple[str, bytes]]:
    def said(*arguments: str) -> bytes:
        return CliRunner().invoke(main, [*arguments, "--store", deployment.store]).output.encode()

    for command in (("report",), ("report", "--json"), ("differences",), ("differences", "--json"), ("audit", "list")):
        yield " ".join(command), said(*command)
    with sqlite3.connect(deployment.store.removeprefix("sqlite:///")) as store:
        ids = [each for (each,) in store.execute("select id from exchanges order by id limit 40")]
    for each in ids:
        yield f"show {each}", said("show", each) + said("show", each, "--json")


SINKS: tuple[Callable[[Deployment], Iterator[tuple[str, bytes]]], ...] = (files, tables, output, pages, commands)


async def drive(run_process: Processes, folder: Path, salted: Salted) -> tuple[int, dict[str, int], list[str]]:
    """Bytes searched, exchanges by verdict, and what was found."""
    async with h11_origin(salted.answer(0)) as legacy, h11_origin(salted.answer(1)) as candidate:
        text = HEAD.format(legacy=legacy.port, candidate=candidate.port) + "".join(
            ROUTE.format(kind=kind) for kind in KINDS
        )
        deployment = await asyncio.to_thread(serve, run_process, folder / "deployment", text)
        await asyncio.to_thread(eventually, lambda: CHANNEL_UP in page(deployment, "metrics"), "copies can leave")
        await feed(salted, deployment.port)
        await asyncio.to_thread(wait_until, lambda: kept(deployment) >= len(salted.asked), "all is in the store", 240)
        searched, leaks = await asyncio.to_thread(search, deployment, salted.planted)
    with sqlite3.connect(deployment.store.removeprefix("sqlite:///")) as store:
        verdicts = dict(store.execute("select verdict, count(*) from exchanges group by verdict"))
    return searched, verdicts, leaks


def kept(deployment: Deployment) -> int:
    with sqlite3.connect(deployment.store.removeprefix("sqlite:///")) as store:
        return int(store.execute("select count(*) from exchanges").fetchone()[0])


def search(deployment: Deployment, planted: Planted) -> tuple[int, list[str]]:
    searched, leaks = 0, []
    for sink in SINKS:
        for name, data in sink(deployment):
            searched += len(data)
            leaks += [f"{sink.__name__} {name}: {leak}" for leak in found(planted, data)]
    return searched, leaks


async def check(run_process: Processes, folder: Path, salted: Salted) -> None:
    searched, verdicts, leaks = await drive(run_process, folder, salted)
    planted = salted.planted
    sys.stderr.write(
        f"{len(planted.pans):,} card numbers, {len(planted.ibans):,} IBANs and {planted.words:,} words planted in"
        f" {len(salted.asked)} exchanges, {searched:,} bytes searched, {len(leaks)} found; {verdicts}\n"
    )
    assert leaks[:20] == []
    assert sum(verdicts.values()) == len(salted.asked)
    assert verdicts.get("inconclusive", 0) == 0, "each was judged"
    bodies = b"".join(data for _, data in tables_of(folder))
    assert bodies.count(ORDER.encode()) > len(salted.asked) // 4
    assert bodies.count(MOMENT.encode()) > len(salted.asked) // 4
    assert b"pan_" in bodies
    assert b"withheld" not in bodies


def tables_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    (store,) = folder.rglob("strangler.db")
    with sqlite3.connect(store) as opened:
        for packed, data in opened.execute("select is_compressed, data from bodies"):
            yield "body", zlib.decompress(data) if packed else data


def test_the_search_finds_what_is_planted() -> None:
    salted = Salted(1, 1, 3)
    for asked in salted.asked:
        body = asked.body if dict(asked.fields).get(b"Content-Encoding") is None else b""
        assert len(list(found(salted.planted, body))) >= 3 or not body
        assert len(list(found(salted.planted, asked.target + asked.head))) >= 6


async def test_nothing_planted_is_found(run_process: Processes, tmp_path: Path) -> None:
    await check(run_process, tmp_path, Salted(20_261, of_each_kind=2, numbers=4))


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_nothing_of_10_000_card_numbers_is_found(run_process: Processes, tmp_path: Path) -> None:
    salted = Salted(20_262, of_each_kind=14, numbers=22)
    assert len(salted.planted.pans) >= 10_000
    await check(run_process, tmp_path, salted)
