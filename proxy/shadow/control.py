"""The noise control: a second legacy is asked the same, at the same time, and its answer is compared with legacy's.

Law of this file: nothing that happens here changes the comparison that it goes with. The second legacy is guarded like
any shadow and has a lane of its own, in which nobody waits; what came of it is one word, which is counted; our own
mistakes end here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from comparators import CUT, Answer, Difference, Verdict, causes, compare
from proxy.messages import Exchange, Observation, Response, System
from proxy.shadow.attestation import NOWHERE
from proxy.shadow.defects import Defects
from proxy.shadow.ground import Second, Terms
from proxy.shadow.guard import may_send
from proxy.shadow.lane import Lane
from proxy.shadow.ports import Counters, Sender
from proxy.shadow.request import marked_copy
from proxy.store.record import COMPARED, Control, Record

NOISE: Final = "strangler_noise_total"

NO_COMPARISON, OTHER_STATUS, UNREADABLE = "no-comparison", "other-status", "unreadable"
TOO_MANY, INTERNAL = "too-many-differences", "internal"
"""What comes of a second legacy, besides COMPARED, the words of FailureKind and Refusal, and those of Drop without
their "shadow-". Another status is another situation (it is down, or throttles us) and says nothing of noise; nor does a
list of differences at its bound, which does not say what it left out.
"""


Read: TypeAlias = Callable[[Response, str, Exchange], Answer]
"""How an answer of a backend to an exchange is read."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the second legacy did: its answer, or a word for why there is none."""

    answer: Response | str


class NoiseControl:
    """Asks second legacies and compares what they say."""

    def __init__(self, sender: Sender, counters: Counters, defects: Defects, read: Read) -> None:
        self._sender, self._counters, self._defects, self._read = sender, counters, defects, read

    async def ask(self, exchange: Exchange, terms: Terms, second: Second) -> Heard:
        """What it says. Raises nothing but CancelledError."""
        refusal = may_send(exchange, terms.route, second.backend, NOWHERE)
        if refusal is not None or second.backend is None:
            return Heard(str(refusal))
        try:
            return Heard(await self._answer(exchange, terms, second.backend.name, second.lane))
        except Exception as error:  # noqa: BLE001  # our own mistakes cost the control, not the comparison
            self._defects.say(error, exchange.id)
            return Heard(INTERNAL)

    async def _answer(self, exchange: Exchange, terms: Terms, backend: str, lane: Lane) -> Response | str:
        async with lane.place() as drop:
            if drop is not None:
                return drop.removeprefix("shadow-")
            copy = marked_copy(exchange.request)
            outcome = await self._sender.send(backend, copy, exchange.hop, terms.route.shadowing.timeout)
        lane.health.heard(outcome)
        return outcome if isinstance(outcome, Response) else outcome.kind.value

    def added(self, record: Record, exchange: Exchange, shadow: Observation, heard: Heard, terms: Terms) -> Record:
        """The record with what the control showed, redacted."""
        legacy = exchange.primary if exchange.primary.system is System.LEGACY else shadow
        try:
            control = self._compared(record, exchange, legacy, heard, terms)
        except Exception as error:  # noqa: BLE001  # as above
            self._defects.say(error, exchange.id)
            control = Control(INTERNAL)
        self._counters.inc(NOISE, (exchange.plan.route, control.outcome))
        return replace(record, control=control)

    def _compared(self, record: Record, exchange: Exchange, legacy: Observation, heard: Heard, terms: Terms) -> Control:
        first, second = legacy.outcome, heard.answer
        if isinstance(second, str):
            return Control(second)
        if record.verdict is Verdict.INCONCLUSIVE or not isinstance(first, Response):
            return Control(NO_COMPARISON)
        if first.status != second.status:
            return Control(OTHER_STATUS)
        ours = self._read(first, legacy.backend, exchange)
        theirs = self._read(second, terms.route.shadowing.noise or "", exchange)
        comparison = compare(ours, theirs, terms.policy)
        if comparison.verdict is Verdict.INCONCLUSIVE:
            return Control(UNREADABLE)
        if CUT in (*causes(record.differences), *causes(comparison.differences)):
            return Control(TOO_MANY)
        differences = terms.redactor.differences(_one_each(comparison.unexcused), second.headers)
        return Control(COMPARED, differences)


def _one_each(differences: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """One difference of each cause."""
    return tuple({difference.cause: difference for difference in reversed(differences)}.values())
