"""A shadow runner: takes exchanges from the channel, has them shadowed and compared, and writes what came out.

Law of this file: it runs at a lower priority than the workers, and its death costs evidence, never a payment.
"""

import asyncio
import gc
import logging
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final

from proxy.channel.receiver import LocalReceiver
from proxy.channel.tally import LOST_WRITE_AT, Tally
from proxy.http1.ticker import Ticker
from proxy.redaction import load_or_create_key
from proxy.routing.table import RouteTable
from proxy.runtime.adopting import Adopting
from proxy.runtime.entry import Child
from proxy.runtime.ids import life
from proxy.runtime.metering import publish
from proxy.runtime.recording import Records
from proxy.runtime.retaining import retain
from proxy.runtime.secrets import FoundSecrets
from proxy.runtime.sending import ShadowSender
from proxy.runtime.sentry import Sentry
from proxy.runtime.tls import Contexts
from proxy.runtime.upstreams import Upstreams
from proxy.shadow.attestation import Attestations
from proxy.shadow.book import Book
from proxy.shadow.cards import Substitutes
from proxy.shadow.ground import Ground
from proxy.shadow.intake import Intake
from proxy.shadow.outgoing import Outgoing
from proxy.shadow.runner import DROPPED, SHADOW, STORE_FULL, ShadowRunner
from proxy.shadow.stateful import Stateful
from proxy.store import record
from proxy.store.engine import Store
from proxy.store.errors import StoreError
from proxy.store.keep import Keep
from proxy.store.twins import Twins
from proxy.store.writer import Writer

NICENESS: Final = 10
TALLY_EVERY: Final = 1.0
COLLECT_AFTER: Final = 50_000
"""So many more objects than when cyclic garbage was looked for last: what a few hundred exchanges make."""

_log = logging.getLogger(__name__)


async def work(child: Child) -> None:
    """Until the child is told to stop; then what was taken in is finished, within the time given."""
    _stand_aside()
    start = child.start
    tables = Adopting(child, lambda table: terms.adopt(table))
    child.on_message = tables.hear
    table = tables.first()
    tls = Contexts(table, Path(start.config_name).parent, listening=False)
    ticker = Ticker(asyncio.get_running_loop())
    upstreams = Upstreams(table.backends, ticker, tls.backends)
    source = life(child.name, os.urandom)
    writer = Writer(Store(start.store), f"{source}:writer", on_trouble=_say)
    terms = InForce(table, tls, upstreams, ticker)
    key = load_or_create_key(start.key_file)
    ground = Ground(lambda: terms.table, key, time.monotonic)
    twins, records = Twins(Store(start.store)), Records(start.store)
    stateful = _stateful(twins, key, Path(start.config_name).parent)
    sentry = Sentry(stateful.attestations, stateful.book, twins, records, terms.ticker)
    terms.watch(sentry)
    runner = ShadowRunner(ground, terms.sender, writer, child.registry, time.monotonic, stateful)
    intake = Intake(runner.handle, runner.refuse)
    receiver = LocalReceiver(Path(start.channel))
    child.before_reading = partial(publish, child.registry, receiver.counts, {})
    await receiver.start()
    writing = asyncio.get_running_loop().create_task(writer.run())
    watching = asyncio.get_running_loop().create_task(sentry.run())
    recording = asyncio.get_running_loop().create_task(records.run())
    taking = asyncio.get_running_loop().create_task(_take(receiver, intake, writer, sentry))
    tallying = asyncio.get_running_loop().create_task(_tally(child, source, writer))
    following = asyncio.get_running_loop().create_task(tls.follow(child.reloaded))
    adopting = asyncio.get_running_loop().create_task(tables.follow())
    keep = Keep(start.keep_seconds, start.keep_bytes)
    retaining = asyncio.get_running_loop().create_task(retain(start.store, keep))
    _spare_the_collector()
    child.ready(table.hash)
    await child.stopping.wait()
    await receiver.close()
    await asyncio.wait({taking}, timeout=child.drain / 2)
    await intake.drain(child.drain / 2)
    await taking
    tallying.cancel()
    following.cancel()
    adopting.cancel()
    retaining.cancel()
    watching.cancel()
    recording.cancel()
    await sentry.close()
    await sentry.say()
    await records.close()
    await twins.close()
    writer.offer(_counts(child, source))
    await writer.close()
    await asyncio.wait({writing})  # it may have been cancelled, when the store did not answer
    await terms.upstreams.close()


def _stateful(twins: Twins, key: bytes, folder: Path) -> Stateful:
    substitutes = Substitutes(key)
    outgoing = Outgoing(substitutes, FoundSecrets(folder), time.time)
    book = Book(twins, key, time.time)
    return Stateful(book, Attestations(time.monotonic), outgoing, substitutes, key, time.time)


class InForce:
    """The table in force, and the way to its shadows."""

    def __init__(self, table: RouteTable, tls: Contexts, upstreams: Upstreams, ticker: Ticker) -> None:
        self.table, self._tls, self.upstreams, self.ticker = table, tls, upstreams, ticker
        self.sender = ShadowSender(table, upstreams)
        self._sentry: Sentry | None = None

    def watch(self, sentry: Sentry) -> None:
        """Has the sandboxes of the table in force watched, whichever that is."""
        self._sentry = sentry
        sentry.follow(self.table, self.upstreams)

    def adopt(self, table: RouteTable) -> None:
        """CertificateFault: nothing is changed."""
        self._tls.adopt(self._tls.prepared(table))
        self.upstreams = self.upstreams.followed_by(table.backends, self._tls.backends)
        self.sender.adopt(table, self.upstreams)
        self.table = table
        if self._sentry is not None:
            self._sentry.follow(table, self.upstreams)


def _stand_aside() -> None:
    """Takes only the CPU time that nobody else wants, on one core: whoever has a payment to carry takes its place at
    once. Measured on two cores at 1,000 requests/s: the primary's p50 then moves by 6 %, with a niceness alone by 20 %.
    """
    os.nice(NICENESS)
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _spare_the_collector() -> None:
    """What waits here is much and holds no cycles: to look through it again and again is time for nothing."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


async def _take(receiver: LocalReceiver, intake: Intake, writer: Writer, sentry: Sentry) -> None:
    while (message := await receiver.get()) is not None:
        if isinstance(message, Tally):
            for _, _, at in (each for each in message.counts if each[0] == LOST_WRITE_AT):
                sentry.lost(at / 1000)
            counts = tuple(each for each in message.counts if each[0] != LOST_WRITE_AT)
            writer.offer(record.Tally(message.source, message.at, counts))
        else:
            await intake.submit(message)


async def _tally(child: Child, source: str, writer: Writer) -> None:
    while True:
        await asyncio.sleep(TALLY_EVERY)
        writer.offer(_counts(child, source))


def _counts(child: Child, source: str) -> record.Tally:
    """What the store keeps of this runner's counts. What the writer drops is left out: it keeps that count itself."""
    child.before_reading()
    counters = child.registry.snapshot().counters
    counts = [("dropped", each.labels[0], each.value) for each in counters if each.name == DROPPED]
    copies = sum(each.value for each in counters if each.name == SHADOW and each.labels[1] == "dropped")
    return record.Tally(
        source,
        time.time(),
        (*(each for each in counts if each[1] != STORE_FULL), (record.COPIES, record.DROPPED, copies)),
    )


def _say(trouble: StoreError | None) -> None:
    if trouble is None:
        _log.warning("the store is back; what waited is being written")
    else:
        _log.warning("the store cannot be written, payments go on: %s", trouble)
