"""What the store is given: one compared exchange, or the counters of one process.

Law of this file: pure words. All that is in a Record has been through redaction before; no database is known here.
"""

from dataclasses import dataclass

from comparators import Difference, Verdict
from proxy.messages import Exchange, Observation


@dataclass(frozen=True, slots=True)
class Record:
    """One compared exchange, redacted. `shadow`: None if no copy was sent; `fingerprint`: None unless a mismatch."""

    exchange: Exchange
    shadow: Observation | None
    verdict: Verdict
    reason: str | None
    differences: tuple[Difference, ...]
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """The counters of one process since it started: cumulative, so a later one replaces an earlier one.

    `source` names the process and its start ("worker-1:8f2c"); `at` is Unix time in seconds; `counts` holds
    (name, label, value), e.g. ("dropped", "channel-full", 12).
    """

    source: str
    at: float
    counts: tuple[tuple[str, str, int], ...]
