"""The way of one exchange: guard, place, send, compare, redact, keep. Where order and names count, stateful.py has the
middle of it.

Law of this file: every exchange ends as one record or one counted drop, whatever a system, the network or our own
mistake does. The two answers are compared by system, legacy first, whichever was the primary.
"""

import asyncio
from collections.abc import Callable

from comparators import Answer, compare
from proxy.messages import Exchange, Failure, Observation, Request, Response, System
from proxy.routing.route import Backend
from proxy.shadow.attestation import NOWHERE
from proxy.shadow.control import Heard, NoiseControl
from proxy.shadow.defects import Defects
from proxy.shadow.ground import Ground, Second, Terms
from proxy.shadow.guard import Refusal, may_send
from proxy.shadow.lane import Drop
from proxy.shadow.ports import Counters, Sender, Sink
from proxy.shadow.records import blank, compared, inconclusive
from proxy.shadow.request import marked_copy
from proxy.shadow.stateful import Stateful
from proxy.store.record import Record

SHADOW, COMPARISONS, DROPPED = "strangler_shadow_total", "strangler_comparisons_total", "strangler_dropped_total"

ROUTE_GONE, INTERNAL = "route-gone", "internal"
"""Reasons of an inconclusive record, besides those of guard.Refusal, of stateful.py, and "shadow-" with a
messages.FailureKind.
"""

STOPPED, STORE_FULL = "runner-stopped", "store-full"
"""Reasons of a drop, besides those of lane.Drop."""


