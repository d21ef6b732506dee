"""TLS that follows its files."""

import asyncio
import gc
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.config.certificates import CertificateFault
from proxy.routing.table import Backend, BackendTls, Listener, ListenerTls, RouteTable
from proxy.runtime.tls import Contexts, Renewable
from tests.end_to_end.both_loops import on_both_loops, until
from tests.end_to_end.securing import connected, trusting
from tests.support.certificates import Authority

FILES = ListenerTls("a.pem", "a.key", "ca.pem")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Its pair `a` is in files of this name."""
    authority = Authority(tmp_path)
    authority.issue("a")
    return authority


def table(*backends: Backend, tls: ListenerTls | None = FILES) -> RouteTable:
    listeners = (Listener(tls=tls),)
    return RouteTable("t", (), {each.name: each for each in backends}, {}, "hash", listeners=listeners)


def newest(contexts: Contexts) -> ssl.SSLContext:
    context = contexts.listeners[0]
    assert isinstance(context, Renewable)
    return context.newest


async def looked(contexts: Contexts, condition: Callable[[list[bool]], object]) -> list[bool]:
    """Follows the files until `condition` holds of what was told."""
    told: list[bool] = []
    following = asyncio.create_task(contexts.follow(told.append, 0.01))
    await until(lambda: condition(told), "the files were looked at")
    following.cancel()
    return told


async def test_files_that_stay_are_not_read_into_anything_new(authority: Authority, tmp_path: Path) -> None:
    contexts = Contexts(table(), tmp_path, listening=True)
    first = newest(contexts)
    (tmp_path / "a.pem").touch()
    assert await looked(contexts, lambda told: len(told) > 3) == [True] * 4
    assert newest(contexts) is first


async def test_new_files_are_taken_and_broken_ones_are_not(
    authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    contexts = Contexts(table(), tmp_path, listening=True)
    first, right = newest(contexts), (tmp_path / "a.key").read_bytes()
    (tmp_path / "a.key").write_bytes((tmp_path / "ca.key").read_bytes())
    told = await looked(contexts, lambda told: told.count(False) > 3)
    assert told[0]
    assert newest(contexts) is first
    (tmp_path / "a.key").write_bytes(right)
    await looked(contexts, lambda told: told[-1:] == [True])
    assert newest(contexts) is not first
    said = [record.getMessage().replace(f"{tmp_path}/", "") for record in caplog.records]
    assert said == [
        "tls of listener 0: key: a.key does not match the certificate a.pem; the files before stay in use",
        "tls of listener 0: new files are in use",
    ], "each change is said once"


@pytest.mark.parametrize("file", ["a.pem", "a.key", "ca.pem"])
async def test_a_file_that_goes_and_comes_back(authority: Authority, tmp_path: Path, file: str) -> None:
    contexts = Contexts(table(), tmp_path, listening=True)
    first = newest(contexts)
    (tmp_path / file).rename(tmp_path / "away")
    await looked(contexts, lambda told: told[-1:] == [False])
    assert newest(contexts) is first
    (tmp_path / "away").rename(tmp_path / file)
    await looked(contexts, lambda told: told[-1:] == [True])


async def test_files_of_backends_are_followed_too(authority: Authority, tmp_path: Path) -> None:
    asked = Backend("pay", "https", "a", 443, tls=BackendTls("ca.pem"))
    contexts = Contexts(table(asked, Backend("b", "http", "b", 80)), tmp_path, listening=False)
    (context,) = contexts.backends.values()
    assert isinstance(context, Renewable)
    first = context.newest
    Authority(tmp_path)
    await looked(contexts, lambda told: context.newest is not first)
    assert contexts.listeners == [None]


async def test_where_there_is_no_file_there_is_nothing_to_follow(tmp_path: Path) -> None:
    contexts = Contexts(table(Backend("pay", "https", "a", 443), tls=None), tmp_path, listening=True)
    assert contexts.listeners == [None]
    assert contexts.backends["pay"].verify_mode is ssl.CERT_REQUIRED
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await contexts.follow(lambda told: pytest.fail("nothing is there to be told"), 0.01)


async def test_the_next_table_keeps_the_context_of_what_it_does_not_change(
    authority: Authority, tmp_path: Path
) -> None:
    """Connections that are open hold theirs, and a pool is taken over with it."""
    same, other = (Backend(name, "https", name, 443, tls=BackendTls("ca.pem")) for name in "ab")
    contexts = Contexts(table(same, other), tmp_path, listening=True)
    before = contexts.backends
    moved, plain = replace(other, tls=BackendTls("a.pem")), Backend("c", "http", "c", 80)
    contexts.adopt(contexts.prepared(table(replace(same, port=444), moved, plain, replace(same, name="d"))))
    after = contexts.backends
    assert set(after) == {"a", "b", "d"}
    assert after["a"] is before["a"]
    assert len({*after.values(), before["b"]}) == 4


async def test_what_the_next_table_names_is_followed_and_what_it_leaves_is_not(
    authority: Authority, tmp_path: Path
) -> None:
    contexts = Contexts(table(tls=None), tmp_path, listening=True)
    following = asyncio.create_task(contexts.follow(lambda _: None, 0.01))
    asked = Backend("pay", "https", "a", 443, tls=BackendTls("ca.pem"))
    contexts.adopt(contexts.prepared(table(asked, tls=None)))
    context = contexts.backends["pay"]
    assert isinstance(context, Renewable)
    first = context.newest
    Authority(tmp_path)
    await until(lambda: context.newest is not first, "the new file is in use")
    contexts.adopt(contexts.prepared(table(tls=None)))
    assert contexts.backends == {}
    assert contexts._followed == []
    following.cancel()


def test_a_table_whose_files_cannot_be_used_is_prepared_in_vain_and_changes_nothing(
    authority: Authority, tmp_path: Path
) -> None:
    asked = Backend("pay", "https", "a", 443, tls=BackendTls("ca.pem"))
    contexts = Contexts(table(asked), tmp_path, listening=True)
    before = contexts.backends
    with pytest.raises(CertificateFault, match="nowhere.pem"):
        contexts.prepared(table(asked, replace(asked, name="b", tls=BackendTls("nowhere.pem"))))
    assert contexts.backends == before


def test_a_first_context_has_to_be_had(tmp_path: Path) -> None:
    with pytest.raises(CertificateFault, match="cannot be read"):
        Contexts(table(), tmp_path, listening=True)


class Counting(asyncio.Protocol):
    """Answers whatever it is sent with `size` bytes and closes."""

    def __init__(self, size: int, lost: asyncio.Event) -> None:
        self._size = size
        self._lost = lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(b"x" * self._size)  # type: ignore[attr-defined]
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost.set()


@on_both_loops
async def test_a_close_waits_for_no_answer(tmp_path: Path, authority: Authority) -> None:
    lost, loop = asyncio.Event(), asyncio.get_running_loop()
    contexts = Contexts(table(tls=ListenerTls("a.pem", "a.key")), tmp_path, listening=True)
    server = await loop.create_server(lambda: Counting(2, lost), "127.0.0.1", 0, ssl=contexts.listeners[0])
    port, context = server.sockets[0].getsockname()[1], trusting(authority.certificate)
    client = await asyncio.to_thread(asking, port, context)
    async with asyncio.timeout(5):
        await lost.wait()
    assert (client.recv(9), client.recv(9)) == (b"xx", b""), "it was not told that this is the end"
    client.close()
    server.close()


def asking(port: int, context: ssl.SSLContext) -> ssl.SSLSocket:
    """A client that has asked and reads nothing by itself, as those that keep idle connections."""
    client = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 5), server_hostname="localhost")
    client.sendall(b"?")
    return client


@on_both_loops
async def test_a_close_loses_nothing_that_was_written(tmp_path: Path, authority: Authority) -> None:
    size, lost, loop = 8 << 20, asyncio.Event(), asyncio.get_running_loop()
    contexts = Contexts(table(tls=ListenerTls("a.pem", "a.key")), tmp_path, listening=True)
    server = await loop.create_server(lambda: Counting(size, lost), "127.0.0.1", 0, ssl=contexts.listeners[0])
    client = await connected(server.sockets[0].getsockname()[1], trusting(authority.certificate))
    client.writer.write(b"?")
    async with asyncio.timeout(20):
        await client.reader.readexactly(1)  # the rest waits behind a client that has not read it
        assert len(await client.reader.read(-1)) == size - 1
    client.close()
    server.close()


@on_both_loops
async def test_handshakes_have_a_bound_and_those_that_are_over_do_not_count(
    tmp_path: Path, authority: Authority
) -> None:
    loop, trusted = asyncio.get_running_loop(), trusting(authority.certificate)
    context = Contexts(table(tls=ListenerTls("a.pem", "a.key")), tmp_path, listening=True).listeners[0]
    assert isinstance(context, Renewable)
    context.bound = 2
    server = await loop.create_server(lambda: Counting(2, asyncio.Event()), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    done = [await connected(port, trusted) for _ in range(3)]
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    await until(lambda: len(context.shaking) == 2, "both were let in")
    with pytest.raises(OSError):
        await connected(port, trusted)
    done[0].writer.write(b"?")
    assert await done[0].reader.read() == b"xx"
    for _, writer in silent:
        writer.transport.abort()
    await until(lambda: gc.collect() >= 0 and not context.shaking, "those that went were forgotten")
    done.append(await connected(port, trusted))
    for each in done:
        each.close()
    server.close()


@on_both_loops
async def test_a_client_that_is_refused_is_told_why(tmp_path: Path, authority: Authority) -> None:
    loop = asyncio.get_running_loop()
    contexts = Contexts(table(), tmp_path, listening=True)
    server = await loop.create_server(lambda: Counting(1, asyncio.Event()), "127.0.0.1", 0, ssl=contexts.listeners[0])
    client = await connected(server.sockets[0].getsockname()[1], trusting(authority.certificate))
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
        async with asyncio.timeout(5):
            await client.reader.read()
    client.close()
    server.close()
