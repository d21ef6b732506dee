"""Rules as data: what may differ between the two systems, and by how much.

Law of this file: a rule excuses, it never equates. Two values that a rule excuses are still listed, with the rule's
name, and the verdict is `ignored`. A value that is missing on one side is excused by `IgnoreRule` only, one of another
JSON type by `IgnoreRule` and `MoneyRule`. Rules concern bodies; how a body that is not JSON gets its paths is said in
its reader (form, multipart, table, xml).

A `sibling` is the name of a member beside the value ("currency"), or a path from the root of names and indexes
("$.order.currency").
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal, TypeAlias

from comparators.differences import Severity


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """Whatever stands at `path` doesn't count, nor whether an object has it. A list's length counts still: of `[1]` and
    `[1, 2]` at `$.a` it is `Ignore $.a` that excuses the length, not `Ignore $.a[*]`.
    """

    path: str

    @property
    def name(self) -> str:
        return f"Ignore {self.path}"


@dataclass(frozen=True, slots=True)
class DecimalRule:
    """Two numbers at `path`, both JSON numbers or both strings, may differ by the largest of these, inclusive:

    `tolerance`, absolute; `relative`, a share of the larger of the two sizes; `minor_units` of the currency that the
    sibling `currency` names on both sides (a unit of JPY is 1, of EUR 0.01, of BHD 0.001).
    """

    path: str
    tolerance: Decimal = Decimal(0)
    relative: Decimal = Decimal(0)
    minor_units: Decimal = Decimal(0)
    currency: str = "currency"

    @property
    def name(self) -> str:
        return f"Decimal {self.path}"


class Units(StrEnum):
    """How an amount is written."""

    AUTO = "auto"  # a JSON integer is minor units; a string, and a number with a decimal point, is major units
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class MoneyRule:
    """Two amounts at `path` are equal by value in one currency, as string, number or minor units.

    The sibling `currency` has to name the same currency on both sides, in any case. How many minor units a unit has is
    said by the sibling `exponent` of that side if it is named and there, else by ISO 4217. Amounts that differ by one
    minor unit or less get the kind `rounding`, which nothing excuses. Where `legacy` and `candidate` are not the same,
    equal numbers are looked at as well: 1000 cents are not 1000 EUR.
    """

    path: str
    currency: str = "currency"
    exponent: str | None = None
    legacy: Units = Units.AUTO
    candidate: Units = Units.AUTO

    @property
    def name(self) -> str:
        return f"Money {self.path}"

    @property
    def has_two_units(self) -> bool:
        """Whether the two systems write amounts each in its own way, so that equal numbers may be two amounts."""
        return self.legacy is not self.candidate


@dataclass(frozen=True, slots=True)
class TimestampRule:
    """Two instants at `path` may lie `tolerance` seconds apart, inclusive.

    Both are ISO 8601, both Unix seconds or both Unix milliseconds, and both numbers or both strings; see `instants`.
    The zone may be another: the instant counts.
    """

    path: str
    tolerance: Decimal | float = Decimal(0)

    @property
    def name(self) -> str:
        return f"Timestamp {self.path}"


@dataclass(frozen=True, slots=True)
class PatternRule:
    """Two strings, or two numbers, at `path` may differ if the RE2 expression `pattern` matches each as a whole."""

    path: str
    pattern: str

    @property
    def name(self) -> str:
        return f"Pattern {self.path}"


@dataclass(frozen=True, slots=True)
class UnorderedRule:
    """The order of the list at `path` doesn't count; how often an element stands in it does.

    Elements are paired by their member `key`, or by what they hold: equal ones first, then those that other rules
    excuse, then the most alike. What differs within a pair has the path of the legacy's element. An element without a
    partner is `missing` or `added`.
    """

    path: str
    key: str | None = None

    @property
    def name(self) -> str:
        return f"Unordered {self.path}"


@dataclass(frozen=True, slots=True)
class TwinRule:
    """Ids at `path` may be others in the candidate if they are so consistently: in one comparison, over all paths with
    such a rule, one id of legacy has one id of the candidate and the other way round. Where that fails the kind is
    `twin`, also if the two ids at that place are equal.
    """

    path: str
    word: Literal["Twin", "Alias"] = "Twin"

    @property
    def name(self) -> str:
        return f"{self.word} {self.path}"


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """Differences at `path` and below have this severity; it excuses none. The longest path counts, then the first."""

    path: str
    severity: Severity

    @property
    def name(self) -> str:
        return f"Severity {self.path}"


Rule: TypeAlias = (
    IgnoreRule | DecimalRule | MoneyRule | TimestampRule | PatternRule | UnorderedRule | TwinRule | SeverityRule
)

Excusing: TypeAlias = DecimalRule | MoneyRule | TimestampRule | PatternRule
"""The rules that look at two values."""
