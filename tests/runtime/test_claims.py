"""The claims process, spoken to as the supervisor and the workers speak to it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from proxy.claims.client import ClaimsClient
from proxy.claims.journal import Journal
from proxy.claims.words import Granted, Own, Ref
from proxy.messages import System
from proxy.runtime.link import Reading, Recorded, Recording, Stop
from proxy.runtime.storing import socket_path
from tests.claims.made import Asker, ask, bid, until
from tests.runtime.children import ready, spawned, start


@asynccontextmanager
async def working(folder: Path) -> AsyncIterator[ClaimsClient]:
    client = ClaimsClient(socket_path(url(folder)), "w", Journal(folder / "journals", "w"), lambda _: None)
    client.start()
    try:
        yield client
    finally:
        await client.close()


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'strangler.db'}"


async def test_it_grants_and_counts_and_ends(tmp_path: Path) -> None:
    async with ready("claims", start(tmp_path), tmp_path) as child, working(tmp_path) as client:
        assert isinstance((await ask(client, bid(0, "k1")))[1], Granted)
        while True:
            counted = (await child.hear(Reading)).snapshot
            if [each.value for each in counted.gauges if each.name == "strangler_pins"] == [1.0]:
                break
        assert ("service-granted",) in [each.labels for each in counted.counters]
        child.link.send(Stop(1.0))
        assert await child.ended() == 0
    assert not socket_path(url(tmp_path)).exists()


async def test_another_one_stands_by_until_it_has_ended_or_was_killed(tmp_path: Path) -> None:
    async with ready("claims", start(tmp_path), tmp_path) as first, working(tmp_path) as client:
        await ask(client, bid(0, "k1"))
        async with ready("claims", start(tmp_path), tmp_path):
            asker = Asker()
            client.bid(bid(0, "k2"), asker)
            assert isinstance(await asker.heard(), Granted)
            first.process.kill()
            await until(lambda: not client.connected, "it is gone")
            assert isinstance((await ask(client, bid(0, "k3")))[1], Granted)


async def test_it_keeps_since_when_writes_are_pinned(tmp_path: Path) -> None:
    async with ready("claims", start(tmp_path), tmp_path) as child:
        child.link.send(Recording({"pay": "header:K of none"}))
        await child.hear(Recorded)
    connection = sqlite3.connect(tmp_path / "strangler.db.claims")
    assert connection.execute("SELECT route, rule FROM recordings").fetchall() == [("pay", "header:K of none")]
    connection.close()


async def test_an_id_that_both_systems_claim_stands_in_the_audit_log(tmp_path: Path) -> None:
    async with ready("claims", start(tmp_path), tmp_path), working(tmp_path) as client:
        for system in System:
            client._say(Own(client._next(), (Ref("payment", "ab" * 16, System.LEGACY),), system, "monolith"))
        connection = sqlite3.connect(tmp_path / "strangler.db")
        query = "SELECT count(*) FROM sqlite_master WHERE name = 'audit'"
        await until(lambda: connection.execute(query).fetchone()[0], "the log is there")
        rows = "SELECT action, subject FROM audit"
        await until(lambda: connection.execute(rows).fetchall() == [("owner-disputed", "payment")], "it is in the log")
        connection.close()


async def test_a_file_that_is_no_database_is_said_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "strangler.db.claims").write_bytes(b"no database" * 1000)
    async with spawned("claims", start(tmp_path), tmp_path) as child:
        async with asyncio.timeout(15):
            while "claims cannot be served" not in child.stderr.read_text():
                await asyncio.sleep(0.02)
        (tmp_path / "strangler.db.claims").unlink()
        async with working(tmp_path) as client:
            await until(lambda: client.connected, "it serves")
