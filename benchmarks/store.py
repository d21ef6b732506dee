"""What it costs to keep an exchange, and to ask for a report, on each database. Prints one JSON object.

`raw`: SQLite itself, one row of the same columns an exchange, in the same batches, from plain sqlite3: the floor.
`SQLite`, `PostgreSQL`, `MariaDB`: a writer that is offered `thin` records (a match that was not sampled: most of all),
and `whole` ones (a mismatch with headers, bodies and a difference; half of the bodies differ): CPU microseconds of our
process a record, `rate` records a second, `ratio` to raw, and bytes a record on the disk.
`queries`: milliseconds of the questions behind report, dashboard and `plan --gate` in a store of `exchanges` exchanges.
`runner`: exchanges of 1 KB a second that a shadow runner compares, redacts and stores in SQLite on one core; answers
are canned. Each exchange has its own ids, the candidate spells JSON in its own way, and half of its answers differ in
an id. `rate` by the clock, `cpu_rate` a second of CPU time of all threads, which a busy machine changes less.

A server is measured where one listens: STRANGLER_TEST_POSTGRESQL, STRANGLER_TEST_MYSQL.
"""

import asyncio
import gc
import json
import os
import random
import socket
import sqlite3
import string
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from benchmarks import compare
from comparators import Difference, IgnoreRule, Kind, Verdict, causes, compile_policy, fingerprint
from proxy.messages import Exchange, Failure, Hop, Observation, Plan, Request, Response, Stage, System
from proxy.redaction import RedactionRules
from proxy.routing.route import Backend, Route, Shadowing
from proxy.routing.table import ComparePolicy, RouteTable
from proxy.runtime.runner import COLLECT_AFTER
from proxy.runtime.secrets import FoundSecrets
from proxy.shadow.attestation import Attestations
from proxy.shadow.book import Book
from proxy.shadow.cards import Substitutes
from proxy.shadow.ground import Ground
from proxy.shadow.outgoing import Outgoing
from proxy.shadow.runner import ShadowRunner
from proxy.shadow.stateful import Stateful
from proxy.store.connecting import driver_url
from proxy.store.engine import Store, open_store
from proxy.store.queries import Queries, open_queries
from proxy.store.record import Record
from proxy.store.traffic import recent_traffic
from proxy.store.twins import Twins
from proxy.store.url import parse_url
from proxy.store.writer import Limits, Writer

RECORDS = 20_000
BATCH = 512
BEGAN = 1_700_049_600.0
SERVERS = {
    "PostgreSQL": ("STRANGLER_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/test"),
    "MariaDB": ("STRANGLER_TEST_MYSQL", "mysql://root@127.0.0.1:3306/test"),
}
HEADERS = ((b"Content-Type", b"application/json"), (b"Server", b"x"), (b"Date", b"Thu, 01 Jan 2026 00:00:00 GMT"))
AMOUNT = Difference("$.lines[3].amount", Kind.VALUE, '"10.00"', '"10.01"')
PLAN = Plan("read-payment", Stage.SHADOW, System.LEGACY, "monolith", "payments", "stage shadow: a read is copied")
BODIES = compare.body(compare.payment("req_2f7a", "2024-05-01T12:00:00Z", 10.25))


def exchange(number: int, body: bytes) -> Exchange:
    request = Request(b"GET", b"/v1/payments/pay_%d" % number, HEADERS, b"")
    primary = Observation(System.LEGACY, "monolith", Response(200, b"OK", HEADERS, body), 0.02)
    hop = Hop(b"127.0.0.1", False, False)
    id_ = f"{number:020x}{os.getpid():012x}"
    return Exchange(id_, BEGAN + number / 200, "7f3a" * 16, hop, request, PLAN, primary)


def thin(number: int) -> Record:
    """A match of which fields and bodies were not kept."""
    made = exchange(number, b"")
    line = Response(200, b"OK", (), b"")
    made = replace(made, request=replace(made.request, headers=()), primary=replace(made.primary, outcome=line))
    shadow = Observation(System.CANDIDATE, "payments", line, 0.01)
    return Record(made, shadow, Verdict.MATCH, None, (), None, is_whole=False)


def whole(number: int) -> Record:
    """A mismatch, kept whole; the answers of every second one are like no others."""
    body = BODIES.replace(b"pay_8f3k2j5h6g7d9s0a", b"pay_%016d" % (number if number % 2 else 0))
    shadow = Observation(System.CANDIDATE, "payments", Response(200, b"OK", HEADERS, body[:-1] + b" }"), 0.01)
    cause = fingerprint(PLAN.route, causes((AMOUNT,)))
    return Record(exchange(number, body), shadow, Verdict.MISMATCH, None, (AMOUNT,), cause)


