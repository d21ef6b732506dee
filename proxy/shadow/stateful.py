"""The way of an exchange that names entities or may change something: in its turn, under its twins' names, or not.

Law of this file: a copy goes out only when everything that it names is known to the shadow, in the order in which the
primary answered, and fit for a sandbox. A write that did not arrive whole leaves a gap in all that it names, whatever
the reason, so that no later difference on these is taken for one of the systems'.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Final, TypeAlias

from comparators import Answer, Comparison, Kind, Verdict, compare
from proxy.messages import OVER_CAP, Exchange, Failure, Observation, Request, Response, System
from proxy.routing.entities import Identity
from proxy.routing.ids import Found
from proxy.routing.route import Backend, Effects
from proxy.routing.sandbox import CardData
from proxy.shadow.attestation import NOWHERE, Attestations, Standing, confirms
from proxy.shadow.book import Book, Name, Side, Unavailable
from proxy.shadow.cards import Substitutes, restored
from proxy.shadow.ground import Terms
from proxy.shadow.guard import is_write, may_send
from proxy.shadow.lane import Drop
from proxy.shadow.outgoing import Outgoing, Withheld
from proxy.shadow.pairing import Likely, borne_out, likely, pairs
from proxy.shadow.records import compared, inconclusive
from proxy.shadow.request import derived_key, marked_copy
from proxy.shadow.sequence import Crowded, Overtaken, Sequence
from proxy.shadow.substitution import Change, changed_answer, changed_request, changes
from proxy.shadow.touching import Touched, found_in, names_of, plain, touched, touches
from proxy.store.record import Record
from proxy.store.twin import Twin

PATIENCE: Final = 3.0
"""Time-outs of its route that an exchange waits for its turn."""

UNPAIRED, ABSENT, GAP, OVERTAKEN = "unpaired", "absent", "gap", "overtaken"
UNREADABLE, UNAVAILABLE, UNCONFIRMED = "unreadable-body", "twins-unavailable", "answer-not-attested"
"""Reasons of an inconclusive record, besides those of guard.Refusal and outgoing.Withheld."""

Observe: TypeAlias = Callable[[Exchange, Request, Backend, Terms, int | None], Coroutine[None, None, Observation]]
"""Sends a copy to a backend, for some terms; at one address only if its number is given."""

Read: TypeAlias = Callable[[Response, str, Exchange], Answer]
"""How a backend's answer to an exchange is read for the comparison."""


@dataclass(frozen=True, slots=True)
class _Way:
    """One exchange, and what is known of it from the start. `at`: Unix seconds of the primary's answer."""

    exchange: Exchange
    terms: Terms
    backend: Backend | None
    side: Side
    found: Touched
    answer: Read

    @property
    def at(self) -> float:
        return self.exchange.started_at + self.exchange.primary.seconds


