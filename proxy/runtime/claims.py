"""The claims process: keeps what binds payments to systems, for the workers of this machine.

Law of this file: one at a time serves a store, whoever holds its lock; the one of a strangler that takes over stands by
until the other has ended, or has been killed. It decides nothing by itself and knows no route.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from time import time
from typing import Final

from proxy.claims.journal import folder_beside
from proxy.claims.service import Service
from proxy.evidence.entry import Action, Entry
from proxy.runtime.entry import Child
from proxy.runtime.link import Message, Recorded, Recording
from proxy.runtime.recording import Records
from proxy.runtime.storing import claims_file, node_of, socket_path
from proxy.store import claims
from proxy.store.claimed import OwnerRow
from proxy.store.claims import ClaimStore
from proxy.store.errors import StoreError
from proxy.store.url import claims_url

EVENTS: Final = "strangler_claims_total"
PINS: Final = "strangler_pins"
LOOK_EVERY: Final = 0.02
AGAIN: Final = 0.5

_log = logging.getLogger(__name__)


def _lock_file(store: str) -> Path:
    file = claims_file(store)
    return file.with_name(f"{file.name}.lock")


async def work(child: Child) -> None:
    """Until the child is told to stop."""
    rules = Rules()
    child.on_message = rules.hear
    child.ready(None)
    async with _alone(child, _lock_file(child.start.store)) as mine:
        if mine:
            await _serve(child, rules)


class Rules:
    """What the supervisor says is recorded; the newest counts."""

    def __init__(self) -> None:
        self.newest: dict[str, str] | None = None
        self.came = asyncio.Event()

    def hear(self, message: Message) -> None:
        if isinstance(message, Recording):
            self.newest = message.rules
            self.came.set()


@asynccontextmanager
async def _alone(child: Child, path: Path) -> AsyncIterator[bool]:
    """Holds the lock of the store; False if it has to stop before it has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not child.stopping.is_set():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(LOOK_EVERY)
            else:
                yield True
                return
        yield False
    finally:
        os.close(descriptor)


async def _serve(child: Child, rules: Rules) -> None:
    records = Records(child.start.store)
    disputes = Disputes(records)
    path = socket_path(child.start.store)
    store = ClaimStore(claims_url(child.start.store))
    count = partial(_count, child)
    service = Service(
        path, store, folder_beside(claims_file(child.start.store)), count, disputes.add, node=node_of(path)
    )
    child.before_reading = lambda: child.registry.set(PINS, (), float(service.pins))
    if not await _started(child, service):
        return
    tasks = [asyncio.ensure_future(each) for each in (service.run(), records.run(), _record(child, rules, store))]
    await child.stopping.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await service.close()
    await records.close()


async def _started(child: Child, service: Service) -> bool:
    while not child.stopping.is_set():
        try:
            await service.start()
            return True
        except (StoreError, OSError) as fault:
            _log.error("claims cannot be served, keyed writes wait: %s", fault)
            await asyncio.sleep(AGAIN)
    return False


async def _record(child: Child, rules: Rules, store: ClaimStore) -> None:
    """Keeps since when writes are pinned."""
    while True:
        await rules.came.wait()
        rules.came.clear()
        newest, now = rules.newest or {}, time()
        try:
            await store.transact(partial(claims.record, rules=newest, now=now))
            child.link.send(Recorded())
        except StoreError as fault:
            _log.error("since when writes are pinned cannot be kept: %s", fault)
            await asyncio.sleep(AGAIN)
            rules.came.set()


class Disputes:
    """Entities that both systems say are theirs, for the audit log."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, owner: OwnerRow) -> None:
        reason = (
            f"{owner.entity} {owner.id[:12]} is {owner.system}'s, and {owner.system.other} says that it made it too"
        )
        entry = Entry(time(), "strangler", Action.OWNER_DISPUTED, owner.entity, reason, None, "", "")
        _log.error("%s", reason)
        task = asyncio.ensure_future(self._records.write(entry))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _count(child: Child, event: str, number: int) -> None:
    child.registry.inc(EVENTS, (f"service-{event}",), number)
