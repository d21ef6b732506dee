"""What can be read from a store. Times are Unix seconds, latencies seconds, shares between 0 and 1.

Law of this file: plain frozen values, so that every report prints the same facts.
"""

from dataclasses import dataclass

from comparators import Cause, Difference, Severity, Verdict
from proxy.evidence.findings import Decided, State
from proxy.evidence.noise import Judgement
from proxy.messages import Observation, Request, Stage, System
from proxy.store.record import NoisePair


@dataclass(frozen=True, slots=True)
class Latencies:
    """How long one system took to answer, within 1 %. Failures are not in it."""

    count: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class NoiseSeen:
    """What the noise control says of a cause: of `pairs` exchanges in which both the candidate and a second legacy were
    compared with legacy, in how many both differ, the candidate alone, the second legacy (`control`) alone.

    `needed`: about how many more pairs it takes to know; None: not asked, or too many to say.
    """

    judgement: Judgement
    both: int
    candidate: int
    control: int
    pairs: int
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class FieldFinding:
    """One cause of differences: in how many exchanges, which is what share of those compared (with 95 % confidence at
    most `upper`), and the latest pair.

    `id`: of its finding; "" for what a rule excuses, and for what is counted together. `pattern` has `[*]` for each
    index. `rule`: what excuses it, or None. `severity`: of the latest pair. `noise`: None without a noise control.
    """

    id: str
    pattern: str
    kind: str
    value_class: str
    rule: str | None
    severity: Severity
    count: int
    share: float
    upper: float
    first_seen: float
    last_seen: float
    exchange_id: str
    path: str
    legacy: str | None
    candidate: str | None
    state: State = State.OPEN
    decided: Decided | None = None
    noise: NoiseSeen | None = None

    @property
    def is_noise(self) -> bool:
        return self.noise is not None and self.noise.judgement is Judgement.NOISE

    @property
    def is_unexplained(self) -> bool:
        """Whether somebody has to look at it: it is no noise, and nobody accepted it or mended it for good."""
        return not self.state.is_settled and (self.state is State.REGRESSED or not self.is_noise)


@dataclass(frozen=True, slots=True)
class FailureCount:
    """How often a system gave no answer, of one kind."""

    system: System
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How often, and why."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class ControlReport:
    """The noise control of a route: exchanges on which it was compared, and what else became of its copies."""

    pairs: int
    outcomes: tuple[ReasonCount, ...]


@dataclass(frozen=True, slots=True)
class RouteReport:
    """One route: verdicts, what differs (the unexplained first, then the most frequent; excused ones apart), and
    how long both systems took.

    Of the mismatches, `noise` have only causes that are judged noise, and `settled` only such and causes that were
    accepted or fixed. `upper`: what share of those compared the unexplained ones are at most, with 95 % confidence.
    """

    route: str
    match: int
    ignored: int
    mismatch: int
    inconclusive: int
    reasons: tuple[ReasonCount, ...]
    fields: tuple[FieldFinding, ...]
    excused: tuple[FieldFinding, ...]
    legacy: Latencies | None
    candidate: Latencies | None
    failures: tuple[FailureCount, ...]
    noise: int = 0
    settled: int = 0
    upper: float = 1.0
    control: ControlReport | None = None

    @property
    def unexplained(self) -> int:
        """Mismatches that somebody has to look at."""
        return self.mismatch - self.noise - self.settled

    @property
    def regressed(self) -> tuple[FieldFinding, ...]:
        """What was called fixed and came back."""
        return tuple(each for each in self.fields if each.state is State.REGRESSED)

    @property
    def exchanges(self) -> int:
        return self.compared + self.inconclusive

    @property
    def compared(self) -> int:
        return self.match + self.ignored + self.mismatch


@dataclass(frozen=True, slots=True)
class Report:
    """All routes, those with most mismatches first.

    `since` is a full minute. `first` and `last`: when the first and the last exchange began, at any time, on `route` if
    one was asked for. Of all routes, always: `dropped`, what was never compared, by reason, as counted from their start
    by the processes that were alive since then; `unaccounted`, in the whole life of the store, copies that were taken
    and neither stored nor counted as dropped: lost with a process that was killed, or still on their way; `diverged`,
    how many entities a write has left otherwise on the two sides.
    """

    since: float | None
    first: float | None
    last: float | None
    routes: tuple[RouteReport, ...]
    dropped: tuple[ReasonCount, ...]
    route: str | None = None
    unaccounted: int = 0
    diverged: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """One exchange in which a cause showed, and the pair of values there."""

    exchange_id: str
    path: str
    legacy: str | None
    candidate: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause on its route, over the whole life of the store. `examples`: up to five, the latest first.

    `seems_gone`: it would have been seen again by now, at the least rate that its past allows.
    """

    route: str
    field: FieldFinding
    compared: int
    examples: tuple[Example, ...]
    seems_gone: bool


@dataclass(frozen=True, slots=True)
class Noise:
    """A cause that the noise control speaks of, and the latest pairs of values of the two legacies there."""

    field: FieldFinding
    pairs: tuple[NoisePair, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Mismatches with the same causes, with the unexcused differences of the latest example."""

    route: str
    fingerprint: str
    causes: tuple[Cause, ...]
    count: int
    first_seen: float
    last_seen: float
    examples: tuple[str, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """One exchange as it was kept: redacted, and named by system. `is_whole`: False for one of many, of which
    fields and bodies were not kept.
    """

    id: str
    started_at: float
    route: str
    stage: Stage
    primary: System
    plan_reason: str
    table: str
    request: Request
    legacy: Observation | None
    candidate: Observation | None
    verdict: Verdict
    reason: str | None
    fingerprint: str | None
    differences: tuple[Difference, ...]
    is_whole: bool
