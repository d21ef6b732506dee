"""What the store is given: one compared exchange, or the counters of one process.

Law of this file: pure words. All that is in a Record has been through redaction before; no database is known here.
"""

from dataclasses import dataclass
from typing import TypeAlias

from comparators import Difference, Verdict
from proxy.messages import Exchange, Observation

COPIES = "copies"
TAKEN, LOST, DROPPED = "taken", "lost", "dropped"
"""Labels of COPIES: taken by a worker's channel; lost with its connection, as the worker saw; dropped by a runner."""


NoisePair: TypeAlias = tuple[str | None, str | None]
"""What legacy and a second legacy said, as a Difference has it."""

COMPARED = "compared"
"""The outcome of a Control that says something."""


@dataclass(frozen=True, slots=True)
class Control:
    """What a second legacy showed about one exchange: one word, and if it was compared, in what it differs from legacy,
    redacted, one difference a cause. Their `candidate` is what the second legacy said.
    """

    outcome: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One compared exchange, redacted. `shadow`: None if no copy was sent; `fingerprint`: None unless a mismatch;
    `is_whole`: False if fields and bodies were left out; `control`: None if no second legacy was asked.
    """

    exchange: Exchange
    shadow: Observation | None
    verdict: Verdict
    reason: str | None
    differences: tuple[Difference, ...]
    fingerprint: str | None
    is_whole: bool = True
    control: Control | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """The counters of one process since it started: cumulative, so a later one replaces an earlier one.

    `source` names the process and its start ("worker-1:8f2c"); `at` is Unix time in seconds; `counts` holds
    (name, label, value): ("dropped", "channel-full", 12) for what was given up, by reason, and (COPIES, TAKEN, 530)
    for what became of copies, so that those of which nobody knows can be told.
    """

    source: str
    at: float
    counts: tuple[tuple[str, str, int], ...]
