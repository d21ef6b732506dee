"""What the control process asks for, done, and answered as HTTP is: a status and a JSON body.

Law of this file: whoever may ask was checked where the request came in; what is asked is checked here once more.
"""

import time
from collections.abc import Callable
from typing import Final

import msgspec

from proxy.control import asks
from proxy.control.answers import Problem
from proxy.control.asks import Changed, ClearAsked, OverrideAsked
from proxy.routing.override import Override
from proxy.runtime.changing import Changes, Outcome
from proxy.runtime.link import Ask, Told

OK: Final = 200
REFUSED: Final = 422
BUSY: Final = 503

_encode = msgspec.json.Encoder().encode


class Requests:
    """`clock`: Unix seconds."""

    def __init__(self, changes: Changes, clock: Callable[[], float] = time.time) -> None:
        self._changes, self._clock = changes, clock

    async def answer(self, ask: Ask) -> Told:
        """Never raises for what is asked."""
        try:
            outcome, before = await self._done(ask)
        except msgspec.MsgspecError as fault:
            return _refused(ask, f"The request is not understood: {fault}.")
        if outcome.trouble is not None:
            return _refused(ask, outcome.trouble)
        body = Changed(outcome.hash, outcome.hash != before, outcome.late)
        return Told(ask.number, OK, _encode(body).decode())

    async def _done(self, ask: Ask) -> tuple[Outcome, str]:
        before = self._changes.hash
        match ask.what:
            case asks.RELOAD:
                return await self._changes.reload("operator: POST /api/v1/reload"), before
            case asks.OVERRIDE:
                asked = msgspec.json.decode(ask.body, type=OverrideAsked)
                return await self._changes.override(_override(asked, self._clock())), before
            case asks.CLEAR:
                end = msgspec.json.decode(ask.body, type=ClearAsked)
                return await self._changes.clear(end.subject, end.by), before
            case unknown:
                return Outcome(before, f"{unknown!r} is nothing that can be asked for"), before


def busy(ask: Ask) -> Told:
    """Nothing is changed while another process takes over, or after: it would not be known to the one that stays."""
    problem = Problem(BUSY, "Service Unavailable", "This strangler is being replaced or ends: ask again in a moment.")
    return Told(ask.number, BUSY, _encode(problem).decode())


def _override(asked: OverrideAsked, now: float) -> Override:
    return Override(
        subject=asked.subject,
        stage=asked.stage,
        weight=asked.weight,
        begins=now,
        ends=now + asked.seconds,
        by=asked.by,
        reason=asked.reason,
        ticket=asked.ticket,
        break_glass=asked.break_glass,
    )


def _refused(ask: Ask, detail: str) -> Told:
    problem = Problem(REFUSED, "Unprocessable Content", detail)
    return Told(ask.number, REFUSED, _encode(problem).decode())
