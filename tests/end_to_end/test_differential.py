"""The same requests through us, nginx and HAProxy, each before an upstream that reads by h11: who differs, and why."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.end_to_end import peers
from tests.end_to_end.deployment import deploy
from tests.end_to_end.disagreements import DISAGREEMENTS, Kind
from tests.end_to_end.tricks import CHUNKED, TRICKS, Draft, amounts_to
from tests.support.addressed import conversation
from tests.support.h11_origin import OK, Asked, Origin, h11_origin
from tests.support.process import Processes

LAST = b"GET /last HTTP/1.1\r\nHost: pay.example\r\nConnection: close\r\n\r\n"
QUIET = 0.5
"""Seconds after which a proxy that has neither answered the last request nor closed still waits for the rest."""
SHOWN_WITH = {"nginx": "1.22", "haproxy": "2.6"}


class Seen(NamedTuple):
    """What one upstream saw: whole requests, and what h11 would not read."""

    requests: list[tuple[bytes, bytes, bytes]]
    faults: list[str]


T = TypeVar("T")


class Proxies:
    """The three, each before an upstream of its own; the sockets live in a loop of another thread."""

    def __init__(self, processes: Processes, folders: Callable[[str], Path]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._stack = AsyncExitStack()
        ours, nginx, haproxy = (self._wait(self._stack.enter_async_context(h11_origin(_answer))) for _ in range(3))
        deployment = deploy(processes, folders("ours") / "deployment", ours.port, ours.port, stage="legacy")
        self._fronts = (
            (ours, deployment.port),
            (nginx, peers.nginx(processes, folders("nginx"), nginx.port)),
            (haproxy, peers.haproxy(processes, folders("haproxy"), haproxy.port)),
        )

    def ask(self, wire: bytes) -> list[Seen]:
        """What the upstreams see of `wire` through us, nginx and HAProxy."""
        return self._wait(_all(*(_one(origin, port, wire) for origin, port in self._fronts)))

    def close(self) -> None:
        self._wait(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


async def _all(*work: Coroutine[Any, Any, Seen]) -> list[Seen]:
    return list(await asyncio.gather(*work))


async def _one(origin: Origin, port: int, wire: bytes) -> Seen:
    origin.asked.clear()
    origin.faults.clear()
    async with conversation(port) as client:
        await client.send([wire + LAST])
        await client.wait(lambda: client.over, QUIET)
        requests = [(each.method, each.target, each.body) for each in origin.asked if each.target != b"/last"]
        return Seen(requests, list(origin.faults))


def _answer(asked: Asked) -> bytes:
    return OK[:-2] if asked.method == b"HEAD" else OK


@pytest.fixture(scope="module")
def proxies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxies]:
    processes = Processes(tmp_path_factory.mktemp("processes"))
    proxies = Proxies(processes, tmp_path_factory.mktemp)
    yield proxies
    proxies.close()
    processes.close()


def difference(ours: Seen, its: Seen) -> Kind | None:
    if its.faults:
        return Kind.GARBLED
    if its.requests == ours.requests:
        return None
    if not ours.requests:
        return Kind.WE_REFUSE
    return Kind.OTHERWISE if its.requests else Kind.IT_REFUSES


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """A valid request."""
    method = draw(st.sampled_from([b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS"]))
    path = draw(st.text("abz019-._~!$&'()*+,;=:@/", max_size=20).filter(lambda text: not text.startswith("/")))
    query = draw(st.just("") | st.text("ab=&?/%+", max_size=8).map(lambda text: "?" + text.replace("%", "%20")))
    names = st.sampled_from([b"Accept", b"X-A", b"x-a", b"Cookie", b"Idempotency-Key", b"!#$"])
    values = st.sampled_from([b"", b"1", b"a, b", b"\xe9\xff", b"a\tb", b'"q"', b"a: b", b"x" * 200])
    fields = draw(st.lists(st.tuples(names, values), max_size=4))
    draft = Draft(
        method=method,
        target=f"/{path}{query}".encode(),
        fields=b"".join(b"%b: %b\r\n" % field for field in fields),
    )
    return draw(st.sampled_from([_bodiless, _sized, _chunked]))(draft, draw(st.binary(max_size=60)))


def _bodiless(draft: Draft, body: bytes) -> Draft:
    return replace(draft, framing=b"", body=b"")


def _sized(draft: Draft, body: bytes) -> Draft:
    return replace(draft, framing=b"Content-Length: %d\r\n" % len(body), body=body)


def _chunked(draft: Draft, body: bytes) -> Draft:
    middle = len(body) // 2
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (body[:middle], body[middle:]) if piece]
    return replace(draft, framing=CHUNKED, body=b"".join(chunks) + b"0\r\n\r\n")


def _played(draft: Draft, tricks: Iterable[str]) -> Draft:
    for trick in tricks:
        draft = TRICKS[trick](draft)
    return draft


@pytest.mark.parametrize("trick", TRICKS)
def test_each_row_of_the_table_is_true(proxies: Proxies, trick: str) -> None:
    versions = {name: peers.version(name) for name in SHOWN_WITH}
    if versions != SHOWN_WITH:
        pytest.skip(f"the rows are those of {SHOWN_WITH}; here are {versions}")
    ours, nginx, haproxy = proxies.ask(TRICKS[trick](Draft()).wire)
    row = DISAGREEMENTS.get(trick)
    assert (difference(ours, nginx), difference(ours, haproxy)) == (row[:2] if row else (None, None)), (
        ours,
        nginx,
        haproxy,
    )


@settings(max_examples=800, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(drafts(), st.lists(st.sampled_from(sorted(TRICKS)), max_size=2, unique=True))
def test_every_disagreement_is_explained(proxies: Proxies, draft: Draft, tricks: list[str]) -> None:
    """Without a trick there is none; with two, one of them explains what differs."""
    played = _played(draft, tricks)
    wire = played.wire
    ours, *others = proxies.ask(wire)
    known = [DISAGREEMENTS[trick] for trick in (*tricks, *amounts_to(played)) if trick in DISAGREEMENTS]
    for peer, its in zip(("nginx", "haproxy"), others, strict=True):
        kind = difference(ours, its)
        assert kind is None or kind in [getattr(row, peer) for row in known], (peer, kind, tricks, wire, ours, its)
    assert ours.faults == []


def test_each_row_gives_its_reason() -> None:
    assert DISAGREEMENTS.keys() <= TRICKS.keys()
    assert [trick for trick, row in DISAGREEMENTS.items() if not row.reason or row[:2] == (None, None)] == []
