"""Rules as data: what may differ between the two systems, and by how much.

Law of this file: a rule excuses, it never equates. Two values that a rule excuses are still listed, with the rule's
name, and the verdict is `ignored`. A value that is missing on one side is excused by `IgnoreRule` only. Rules concern
JSON bodies.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """Whatever stands at `path`, or is missing there, doesn't count."""

    path: str

    @property
    def name(self) -> str:
        return f"Ignore {self.path}"


@dataclass(frozen=True, slots=True)
class DecimalRule:
    """Two numbers at `path`, JSON numbers or strings that hold one, may differ by `tolerance`: absolute, inclusive."""

    path: str
    tolerance: Decimal = Decimal(0)

    @property
    def name(self) -> str:
        return f"Decimal {self.path}"


@dataclass(frozen=True, slots=True)
class TimestampRule:
    """Two instants at `path` (ISO 8601, or Unix time) may lie `tolerance` seconds apart, inclusive; see `instants`."""

    path: str
    tolerance: Decimal | float = Decimal(0)

    @property
    def name(self) -> str:
        return f"Timestamp {self.path}"


Rule: TypeAlias = IgnoreRule | DecimalRule | TimestampRule
