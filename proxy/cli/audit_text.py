"""The audit log as people read it in a terminal, and as JSON for programs.

Law of this file: however many faults there are, a bounded number is kept and named; the rest is counted.
"""

from collections.abc import AsyncIterable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.text import Text

from proxy.cli.documents import document
from proxy.cli.words import count, moment, printable, shown
from proxy.evidence.chain import Chain, Fault, Link

MOST_FAULTS: Final = 100
"""Faults that are named."""

_NOT_AN_ENTRY: Final = "not an entry; `strangler audit verify` says what is wrong"


@dataclass(slots=True)
class Verdict:
    """What is wrong with the chain that was walked."""

    chain: Chain
    faults: list[Fault] = field(default_factory=list)
    number: int = 0

    @property
    def whole(self) -> bool:
        return self.number == 0

    async def follow(self, found: AsyncIterable[Fault]) -> None:
        """Take all faults."""
        async for fault in found:
            self.add([fault])

    def add(self, found: Iterable[Fault]) -> None:
        """Take these faults."""
        for fault in found:
            self.number += 1
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(fault)

    def document(self) -> str:
        """As JSON. `faultCount`: of all faults; the first ones are in `faults`."""
        return document(
            whole=self.whole,
            entries=self.chain.entries,
            head=self.chain.head,
            fault_count=self.number,
            faults=self.faults,
        )

    def text(self) -> str:
        """A line for each fault, and one for the whole."""
        entries, head = _entries(self.chain.entries), self.chain.head
        if self.whole:
            return f"whole: {entries}; head {head.number} {head.hash}"
        more = [f"and {self.number - len(self.faults):,} more"] if self.number > len(self.faults) else []
        named = [printable(str(fault)) for fault in self.faults]
        return "\n".join([*named, *more, f"NOT WHOLE: {count(self.number, 'fault')} in {entries}"])


@dataclass(frozen=True, slots=True)
class _Listed:
    """One entry as JSON. `at`: RFC 3339 in UTC, to the millisecond; an export has it to the bit."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    reason: str
    ticket: str | None
    before: str
    after: str
    details: str
    hash: str


@dataclass(frozen=True, slots=True)
class _Damaged:
    """What is listed where no entry can be read."""

    number: int
    damaged: bool = True


def rows_document(rows: Sequence[tuple[int, Link | None]]) -> str:
    """These rows as JSON."""
    return document(entries=[_Damaged(number) if link is None else _listed(link) for number, link in rows])


def print_rows(rows: Sequence[tuple[int, Link | None]]) -> None:
    """These rows, a few lines each."""
    console = Console(highlight=False, soft_wrap=True)
    if not rows:
        console.print("no entries. They come when a route is flipped, overridden or reloaded.")
    for number, link in rows:
        _print(console, number, link)


def _print(console: Console, number: int, link: Link | None) -> None:
    if link is None:
        console.print(Text.assemble(Text(f"{number}  ", style="bold"), shown(_NOT_AN_ENTRY, "bold red")))
        return
    title = Text(f"{number}  {_moment(link.at)}  ", style="bold")
    what = Text.assemble(shown(link.action, "cyan"), "  ", shown(link.subject, "bold"))
    console.print(Text.assemble(title, what, "  by ", shown(link.actor or "-")))
    if link.before or link.after:
        console.print(Text("    ") + shown(f"{link.before or '-'} → {link.after or '-'}"))
    if link.reason or link.ticket:
        console.print(Text("    ") + shown(link.reason) + shown(f"  ({link.ticket})" if link.ticket else "", "dim"))
    if link.details not in ("", "{}"):
        console.print(Text("    ") + shown(link.details, "dim"))


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number:,} entries"


def _moment(at: float) -> str:
    try:
        return moment(at)
    except (ValueError, OverflowError, OSError):
        return f"{at!r} s"


def _listed(link: Link) -> _Listed:
    try:
        at = datetime.fromtimestamp(link.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        at = repr(link.at)
    return _Listed(
        number=link.number,
        at=at,
        actor=link.actor,
        action=link.action,
        subject=link.subject,
        reason=link.reason,
        ticket=link.ticket,
        before=link.before,
        after=link.after,
        details=link.details,
        hash=link.hash,
    )