class Stateful:
    """What all stateful exchanges of one runner share. `secret`: keys the copies' idempotency keys; `clock`: Unix
    seconds.
    """

    def __init__(
        self,
        book: Book,
        attestations: Attestations,
        outgoing: Outgoing,
        substitutes: Substitutes,
        secret: bytes,
        clock: Callable[[], float],
    ) -> None:
        self.book, self.attestations = book, attestations
        self._outgoing, self._substitutes, self._secret = outgoing, substitutes, secret
        self._sequence = Sequence(clock)

    async def follow(
        self, exchange: Exchange, terms: Terms, backend: Backend | None, observe: Observe, answer: Read
    ) -> Record | Drop:
        """All there is to do with one exchange whose plan names a backend for a copy, `backend` if there is one."""
        side = Side(exchange.plan.shadow or "", exchange.primary.system)
        found = touched(exchange, terms.ids, writes=is_write(exchange, terms.route))
        way = _Way(exchange, terms, backend, side, found, answer)
        try:
            if exchange.plan.spared:
                return self._lost(way, Drop.SPARED)
            return await self._in_line(way, observe)
        except BaseException:
            self._lost(way, Drop.LATE)
            raise
        finally:
            await self._saved()

    def missed(self, exchange: Exchange, terms: Terms | None) -> None:
        """A write was never handled; without terms nobody knows what it names."""
        shadow, primary = exchange.plan.shadow or "", exchange.primary
        if terms is None:
            self.book.taint_all([shadow], exchange.started_at + primary.seconds)
        elif _may_have_changed(primary.outcome):
            found = touched(exchange, terms.ids, writes=True)
            self.book.taint(Side(shadow, primary.system), found.names, Drop.LATE)

    def standing(self, backend: Backend | None) -> Standing:
        """How a backend stands as a sandbox."""
        return self.attestations.standing(backend) if backend is not None else NOWHERE

    async def _in_line(self, way: _Way, observe: Observe) -> Record | Drop:
        if not way.terms.ordered:
            return await self._in_turn(way, observe)
        patience = PATIENCE * way.terms.route.shadowing.timeout
        try:
            ticket = await self._sequence.enter(way.at, touches(way.exchange, way.found), patience)
        except Overtaken:
            return self._unsent(way, OVERTAKEN)
        except Crowded:
            return self._lost(way, Drop.LATE)
        try:
            return await self._in_turn(way, observe)
        finally:
            self._sequence.leave(ticket)

    async def _in_turn(self, way: _Way, observe: Observe) -> Record | Drop:
        exchange, terms, backend = way.exchange, way.terms, way.backend
        refusal = may_send(exchange, terms.route, backend, self.standing(backend))
        if refusal is not None or backend is None:
            return self._unsent(way, refusal or UNPAIRED)
        copy = await self._copy(way, backend)
        if isinstance(copy, str):
            return self._unsent(way, copy)
        async with terms.lane.place() as drop:
            if drop is not None:
                return self._lost(way, drop)
            standing = self.standing(backend)
            refusal = may_send(exchange, terms.route, backend, standing)  # time has passed
            if refusal is not None:
                return self._unsent(way, refusal)
            address = _turn(standing.addresses, exchange.id) if way.found.writes else None
            shadow = await observe(exchange, copy, backend, terms, address)
        return await self._answered(way, backend, shadow)

    async def _copy(self, way: _Way, backend: Backend) -> Request | str:
        """The copy as it is to be sent, or why there is none."""
        asked, exchange = way.found.asked, way.exchange
        if way.found.unreadable:
            return UNREADABLE
        try:
            known = await self.book.known(way.side, names_of(asked))
        except Unavailable:
            return UNAVAILABLE
        obstacle = _obstacle(asked, known, backend)
        if obstacle is not None:
            return obstacle
        twins = {name: row.twin for name, row in known.items() if row.twin is not None}
        fit = self._outgoing.fit(changed_request(exchange.request, changes(asked, twins)), exchange, backend)
        if isinstance(fit, Withheld):
            return fit
        return marked_copy(fit, derived_key(exchange, self._secret) if way.found.writes else None)

    async def _answered(self, way: _Way, backend: Backend, shadow: Observation) -> Record:
        exchange, outcome, redactor = way.exchange, shadow.outcome, way.terms.redactor
        primary = exchange.primary.outcome
        if isinstance(outcome, Failure) or isinstance(primary, Failure):
            self._taint(way, "unanswered")
            kind = outcome.kind if isinstance(outcome, Failure) else "primary"
            return inconclusive(exchange, shadow, f"shadow-{kind}", redactor)
        if way.found.writes and not confirms(backend, outcome):
            self.attestations.stop(backend.name)
            self._taint(way, UNCONFIRMED)
            return inconclusive(exchange, shadow, UNCONFIRMED, redactor)
        try:
            return await self._compared(way, backend, shadow, primary, outcome)
        except Unavailable:
            return inconclusive(exchange, shadow, UNAVAILABLE, redactor)

    async def _compared(
        self, way: _Way, backend: Backend, shadow: Observation, primary: Response, outcome: Response
    ) -> Record:
        """Under the names of twins, also of those that are only likely ones: they are learnt if that bears them out."""
        theirs = found_in(way.exchange.request.target, plain(outcome), way.terms.ids)
        guesses = await self._learned(way, primary, outcome, theirs)
        known = await self.book.known(way.side, way.found.names)
        names = {(name[0], row.twin): name[1] for name, row in known.items() if row.twin is not None}
        guessed = {(each.pair[0], each.pair[2]): each.pair[1] for each in guesses}
        comparison = self._comparison(way, backend, shadow, primary, outcome, changes(theirs, names | guessed))
        sound = [each for each in guesses if borne_out(each, comparison.unexcused)]
        if len(sound) < len(guesses):
            some = {(each.pair[0], each.pair[2]): each.pair[1] for each in sound}
            comparison = self._comparison(way, backend, shadow, primary, outcome, changes(theirs, names | some))
        if sound:
            learnt = {(name, ours): its for name, ours, its in (each.pair for each in sound)}
            await self.book.learn(way.side, learnt, way.at)
            known = await self.book.known(way.side, way.found.names)
        return self._judged(way, shadow, comparison, known)

    async def _learned(
        self, way: _Way, primary: Response, outcome: Response, theirs: tuple[Found, ...]
    ) -> list[Likely]:
        """Learns what the two answers say for sure; the pairs that they make likely."""
        found = way.found
        if not (_succeeded(primary) and _succeeded(outcome) and (found.writes or found.asked)):
            return []
        ours = tuple(each for each in found.answered if each.entity.identity is Identity.TWIN)
        sure = pairs(ours, theirs)
        await self.book.learn(way.side, {(name, mine): its for name, mine, its in sure}, way.at)
        guesses = likely(ours, theirs)
        free = await self.book.free(way.side, {each.pair[:2]: each.pair[2] for each in guesses})
        return [each for each in guesses if free.get(each.pair[:2]) == each.pair[2]]

    def _comparison(
        self,
        way: _Way,
        backend: Backend,
        shadow: Observation,
        primary: Response,
        outcome: Response,
        made: list[Change],
    ) -> Comparison:
        exchange = way.exchange
        renamed = self._renamed(backend, primary, outcome, made)
        answers = {
            exchange.primary.system: way.answer(primary, exchange.primary.backend, exchange),
            shadow.system: way.answer(renamed, shadow.backend, exchange),
        }
        return compare(answers[System.LEGACY], answers[System.CANDIDATE], way.terms.policy)

    def _renamed(self, backend: Backend, primary: Response, outcome: Response, made: list[Change]) -> Response:
        """The shadow's answer in the primary's words: what has a twin is called by it, so that no pair differs."""
        renamed = changed_answer(plain(outcome), made) if made else outcome
        if backend.effects is not Effects.SANDBOX or backend.card_data is not CardData.SUBSTITUTE:
            return renamed
        put_back = restored(plain(primary), plain(renamed), self._substitutes)
        return changed_answer(plain(renamed), put_back) if put_back else renamed

    def _judged(self, way: _Way, shadow: Observation, comparison: Comparison, known: dict[Name, Twin]) -> Record:
        exchange, terms = way.exchange, way.terms
        if comparison.verdict is not Verdict.MISMATCH:
            return compared(exchange, shadow, comparison, terms.redactor, terms.sample.takes)
        unfair = None if way.found.writes else _unfair(way.found, known)
        if unfair is not None:
            return inconclusive(exchange, shadow, unfair, terms.redactor)
        first = next((row.finding for row in known.values() if row.finding is not None), None)
        record = compared(exchange, shadow, comparison, terms.redactor, terms.sample.takes, echo_of=first)
        ended_otherwise = any(each.kind is Kind.STATUS for each in comparison.unexcused)
        if way.found.writes and first is None and ended_otherwise and record.fingerprint is not None:
            self.book.diverged(way.side, way.found.names, record.fingerprint)
        return record

    def _unsent(self, way: _Way, reason: str) -> Record:
        self._taint(way, reason)
        return inconclusive(way.exchange, None, reason, way.terms.redactor)

    def _lost(self, way: _Way, drop: Drop) -> Drop:
        self._taint(way, drop)
        return drop

    def _taint(self, way: _Way, why: str) -> None:
        """A write that the primary may have done, and the shadow has not, or nobody knows."""
        if not way.found.writes or not _may_have_changed(way.exchange.primary.outcome):
            return
        self.book.taint(way.side, way.found.names, why)
        hidden = way.found.unreadable or way.exchange.plan.reason == OVER_CAP
        if hidden and way.terms.ids.reads_bodies:
            self.book.taint_all([way.side.backend], way.at)

    async def _saved(self) -> None:
        try:
            await self.book.save()
        except Unavailable:
            return  # it waits in the book, and goes with the next


