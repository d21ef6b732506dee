"""The watch over sandboxes: real probes, and a real store that says who is stopped."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from proxy.evidence.entry import Action, Entry
from proxy.http1.pool import Address
from proxy.http1.ticker import Ticker
from proxy.messages import Stage
from proxy.routing.route import Backend, Effects, HealthCheck, Route, Shadowing
from proxy.routing.sandbox import ByHeader, ByOperator, ByProbe
from proxy.routing.table import RouteTable
from proxy.runtime import sentry as watch
from proxy.runtime.sentry import Sentry, probe
from proxy.runtime.upstreams import Upstreams
from proxy.shadow.attestation import Attestations
from proxy.shadow.book import Book
from proxy.store.engine import Store
from proxy.store.twins import Twins, rearm_in
from tests.support.wire import answering, upstream

ADDRESS = Address("127.0.0.1", 8080)


@dataclass
class Notes:
    entries: list[Entry] = field(default_factory=list)

    async def write(self, entry: Entry) -> None:
        self.entries.append(entry)


@dataclass
class Watch:
    sentry: Sentry
    attestations: Attestations
    book: Book
    store: Store
    notes: Notes


@asynccontextmanager
async def watching(folder: Path) -> AsyncIterator[Watch]:
    store = Store(f"sqlite:///{folder / 's.db'}")
    twins, attestations, notes = Twins(store), Attestations(asyncio.get_running_loop().time), Notes()
    book = Book(twins, b"0123456789abcdef", lambda: 1000.0)
    sentry = Sentry(attestations, book, twins, notes, Ticker(asyncio.get_running_loop()))
    yield Watch(sentry, attestations, book, store, notes)
    await sentry.close()
    await twins.close()


def table(backend: Backend, stage: Stage = Stage.SHADOW) -> RouteTable:
    shadowing = Shadowing(writes=frozenset({backend.name}))
    route = Route("r", "legacy", stage=stage, shadow_candidate=backend.name, shadowing=shadowing)
    return RouteTable(
        "t", (route,), {"legacy": Backend("legacy", "http", "127.0.0.1", 1), backend.name: backend}, {}, "h"
    )


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)


async def test_a_sandbox_is_asked_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PROBE_EVERY", 0.01)
    asked: list[bytes] = []
    shown = [b"1"]

    def answer(_: bytes) -> bytes:
        return b"HTTP/1.1 404 X\r\nContent-Length: 0\r\nX-Dry-Run: %b\r\nConnection: close\r\n\r\n" % shown[0]

    async with upstream(answering(asked, answer, close=True)) as origin, watching(tmp_path) as watched:
        backend = Backend(
            "box", "http", "127.0.0.1", origin.port, effects=Effects.SANDBOX, attest=ByHeader("X-Dry-Run", "1")
        )
        upstreams = Upstreams({"box": backend}, Ticker(asyncio.get_running_loop()))
        watched.sentry.follow(table(backend), upstreams)
        await eventually(lambda: watched.attestations.standing(backend).addresses == (0,))
        shown[0] = b"0"
        await eventually(lambda: watched.attestations.standing(backend).addresses == ())
        shown[0] = b"1"
        await eventually(lambda: watched.attestations.standing(backend).addresses == (0,))
        watched.sentry.follow(replace(table(backend), routes=()), upstreams)
        assert watched.attestations.standing(backend).addresses == ()
    assert asked[0].startswith(b"GET / HTTP/1.1\r\n")
    assert b"X-Strangler-Shadow: 1" in asked[0]


async def test_where_no_writes_are_copied_no_store_is_made(tmp_path: Path) -> None:
    async with watching(tmp_path) as watched:
        await watched.sentry.look()
        assert not (tmp_path / "s.db").exists()


async def test_who_did_not_attest_is_stopped_for_all_until_armed(tmp_path: Path) -> None:
    backend = Backend("box", "http", "127.0.0.1", 1, effects=Effects.SANDBOX, attest=ByOperator())
    async with watching(tmp_path) as one, watching(tmp_path) as other:
        for each in (one, other):
            each.sentry.follow(table(backend), Upstreams({"box": backend}, Ticker(asyncio.get_running_loop())))
        await one.sentry.look()
        assert one.attestations.standing(backend).armed
        one.attestations.stop("box")
        await one.sentry.look()
        await other.sentry.look()
        assert not one.attestations.standing(backend).armed
        assert not other.attestations.standing(backend).armed
        assert Action.WRITES_STOPPED in [entry.action for entry in one.notes.entries]
        async with one.store.writing() as connection:
            await rearm_in(connection, "box")
        await other.sentry.look()
        assert other.attestations.standing(backend).armed


async def test_who_cannot_read_it_copies_nothing(tmp_path: Path) -> None:
    backend = Backend("box", "http", "127.0.0.1", 1, effects=Effects.SANDBOX, attest=ByOperator())
    async with watching(tmp_path / "no such folder") as watched:
        watched.sentry.follow(table(backend), Upstreams({"box": backend}, Ticker(asyncio.get_running_loop())))
        await watched.sentry.look()
        assert not watched.attestations.standing(backend).armed


async def test_who_vouches_is_in_the_audit_log_once(tmp_path: Path) -> None:
    backend = Backend("box", "http", "127.0.0.1", 1, effects=Effects.SANDBOX, attest=ByOperator())
    async with watching(tmp_path) as watched:
        for number in range(2):
            again = replace(backend, base_path=b"/%d" % number)
            watched.sentry.follow(table(again), Upstreams({"box": again}, Ticker(asyncio.get_running_loop())))
            await asyncio.sleep(0.01)
        assert [(each.action, each.subject) for each in watched.notes.entries] == [(Action.VOUCHED, "box")]


async def test_where_copying_begins_what_was_known_has_a_gap(tmp_path: Path) -> None:
    backend = Backend("box", "http", "127.0.0.1", 1, effects=Effects.SANDBOX, attest=ByOperator())
    async with watching(tmp_path) as watched:
        upstreams = Upstreams({"box": backend}, Ticker(asyncio.get_running_loop()))
        watched.sentry.follow(table(backend), upstreams)
        assert watched.book._gaps == {}, "what survived a restart is believed"
        watched.sentry.lost(900.0)
        assert watched.book._gaps == {"box": 900.0}
        watched.sentry.follow(table(backend, Stage.LEGACY), upstreams)
        watched.sentry.follow(table(backend), upstreams)
        assert watched.book._gaps == {"box": 1000.0}


@pytest.mark.parametrize(
    ("backend", "path"),
    [
        (Backend("b", "http", "h", 1, attest=ByProbe(b"/mode", b"x")), b"/mode"),
        (Backend("b", "http", "h", 1, attest=ByHeader("X", "1")), b"/"),
        (Backend("b", "http", "h", 1, b"/api", attest=ByHeader("X", "1")), b"/api/"),
        (Backend("b", "http", "h", 1, attest=ByHeader("X", "1"), health_check=HealthCheck(b"/up")), b"/up"),
    ],
)
def test_what_is_asked(backend: Backend, path: bytes) -> None:
    assert probe(backend, ADDRESS).startswith(b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n")
