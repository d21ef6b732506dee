"""What a comparison says: verdicts, kinds, differences, and which mismatches are one finding.

Law of this file: a comparison is bounded, and its verdict never depends on what the bound left out. Unexcused and
excused differences are counted apart, so that a flood of excused ones can't hide one that is not.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from comparators.paths import pattern_of
from comparators.value_classes import value_class

MAX_DIFFERENCES = 100
"""How many unexcused differences one comparison lists, and how many excused ones."""

EQUAL_BY_VALUE = "equal by value"
"""The built-in rule that excuses `Kind.SPELLING`. It is no rule of a policy, so it leaves the verdict `match`."""


class Verdict(StrEnum):
    """What came of a comparison."""

    MATCH = "match"
    IGNORED = "ignored"  # there are differences, and the policy's rules excuse all of them
    MISMATCH = "mismatch"
    INCONCLUSIVE = "inconclusive"  # nothing fair to compare


class Kind(StrEnum):
    """How two answers differ at one path. Closed: a reader may rely on the list."""

    STATUS = "status"
    HEADER = "header"  # an included header has other values, or the same in another order
    VALUE = "value"  # same type, another value
    TYPE = "type"  # another JSON type; null is a type
    MISSING = "missing"  # legacy has it, the candidate does not
    ADDED = "added"  # the candidate has it, legacy does not
    LENGTH = "length"  # a list has another number of elements
    ORDER = "order"  # a list has the same elements in another order; shown are their places in the legacy's list
    TIMEZONE = "timezone"  # two timestamps: same instant or same clock reading, but another zone
    SPELLING = "spelling"  # the same number written otherwise: information only
    DUPLICATE = "duplicate"  # one object repeats a key, the other does not, or with other values
    SYNTAX = "syntax"  # one body can be read as what it says that it is (JSON, XML), the other can not
    ROUNDING = "rounding"  # two amounts of money, one minor unit or less apart
    TWIN = "twin"  # an id that is renamed, but not as elsewhere in this exchange


class Severity(StrEnum):
    """What a difference means to a client. Information beside the verdict: a `mismatch` of severity `info` is one."""

    BREAKING = "breaking"  # a client of legacy may do something else
    ADDITIVE = "additive"  # something that legacy does not have; a client that skips what it doesn't know is well
    INFO = "info"  # the same said otherwise


_SEVERITIES: Final = {Kind.ADDED: Severity.ADDITIVE, Kind.SPELLING: Severity.INFO}
_OF_THE_KIND: Final[Any] = None


def severity_of(kind: Kind) -> Severity:
    """The severity that a kind has of itself."""
    return _SEVERITIES.get(kind, Severity.BREAKING)


class Difference(Struct, frozen=True, eq=False):
    """One difference.

    `path` is concrete: "$.lines[3].amount", "status", "header:location", "body", or "body.lines[0]" for a text.
    `legacy` and `candidate` are the values as JSON text of bounded length (a cut is marked "…"), None for a value that
    is not there. `rule` names the rule that excuses the difference, such as "Ignore $..request_id"; None: nothing does.
    `severity` left out is that of the kind: `added` is additive, `spelling` is info, all else is breaking.
    `value_class` says in a word how the values differ (value_classes.py), where no rule excuses that; since it follows
    from the clear values it is no part of what makes two differences equal.
    """

    path: str
    kind: Kind
    legacy: str | None
    candidate: str | None
    rule: str | None = None
    severity: Severity = _OF_THE_KIND
    value_class: str = ""

    def __post_init__(self) -> None:
        if self.severity is _OF_THE_KIND:
            force_setattr(self, "severity", severity_of(self.kind))

    def _compared(self) -> tuple[str | None, ...]:
        return self.path, self.kind, self.legacy, self.candidate, self.rule, self.severity

    def __eq__(self, other: object) -> bool:
        return self._compared() == other._compared() if isinstance(other, Difference) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._compared())

    @property
    def pattern(self) -> str:
        """The path with each list index as `[*]`."""
        return pattern_of(self.path)

    @property
    def cause(self) -> "Cause":
        """What it has in common with all that differ for the same reason."""
        return self.pattern, self.kind.value, self.value_class


Cause: TypeAlias = tuple[str, str, str]
"""Pattern, kind and value class."""


class Comparison(Struct, frozen=True):
    """A verdict and what it rests on. `reason`: why it is inconclusive, or that the list was cut."""

    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    reason: str | None = None

    @property
    def unexcused(self) -> tuple[Difference, ...]:
        """The differences that no rule excuses."""
        return tuple(difference for difference in self.differences if difference.rule is None)


class Mark(Struct, frozen=True):
    """A point in a list of findings to which one may go back."""

    listed: int
    unexcused: int
    excused: int
    by_policy: int


def _none(legacy: str, candidate: str) -> bool:
    return False


class Findings:
    """Differences in the order found, bounded; becomes a Comparison at the end."""

    __slots__ = ("_by_policy", "_excused", "_listed", "doubt", "full", "renamed", "unexcused")

    def __init__(self) -> None:
        self._listed: list[Difference] = []
        self._excused = 0
        self._by_policy = 0
        self.unexcused = 0
        self.full = False  # no more need be looked for: the verdict is certain and the list is at its bound
        self.doubt: str | None = None  # why something that looks equal may not be
        self.renamed: Callable[[str, str], bool] = _none  # whether two ids, as a URL has them, were found to be twins

    def add(self, difference: Difference) -> None:
        if difference.rule is None:
            self.unexcused += 1
            self.full = self.unexcused >= MAX_DIFFERENCES
            count = self.unexcused
        else:
            self._excused += 1
            self._by_policy += difference.rule != EQUAL_BY_VALUE
            count = self._excused
        if count <= MAX_DIFFERENCES:
            self._listed.append(difference)

    def mark(self) -> Mark:
        return Mark(len(self._listed), self.unexcused, self._excused, self._by_policy)

    def back_to(self, mark: Mark) -> None:
        del self._listed[mark.listed :]
        self.unexcused, self._excused, self._by_policy = mark.unexcused, mark.excused, mark.by_policy
        self.full = False

    def conclude(self, unfair: str | None = None) -> Comparison:
        """The comparison; `unfair` says what could not be compared fairly. A mismatch found is one nevertheless."""
        unfair = unfair or self.doubt
        reasons = [reason for reason in (unfair, self._cut()) if reason]
        return Comparison(self._verdict(unfair), tuple(map(_classed, self._listed)), "; ".join(reasons) or None)

    def _verdict(self, unfair: str | None) -> Verdict:
        if self.unexcused:
            return Verdict.MISMATCH
        if unfair:
            return Verdict.INCONCLUSIVE
        return Verdict.IGNORED if self._by_policy else Verdict.MATCH

    def _cut(self) -> str | None:
        if self.full:
            return f"{MAX_DIFFERENCES} unexcused differences are listed; no more were looked for"
        if self._excused > MAX_DIFFERENCES:
            return f"{MAX_DIFFERENCES} of {self._excused} excused differences are listed"
        return None


def _classed(difference: Difference) -> Difference:
    if difference.rule is not None:
        return difference
    found = value_class(difference.kind, difference.legacy, difference.candidate)
    return replace(difference, value_class=found)


CUT: Final[Cause] = ("(more)", "cut", "")
"""A cause of each comparison whose list is at its bound: who knows all others still does not know what was left out."""


def causes(differences: Iterable[Difference]) -> tuple[Cause, ...]:
    """The causes of unexcused differences, each once, however often it shows in one answer; and CUT where the list is
    at its bound.
    """
    found = [difference.cause for difference in differences if difference.rule is None]
    return tuple(sorted({*found, CUT} if len(found) >= MAX_DIFFERENCES else set(found)))


def fingerprint(group: str, causes: Iterable[Cause]) -> str:
    """32 hex digits over `group` (the route) and causes: of one cause the name of its finding, of all causes of an
    exchange what makes it alike to others.

    Severity is no part: it is what people say of a cause, and a rule that says otherwise must not make a known cause a
    new one.
    """
    return hashlib.sha256(json.dumps([group, sorted(causes)]).encode()).hexdigest()[:32]