def _obstacle(asked: tuple[Found, ...], known: dict[Name, Twin], backend: Backend) -> str | None:
    """Why the shadow cannot be asked about these."""
    if any(row.gap is not None for row in known.values()):
        return GAP
    for each in asked:
        row = known.get((each.entity.name, each.id))
        if each.entity.identity is Identity.TWIN and (row is None or row.twin is None):
            return UNPAIRED if backend.takes_writes else ABSENT
    return None


def _unfair(found: Touched, known: dict[Name, Twin]) -> str | None:
    """Why the answers to a read may differ by what was never copied."""
    if any(row.gap is not None for row in known.values()):
        return GAP
    for each in found.answered if not found.asked else ():
        row = known.get((each.entity.name, each.id))
        if each.entity.identity is Identity.TWIN and (row is None or row.twin is None):
            return UNPAIRED
    return None


def _may_have_changed(outcome: Response | Failure) -> bool:
    if isinstance(outcome, Failure):
        return outcome.maybe_sent
    return outcome.status < 400 or outcome.status >= 500


def _succeeded(answer: Response) -> bool:
    return 200 <= answer.status < 300


def _turn(addresses: tuple[int, ...], exchange_id: str) -> int:
    return addresses[sum(exchange_id.encode()) % len(addresses)]
