"""Entries as links of a chain: each carries the hash of the one before it, so that a change to the past shows.

Law of this file: a hash is the SHA-256, in hexadecimal, of the UTF-8 bytes of one JSON array without spaces:
`["strangler audit 1",number,previous,at,actor,action,subject,reason,ticket,before,after,details]`, spelled as Python's
json spells it with ensure_ascii=False. The first link is number 1 and names 64 zeros as the one before.

What this cannot show: whoever may rewrite every link from some point to the end, and the record of the end, makes
another chain that is whole. So note the head elsewhere (`verify` prints it, `export` writes all): a head that was noted
is found again only in the chain that led to it.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from proxy.evidence.entry import Entry

FIRST: Final = "0" * 64
"""What the first link names as the hash of the one before."""

_KIND_OF_HASH: Final = "strangler audit 1"


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry in its place, as it was found: what it holds was not looked at yet."""

    number: int
    at: float
    actor: str
    action: str
    subject: str
    reason: str
    ticket: str | None
    before: str
    after: str
    details: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends, or ended when somebody noted it. `number`: None if only the hash was noted."""

    number: int | None
    hash: str


class FaultKind(StrEnum):
    """What was done to a chain."""

    EDITED = "edited"
    DELETED = "deleted"
    BROKEN = "broken"
    ADDED = "added"
    CUT = "cut"
    UNKNOWN_HEAD = "unknown-head"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the rows `number` to `last`, and why."""

    number: int
    last: int
    kind: FaultKind
    why: str

    def __str__(self) -> str:
        rows = f"row {self.number}" if self.number == self.last else f"rows {self.number} to {self.last}"
        return f"{rows}: {self.kind}: {self.why}"


def digest(link: Link) -> str:
    """The hash that fits what the link holds."""
    held = [_KIND_OF_HASH, link.number, link.previous, link.at, link.actor, link.action, link.subject]
    held += [link.reason, link.ticket, link.before, link.after, link.details]
    return hashlib.sha256(json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def linked(entry: Entry, number: int, previous: str) -> Link:
    """The entry as the link of this number, behind the one with the hash `previous`."""
    link = Link(
        number=number,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        reason=entry.reason,
        ticket=entry.ticket,
        before=entry.before,
        after=entry.after,
        details=entry.details,
        previous=previous,
        hash="",
    )
    return msgspec.structs.replace(link, hash=digest(link))


class Chain:
    """A chain as it is walked, row by row, in the order in which it is kept. `noted`: a head that must be in it."""

    def __init__(self, noted: Head | None = None) -> None:
        self.entries = 0
        self._number = 0
        self._hash = FIRST
        self._fitting: tuple[str, ...] = (FIRST,)
        self._noted = noted
        self._found = noted is None or (noted.hash == FIRST and not noted.number)

    @property
    def head(self) -> Head:
        """The last row so far, as it stands."""
        return Head(self._number, self._hash)

    def take(self, number: int | None, link: Link | None) -> list[Fault]:
        """What is wrong with the next row. `link`: None if it is no link at all; `number`: None if not even that."""
        self.entries += 1
        here = self._number + 1 if number is None else number
        if here <= self._number:
            why = f"it stands behind row {self._number}" if self._number else "numbers begin with 1"
            return [Fault(here, here, FaultKind.ADDED, why)]
        faults = self._missing(here)
        if link is None:
            faults.append(Fault(here, here, FaultKind.EDITED, "it holds what no entry can hold"))
            self._number, self._hash, self._fitting = here, "", ()
        else:
            faults += self._misfits(here, link)
        return faults

    def ends(self, head: Head | None) -> list[Fault]:
        """What is wrong with the end, by the record that is kept of it. None: there is no such record."""
        last = self._number
        if head is None or head.number is None:
            why = "the record of the chain's end is gone, and maybe rows behind this one"
            return [Fault(last, last, FaultKind.CUT, why)] if self.entries else []
        if head.number > last:
            return [Fault(last + 1, head.number, FaultKind.CUT, "cut off at the end")]
        if head.number < last:
            why = f"added behind row {head.number}, which is recorded as the last"
            return [Fault(head.number + 1, last, FaultKind.ADDED, why)]
        if self._fitting and head.hash not in self._fitting:
            return [Fault(last, last, FaultKind.BROKEN, "it is not the row that is recorded as the last")]
        return []

    def lacks(self) -> list[Fault]:
        """The head that was noted, if no row was it."""
        if self._found or self._noted is None:
            return []
        number = self._number if self._noted.number is None else self._noted.number
        why = f"the head {self._noted.hash} is not in this chain: what led to it was rewritten or removed"
        return [Fault(number, number, FaultKind.UNKNOWN_HEAD, why)]

    def _missing(self, here: int) -> list[Fault]:
        if here == self._number + 1:
            return []
        self._fitting = ()
        return [Fault(self._number + 1, here - 1, FaultKind.DELETED, "missing")]

    def _misfits(self, here: int, link: Link) -> list[Fault]:
        fitting, due = digest(link), self._fitting
        self._number, self._hash, self._fitting = here, link.hash, (link.hash, fitting)
        if fitting != link.hash or link.number != here:
            return [Fault(here, here, FaultKind.EDITED, "what it holds does not fit its hash")]
        if self._noted is not None and link.hash == self._noted.hash and self._noted.number in (None, here):
            self._found = True
        if due and link.previous not in due:
            why = f"it does not follow {f'row {here - 1}' if here > 1 else 'the beginning'}: one of them was rewritten"
            return [Fault(here, here, FaultKind.BROKEN, why)]
        return []
