"""Rules as data: what may differ between the two systems, and by how much.

Law of this file: a rule excuses, it never equates. Two values that a rule excuses are still listed, with the rule's
name, and the verdict is `ignored`. A value that is missing on one side, or of another JSON type, is excused by
`IgnoreRule` only. Rules concern JSON bodies.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias


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
    """Two numbers at `path` may differ by `tolerance`: absolute, inclusive. Both are JSON numbers, or both strings."""

    path: str
    tolerance: Decimal = Decimal(0)

    @property
    def name(self) -> str:
        return f"Decimal {self.path}"


@dataclass(frozen=True, slots=True)
class TimestampRule:
    """Two instants at `path` may lie `tolerance` seconds apart, inclusive.

    Both are ISO 8601, both Unix seconds or both Unix milliseconds, and both numbers or both strings; see `instants`.
    """

    path: str
    tolerance: Decimal | float = Decimal(0)

    @property
    def name(self) -> str:
        return f"Timestamp {self.path}"


Rule: TypeAlias = IgnoreRule | DecimalRule | TimestampRule
