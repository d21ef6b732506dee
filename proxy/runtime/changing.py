"""Every change of the table in force, one after the other: a new file, an override, its end.

Law of this file: a change is in force when every worker has acknowledged it, and that is awaited for PATIENCE seconds;
who has not by then is named. What was changed, by whom and why goes to the audit log; a log that cannot be written is
said, and holds nothing up.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from proxy.config.annotation import Annotation, told_since
from proxy.config.load import Inspection
from proxy.control.state import Role
from proxy.evidence.entry import REASON, TEXT, Action, Entry
from proxy.routing.override import Override, overridden
from proxy.runtime.child import Process
from proxy.runtime.configuration import Configuration
from proxy.runtime.guarding import Guarding

PATIENCE: Final = 2.0
PROLONGED: Final = 60.0
"""Seconds by which an override goes on that cannot end."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`trouble`: why nothing was changed; `late`: names of processes that have not acknowledged the table."""

    hash: str
    trouble: str | None = None
    late: tuple[str, ...] = ()


class Changes:
    """`processes`: all that take tables; `record` writes to the audit log."""

    def __init__(
        self,
        configuration: Configuration,
        processes: Callable[[], Sequence[Process]],
        record: Callable[[Entry], Awaitable[None]],
    ) -> None:
        self._configuration, self._processes, self._record = configuration, processes, record
        self._one_at_a_time = asyncio.Lock()
        self.is_open: Callable[[str], bool] = lambda _route: False
        self.open: Callable[[], frozenset[str]] = frozenset
        self.guarding: Guarding | None = None

    @property
    def hash(self) -> str:
        """Of the table in force."""
        return self._configuration.table.hash

    async def reload(self, by: str) -> Outcome:
        """Take the file as it is now; if it holds what is in force, nothing is given out again."""
        async with self._one_at_a_time:
            before, text = self._configuration.table.hash, self._configuration.text
            if not self._late() and await asyncio.to_thread(self._configuration.is_current):
                return Outcome(before)
            found = await asyncio.to_thread(self._configuration.look)
            if not self._configuration.take(found, await self._objection(found, text)):
                _log.error("the new routes.yaml is not used: %s", self._configuration.fault)
                await self._note(Action.RELOAD_REFUSED, by, "", str(self._configuration.fault), before)
                return Outcome(before, str(self._configuration.fault))
            outcome = await self._give_out()
            if outcome.hash != before:
                _log.warning("route table %s in force, it was %s", outcome.hash, before)
                await self._note_reload(by, told_since(text, self._configuration.text), before)
            return outcome

    async def override(self, override: Override) -> Outcome:
        async with self._one_at_a_time:
            before = self._configuration.table.hash
            trouble = await self._barred(override)
            try:
                trouble = trouble or self._configuration.put(override)
            except OSError as fault:
                trouble = f"it could not be kept on disk, and would not survive a restart: {fault.strerror or fault}"
            if trouble is not None:
                return Outcome(before, trouble)
            outcome = await self._give_out()
            _log.warning("override: %s to %s by %s", override.subject or "all routes", override.stage, override.by)
            await self._note_override(Action.OVERRIDE, override.by, override, before)
            return outcome

    async def clear(self, subject: str | None, by: str) -> Outcome:
        async with self._one_at_a_time:
            return await self._end(subject, by)

    async def expire(self) -> None:
        """End the overrides whose time is over; but none whose end would give requests back to a candidate whose
        breaker is open: it is prolonged, and that is said.
        """
        for override in self._configuration.ended():
            async with self._one_at_a_time:
                if override not in self._configuration.ended():  # renewed while we waited
                    continue
                unsafe = [name for name in self._configuration.returned(override) if self.is_open(name)]
                if unsafe:
                    self._prolong(override, unsafe)
                else:
                    outcome = await self._end(override.subject, "strangler: its time was over")
                    if outcome.trouble is not None:
                        _log.error("the override of %s goes on: %s", override.subject or "all routes", outcome.trouble)

    def _prolong(self, override: Override, unsafe: Sequence[str]) -> None:
        try:
            self._configuration.prolong(override, PROLONGED)
        except OSError as fault:
            _log.error("a prolonged override cannot be kept on disk: %s", fault.strerror or fault)
        _log.error(
            "override of %s does not end: the breaker of %s is open; it goes on for %.0f s",
            override.subject or "all routes",
            ", ".join(unsafe),
            PROLONGED,
        )

    async def note_breaker(self, route: str, reason: str, *, opened: bool) -> None:
        """A breaker has opened or closed."""
        action = Action.BREAKER_OPENED if opened else Action.BREAKER_CLOSED
        _log.error("%s: %s, %s", action, route, reason)
        await self._note(action, "strangler", route, reason, self.hash)

    async def note_upgrade(self, successor: int) -> None:
        """A process of another code has taken over."""
        await self._note(Action.UPGRADE, "strangler: SIGUSR2", "", f"process {successor} took over", self.hash)

    async def _end(self, subject: str | None, by: str) -> Outcome:
        before = self._configuration.table.hash
        try:
            ended = self._configuration.clear(subject)
        except OSError as fault:
            return Outcome(before, f"its end could not be kept on disk: {fault.strerror or fault}")
        if ended is None:
            return Outcome(before, f"there is no override of {subject or 'all routes'}")
        outcome = await self._give_out()
        _log.warning("override of %s ended: %s", subject or "all routes", by)
        await self._note_override(Action.OVERRIDE_ENDED, by, ended, before)
        return outcome

    async def _objection(self, found: Inspection, text: str) -> str | None:
        """Why the table of a new file may not be in force yet."""
        if self.guarding is None or found.table is None:
            return None
        excused = [each.subject for each in told_since(text, found.source) if each.note.break_glass]
        return await self.guarding.objection(self._configuration.base, found.table, excused)

    async def _barred(self, override: Override) -> str | None:
        """Why an override may not be in force yet."""
        if self.guarding is None or override.break_glass:
            return None
        table = self._configuration.table
        return await self.guarding.objection(table, overridden(table, (override,)))

    async def _give_out(self) -> Outcome:
        configuration = self._configuration
        if self.guarding is not None:
            self.guarding.stand(configuration.table, self.open())
        for process in self._processes():
            process.load(configuration.document, configuration.overrides)
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(worker.acknowledged(configuration.table.hash) for worker in self._workers()))
        except TimeoutError:
            pass
        if late := self._late():
            _log.error("not everybody has taken route table %s: %s", configuration.table.hash, ", ".join(late))
        elif self.guarding is not None:
            self.guarding.pinned(configuration.table)
        return Outcome(configuration.table.hash, late=late)

    def _workers(self) -> list[Process]:
        """Whose acknowledgement counts: the runner has time."""
        return [process for process in self._processes() if process.role is Role.WORKER]

    def _late(self) -> tuple[str, ...]:
        """The workers that have not acknowledged the table in force."""
        return tuple(each.name for each in self._workers() if each.status.table_hash != self.hash)

    async def _note_reload(self, by: str, flips: Sequence[Annotation], before: str) -> None:
        """With what the file says of flips, for a server that sees the file alone."""
        told = [f"{each.subject} {each.before} -> {each.after} by {each.note.by}: {each.note.reason}" for each in flips]
        tickets = [each.note.ticket for each in flips if each.note.ticket is not None]
        subject = flips[0].subject if len(flips) == 1 else ""
        ticket = ", ".join(dict.fromkeys(tickets))[:TEXT] or None
        reason = "; ".join(told)[:REASON]
        await self._record(Entry(time.time(), by, Action.RELOAD, subject, reason, ticket, before, self.hash))

    async def _note_override(self, action: Action, by: str, override: Override, before: str) -> None:
        await self._note(action, by, override.subject or "*", override.reason, before, override)

    async def _note(
        self, action: Action, by: str, subject: str, reason: str, before: str, override: Override | None = None
    ) -> None:
        details = _details(override) if override is not None else "{}"
        ticket = override.ticket if override is not None else None
        after = self._configuration.table.hash
        entry = Entry(time.time(), by[:255], action, subject[:255], reason[:1000], ticket, before, after, details)
        await self._record(entry)


def _details(override: Override) -> str:
    """As JSON, without its reason, which stands in the entry itself."""
    return msgspec.json.encode(replace(override, reason="")).decode()