def raw() -> float:
    """CPU microseconds a row: the same columns and index as a thin record's row."""
    made = thin(0)
    target = made.exchange.request.target.decode()
    row = (BEGAN, 1 << 60, "match", None, None, "GET", target, 200, 0.02, 200, 0.01, None, None)
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(f"{folder}/raw.db", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        columns = ", ".join(f"c{number}" for number in range(len(row)))
        connection.execute(f"CREATE TABLE x (id VARCHAR(64) PRIMARY KEY, {columns}) WITHOUT ROWID")
        connection.execute("CREATE INDEX y ON x (c2, c0)")
        rows = [(f"{number:032x}", BEGAN + number, *row[1:]) for number in range(RECORDS)]
        begun = time.process_time()
        for first in range(0, RECORDS, BATCH):
            connection.execute("BEGIN IMMEDIATE")
            places = ", ".join("?" * (len(row) + 1))
            connection.executemany(f"INSERT INTO x VALUES ({places})", rows[first : first + BATCH])  # noqa: S608
            connection.execute("COMMIT")
        spent = time.process_time() - begun
        connection.close()
    return spent / RECORDS * 1e6


async def written(url: str, make: Callable[[int], Record], first: int, number: int) -> dict[str, float]:
    records = [make(each) for each in range(first, first + number)]
    writer = Writer(await open_store(url), "bench", Limits(records=number, bytes=1 << 40))
    before, began, begun = await size(url), time.perf_counter(), time.process_time()
    for record in records:
        assert writer.offer(record)
    task = asyncio.ensure_future(writer.run())
    await writer.flush()
    spent, took = time.process_time() - begun, time.perf_counter() - began
    await writer.close()
    await task
    assert writer.committed == number
    grown = await size(url) - before
    return {"us": round(spent / number * 1e6, 1), "rate": round(number / took), "bytes": round(grown / number)}


async def size(url: str) -> int:
    """Bytes on the disk."""
    place = parse_url(url)
    if place.path is not None:
        files = [Path(f"{place.path}{end}") for end in ("", "-wal")]
        return sum(file.stat().st_size for file in files if file.exists())
    if url.startswith("postgresql"):
        return int((await execute(url, "SELECT pg_database_size(current_database())"))[0][0])
    tables = "FROM information_schema.innodb_sys_tablespaces WHERE name LIKE CONCAT(DATABASE(), '/%')"
    return int((await execute(url, f"SELECT SUM(file_size) {tables}"))[0][0] or 0)


async def execute(url: str, statement: str) -> list[Any]:
    place = parse_url(url)
    engine = create_async_engine(driver_url(place), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        found = await connection.execute(text(statement))
        rows = list(found) if found.returns_rows else []
    await engine.dispose()
    return rows


def places(folder: str) -> Iterator[tuple[str, str]]:
    """Name and URL of each database that can be measured; those on a server are made here and dropped after use."""
    yield "SQLite", f"sqlite:///{folder}/strangler.db"
    for name, (variable, usual) in SERVERS.items():
        server = os.environ.get(variable, usual)
        parts = urlsplit(server)
        try:
            socket.create_connection((parts.hostname or "", parts.port or 0), timeout=2).close()
        except OSError:
            continue
        database = f"strangler_bench_{os.getpid()}"
        asyncio.run(execute(server, f"CREATE DATABASE {database}"))
        try:
            yield name, f"{server.rpartition('/')[0]}/{database}"
        finally:
            asyncio.run(execute(server, f"DROP DATABASE {database}"))


async def asked(url: str) -> dict[str, float]:
    """Milliseconds of each question: the best of three."""
    since = BEGAN + 600
    questions: dict[str, Callable[[Queries], Awaitable[object]]] = {
        "report": lambda queries: queries.report(),
        "report_since": lambda queries: queries.report(since=since),
        "report_route": lambda queries: queries.report(route=PLAN.route),
        "findings": lambda queries: queries.findings(),
        "routes": lambda queries: queries.routes(),
        "exchange": lambda queries: queries.exchange(whole(1).exchange.id),
    }
    found = {}
    async with open_queries(url) as queries:
        for name, question in questions.items():
            found[name] = min([await milliseconds(lambda ask=question: ask(queries)) for _ in range(3)])  # type: ignore[misc]
    found["traffic"] = min([await milliseconds(lambda: recent_traffic(url, since)) for _ in range(3)])
    return found


async def milliseconds(work: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await work()
    return round((time.perf_counter() - begun) * 1000, 1)


class Canned:
    """A sender that has every answer already, and counts nothing."""

    def __init__(self, answers: list[Response]) -> None:
        self._answers = iter(answers)

    async def send(
        self,
        backend: str,
        request: Request,
        hop: Hop,
        timeout: float,  # noqa: ASYNC109
        address: int | None = None,
    ) -> Response | Failure:
        return next(self._answers)

    def inc(self, name: str, labels: tuple[str, ...] = (), by: int = 1) -> None:
        return None


def an_id(number: int, before: str = "pay_") -> str:
    """Of 24 letters and digits, as payment providers make them."""
    return before + "".join(random.Random(number).choices(string.ascii_letters + string.digits, k=24))


def pair(number: int) -> tuple[Exchange, Response]:
    """An exchange, and the candidate's answer: every second one has another id."""
    document = compare.payment(an_id(number, "req_"), "2024-05-01T12:00:00Z", 10 + number / 100)
    primary = exchange(number, compare.body({**document, "id": an_id(number)}))
    other = {**document, "id": an_id(number + number % 2), "request_id": an_id(-number, "req_")}
    return primary, Response(200, b"OK", HEADERS, compare.respelled(other))


async def run_runner(folder: str) -> dict[str, float]:
    """Exchanges a second through a whole runner, on one core."""
    pairs = [pair(number) for number in range(RECORDS)]
    gc.freeze()  # what was made beforehand is none of the runner's
    gc.set_threshold(COLLECT_AFTER)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    policy = ComparePolicy("default", compile_policy(rules=(IgnoreRule("$..request_id"),)), RedactionRules())
    backends = {name: Backend(name, "http", "127.0.0.1", 1) for name in ("monolith", "payments")}
    route = Route("read-payment", "monolith", "payments", stage=Stage.SHADOW, shadowing=Shadowing(timeout=5.0))
    table = RouteTable("bench", (route,), backends, {"default": policy}, hash="7f3a")
    canned = Canned([answer for _, answer in pairs])
    url = f"sqlite:///{folder}/runner.db"
    writer = Writer(await open_store(url), "bench", Limits(records=RECORDS))
    task = asyncio.ensure_future(writer.run())
    twins, key = Twins(Store(url)), b"k" * 32
    substitutes = Substitutes(key)
    outgoing = Outgoing(substitutes, FoundSecrets(Path(folder)), time.time)
    book = Book(twins, key, time.time)
    stateful = Stateful(book, Attestations(time.monotonic), outgoing, substitutes, key, time.time)
    runner = ShadowRunner(Ground(lambda: table, key, time.monotonic), canned, writer, canned, time.monotonic, stateful)
    began, begun = time.perf_counter(), time.process_time()
    for first in range(0, RECORDS, 64):
        await asyncio.gather(*(runner.handle(each) for each, _ in pairs[first : first + 64]))
    await writer.flush()
    spent, took = time.process_time() - begun, time.perf_counter() - began
    await writer.close()
    await task
    await twins.close()
    async with open_queries(url) as queries:
        (report,) = (await queries.report()).routes
    assert (report.match + report.ignored, report.mismatch) == (RECORDS // 2, RECORDS // 2)
    return {
        "bytes": len(BODIES),
        "rate": round(RECORDS / took),
        "cpu_rate": round(RECORDS / spent),
        "us": round(spent / RECORDS * 1e6, 1),
    }


def main(arguments: list[str]) -> None:
    exchanges = int(arguments[0]) if arguments else 200_000
    floor = min(raw() for _ in range(3))
    report: dict[str, object] = {"raw": {"us": round(floor, 1)}, "exchanges": exchanges}
    with tempfile.TemporaryDirectory() as folder:
        for name, url in places(folder):
            few = asyncio.run(written(url, whole, 0, RECORDS // 4))
            many = asyncio.run(written(url, thin, RECORDS, max(RECORDS, exchanges - RECORDS // 4)))
            report[name] = {"thin": many | {"ratio": round(many["us"] / floor, 2)}, "whole": few}
            report[f"{name} queries"] = asyncio.run(asked(url))
        report["runner"] = asyncio.run(run_runner(folder))
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
