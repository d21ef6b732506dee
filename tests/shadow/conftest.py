"""What the tests of the shadow share: an exchange, a route table, a small real server, and those who keep and count."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from msgspec import structs

from comparators import compile_policy
from proxy.messages import (
    Exchange,
    Failure,
    FailureKind,
    Headers,
    Hop,
    Observation,
    Plan,
    Request,
    Response,
    Stage,
    System,
)
from proxy.redaction import RedactionRules
from proxy.routing.route import Backend, Route, Shadowing
from proxy.routing.table import ComparePolicy, RouteTable
from proxy.shadow.attestation import Attestations
from proxy.shadow.book import Book
from proxy.shadow.cards import Substitutes
from proxy.shadow.outgoing import Outgoing
from proxy.shadow.stateful import Stateful
from proxy.store.record import Record
from proxy.store.twin import Twin
from proxy.store.twins import joined

KEY = b"0123456789abcdef0123456789abcdef"
CARD = b"4111111111111111"

JSON: Headers = ((b"Content-Type", b"application/json"),)

EXCHANGE = Exchange(
    id="x-0",
    started_at=1_700_000_000.25,
    table="7f3a",
    hop=Hop(b"192.0.2.7", False, False),
    request=Request(b"GET", b"/v1/payments/1", ((b"Host", b"shop.example"), (b"Authorization", b"Bearer s3cr3t")), b""),
    plan=Plan("read-payment", Stage.SHADOW, System.LEGACY, "monolith", "payments", "stage shadow"),
    primary=Observation(System.LEGACY, "monolith", Response(200, b"OK", JSON, b'{"amount":"10.00"}'), 0.012),
)


@pytest.fixture
def exchange() -> Exchange:
    """A read whose answer is {"amount":"10.00"}, to be copied to the backend `payments`."""
    return EXCHANGE


def table_of(*routes: Route, port: int = 1) -> RouteTable:
    policy = ComparePolicy("default", compile_policy(), RedactionRules(json_paths=("$..iban",)))
    backends = {name: Backend(name, "http", "127.0.0.1", port) for name in ("monolith", "payments")}
    return RouteTable("test", routes, backends, {"default": policy}, hash="7f3a")


ROUTE = Route(
    "read-payment", "monolith", "payments", stage=Stage.SHADOW, shadowing=Shadowing(timeout=5.0, max_in_flight=50)
)


@pytest.fixture
def route() -> Route:
    return ROUTE


@pytest.fixture
def make_table() -> Callable[..., RouteTable]:
    """A route table of these routes; both its backends are at `port`."""
    return table_of


@dataclass
class Kept:
    """A sink, a counter and a sender in one: what came to each. `full`: the sink refuses."""

    records: list[Record] = field(default_factory=list)
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    full: bool = False

    def offer(self, record: Record) -> bool:
        if not self.full:
            self.records.append(record)
        return not self.full

    def inc(self, name: str, labels: tuple[str, ...] = (), by: int = 1) -> None:
        self.counts[(name, *map(str, labels))] += by


@pytest.fixture
def kept() -> Kept:
    return Kept()


@dataclass
class Upstream:
    """A server of raw bytes: each connection is read up to its blank line, kept in `heard`, and given `reply`.

    `reply` None: hang up at once; an empty one: never answer. `gate` holds the replies back until it is set.
    """

    port: int = 0
    reply: bytes | None = b""
    heard: list[bytes] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            self.heard.append(await reader.readuntil(b"\r\n\r\n"))
            await self.gate.wait()
            if self.reply == b"":
                await reader.read()
            elif self.reply is not None:
                writer.write(self.reply)
                await writer.drain()
        writer.close()

    def answers(self, status: int, body: bytes) -> None:
        head = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self.reply = head % (status, len(body)) + body


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    upstream.gate.set()
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    upstream.port = server.sockets[0].getsockname()[1]
    yield upstream
    upstream.gate.set()
    server.close()


@dataclass
class StreamSender:
    """The Sender over asyncio's streams: one connection a copy, answers with Content-Length only."""

    port: int
    sent: list[tuple[str, Request, float]] = field(default_factory=list)

    async def send(
        self, backend: str, request: Request, hop: Hop, timeout: float, address: int | None = None
    ) -> Response | Failure:
        self.sent.append((backend, request, timeout))
        try:
            async with asyncio.timeout(timeout):
                return await self._exchange(request)
        except TimeoutError:
            return Failure(FailureKind.TIMEOUT, True, "no answer")
        except (ConnectionResetError, asyncio.IncompleteReadError):
            return Failure(FailureKind.RESET, True, "hung up")
        except OSError:
            return Failure(FailureKind.REFUSED, False, "no connection")
        except ValueError:
            return Failure(FailureKind.GARBAGE, True, "not HTTP")

    async def _exchange(self, request: Request) -> Response:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            lines = [b"%b: %b\r\n" % header for header in request.headers]
            writer.write(
                b"%b %b HTTP/1.1\r\n%b\r\n%b" % (request.method, request.target, b"".join(lines), request.body)
            )
            first, *fields = (await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n").split(b"\r\n")
            version, status, reason = first.split(b" ", 2)
            if version != b"HTTP/1.1":
                raise ValueError(version)
            headers = tuple((name, value) for name, _, value in (field.partition(b": ") for field in fields))
            length = int(dict(headers)[b"Content-Length"])
            return Response(int(status), reason, headers, await reader.readexactly(length))
        finally:
            writer.close()


@pytest.fixture
def sender(upstream: Upstream) -> StreamSender:
    return StreamSender(upstream.port)


@pytest.fixture
def with_request(exchange: Exchange) -> Callable[..., Exchange]:
    """The exchange, with parts of its request replaced."""

    def make(**parts: object) -> Exchange:
        return structs.replace(exchange, request=structs.replace(exchange.request, **parts))

    return make


@dataclass
class Shelf:
    """A TwinStore in memory, with the store's way to join. `broken`: it cannot be reached."""

    rows: dict[tuple[str, str], Twin] = field(default_factory=dict)
    gaps: dict[str, float] = field(default_factory=dict)
    broken: bool = False

    async def load(self, backend: str, tokens: Collection[str]) -> Sequence[Twin]:
        self._reach()
        return [self.rows[backend, token] for token in tokens if (backend, token) in self.rows]

    async def taken(self, backend: str, twin_tokens: Collection[str]) -> frozenset[str]:
        self._reach()
        known = {row.twin_token for row in self.rows.values() if row.backend == backend}
        return frozenset(token for token in twin_tokens if token in known)

    async def save(self, rows: Sequence[Twin], gaps: Mapping[str, float]) -> None:
        self._reach()
        for row in rows:
            before = self.rows.get((row.backend, row.token))
            self.rows[row.backend, row.token] = row if before is None else joined(before, row)
        self.gaps.update(gaps)

    def _reach(self) -> None:
        if self.broken:
            raise OSError("away")


@dataclass
class Vault:
    """Secrets in memory."""

    environment: dict[str, str] = field(default_factory=dict)
    merchants: dict[str, str] = field(default_factory=dict)

    def of_environment(self, name: str) -> str | None:
        return self.environment.get(name)

    def of_merchant(self, file: str, merchant: str) -> str | None:
        return self.merchants.get(merchant)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def vault() -> Vault:
    return Vault()


def stateful_of(shelf: Shelf, vault: Vault) -> Stateful:
    substitutes = Substitutes(KEY)
    attestations = Attestations(lambda: 0.0)
    attestations.read(())
    outgoing = Outgoing(substitutes, vault, time.time)
    return Stateful(Book(shelf, KEY, time.time), attestations, outgoing, substitutes, KEY, time.time)


@pytest.fixture
def stateful(shelf: Shelf, vault: Vault) -> Stateful:
    return stateful_of(shelf, vault)