class ShadowRunner:
    """Handles exchanges, many at a time. `clock`: seconds, monotonic."""

    def __init__(
        self,
        ground: Ground,
        sender: Sender,
        sink: Sink,
        counters: Counters,
        clock: Callable[[], float],
        stateful: Stateful,
    ) -> None:
        self._ground, self._sender, self._sink, self._counters, self._clock = ground, sender, sink, counters, clock
        self._stateful = stateful
        self._defects = Defects()
        self._control = NoiseControl(sender, counters, self._defects, self._answer)

    async def handle(self, exchange: Exchange) -> None:
        """Do all there is to do with one exchange. Raises nothing but CancelledError, once the exchange is counted."""
        try:
            ended = await self._follow(exchange)
        except asyncio.CancelledError:
            self.refuse(exchange)
            raise
        except Exception as error:  # noqa: BLE001  # the one place where our own mistakes end
            self._defects.say(error, exchange.id)
            ended = blank(exchange, INTERNAL)
        if isinstance(ended, Drop):
            self._drop(exchange, ended)
        else:
            self._keep(ended)

    def refuse(self, exchange: Exchange) -> None:
        """Count an exchange that came too late to be handled."""
        self._miss(exchange)
        self._drop(exchange, STOPPED)

    def _miss(self, exchange: Exchange) -> None:
        """If it was a write, its entities have a gap now."""
        terms = self._ground.terms(exchange.plan)
        if exchange.plan.writes and exchange.plan.shadow is not None:
            self._stateful.missed(exchange, terms)

    async def _follow(self, exchange: Exchange) -> Record | Drop:
        terms = self._ground.terms(exchange.plan)
        if terms is None:
            self._miss(exchange)
            self._count_shadow(exchange, "not-sent")
            return blank(exchange, ROUTE_GONE)
        backend = self._ground.backend(exchange.plan)
        if terms.stateful and exchange.plan.shadow is not None:
            return await self._in_turn(exchange, backend, terms)
        if exchange.plan.spared:
            return Drop.SPARED
        refusal = may_send(exchange, terms.route, backend, NOWHERE)
        if refusal is not None or backend is None:
            self._count_shadow(exchange, "not-sent")
            return inconclusive(exchange, None, refusal or Refusal.BACKEND_UNKNOWN, terms.redactor)
        if terms.second is not None:
            return await self._controlled(exchange, backend, terms, terms.second)
        async with terms.lane.place() as drop:
            if drop is not None:
                return drop
            shadow = await self._observe(exchange, marked_copy(exchange.request), backend, terms)
        return self._judge(exchange, shadow, terms)

    async def _in_turn(self, exchange: Exchange, backend: Backend | None, terms: Terms) -> Record | Drop:
        """As stateful.py says; a second legacy is asked the same where the copy names nothing otherwise."""
        asking: asyncio.Task[Heard] | None = None
        seen: Observation | None = None

        async def observe(
            exchange: Exchange, copy: Request, backend: Backend, terms: Terms, address: int | None
        ) -> Observation:
            nonlocal asking, seen
            if terms.second is not None and address is None and _says_the_same(copy, exchange.request):
                asking = asyncio.create_task(self._control.ask(exchange, terms, terms.second))
            seen = await self._observe(exchange, copy, backend, terms, address)
            return seen

        try:
            ended = await self._stateful.follow(exchange, terms, backend, observe, self._answer)
            if isinstance(ended, Record) and ended.shadow is None:
                self._count_shadow(exchange, "not-sent")
            if isinstance(ended, Record) and asking is not None and seen is not None:
                return self._control.added(ended, exchange, seen, await asking, terms)
            return ended
        finally:
            if asking is not None:
                asking.cancel()

    async def _controlled(self, exchange: Exchange, backend: Backend, terms: Terms, second: Second) -> Record | Drop:
        """The same, with a second legacy asked at the same time. The shadow's place is free as soon as it answered."""
        asking: asyncio.Task[Heard] | None = None
        try:
            async with terms.lane.place() as drop:
                if drop is not None:
                    return drop
                asking = asyncio.create_task(self._control.ask(exchange, terms, second))
                shadow = await self._observe(exchange, marked_copy(exchange.request), backend, terms)
            record = self._judge(exchange, shadow, terms)
            return self._control.added(record, exchange, shadow, await asking, terms)
        finally:
            if asking is not None:
                asking.cancel()

    async def _observe(
        self, exchange: Exchange, copy: Request, backend: Backend, terms: Terms, address: int | None = None
    ) -> Observation:
        started = self._clock()
        outcome = await self._sender.send(backend.name, copy, exchange.hop, terms.route.shadowing.timeout, address)
        seconds = self._clock() - started
        terms.lane.health.heard(outcome)
        self._count_shadow(exchange, "answered" if isinstance(outcome, Response) else outcome.kind)
        return Observation(exchange.primary.system.other, backend.name, outcome, seconds)

    def _judge(self, exchange: Exchange, shadow: Observation, terms: Terms) -> Record:
        primary, copied = exchange.primary.outcome, shadow.outcome
        if isinstance(copied, Failure):
            return inconclusive(exchange, shadow, f"shadow-{copied.kind}", terms.redactor)
        if isinstance(primary, Failure):
            return inconclusive(exchange, shadow, Refusal.PRIMARY_FAILED, terms.redactor)
        answers = {
            exchange.primary.system: self._answer(primary, exchange.primary.backend, exchange),
            shadow.system: self._answer(copied, shadow.backend, exchange),
        }
        comparison = compare(answers[System.LEGACY], answers[System.CANDIDATE], terms.policy)
        return compared(exchange, shadow, comparison, terms.redactor, terms.sample.takes)

    def _answer(self, response: Response, backend: str, exchange: Exchange) -> Answer:
        hosts = self._ground.hosts(backend, exchange.request)
        return Answer(response.status, response.headers, response.body, hosts)

    def _keep(self, record: Record) -> None:
        self._counters.inc(COMPARISONS, (record.exchange.plan.route, record.verdict))
        if not self._sink.offer(record):
            self._counters.inc(DROPPED, (STORE_FULL,))

    def _drop(self, exchange: Exchange, reason: str) -> None:
        self._count_shadow(exchange, "dropped")
        self._counters.inc(DROPPED, (reason,))

    def _count_shadow(self, exchange: Exchange, outcome: str) -> None:
        self._counters.inc(SHADOW, (exchange.plan.route, outcome))


def _says_the_same(copy: Request, request: Request) -> bool:
    return copy.target == request.target and copy.body == request.body
