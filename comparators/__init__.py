"""Compares two answers to one request and says what differs, where, and whether a rule excuses it.

The law of this package: it is pure. It knows no proxy, opens nothing, reads no clock, and never calls two different
answers equal because they were hard to read: what it cannot read fairly is `inconclusive`, with the reason.

The way of one comparison, in order of the files:

    answers         Answer: status, headers, body; how its headers say that the body wants to be read
    rules           the rules as data: what may differ, and by how much
    paths           the text of a path <-> its segments; concrete paths and their patterns
    policy          compile_policy(): rules become a trie over path segments, once
      siblings      what stands beside a value: the currency of an amount, the key of an element
    judge           compare(): status, headers, bodies; the one place where a verdict is reached
      headers       the headers that the policy includes
        cookies, locations    Set-Cookie by name and attributes; each system's own host and ids in Location
      bodies        content codings off, then to the reader that the content types ask for
        formats     which reader that is
        codings     gzip, deflate, br, zstd, bounded
        document    JSON bytes -> exact values: Decimal, big integers, repeated keys seen
        json        two JSON texts -> differences
        form, multipart, table, xml    bodies -> values, and how their paths are written; readable: what they share
        walk        two values, side by side -> differences
          arrangement   was a list only put in another order, or did it only lose elements?
          pairing   which element belongs to which, where order doesn't count
          keys      values -> keys that are equal exactly if the values are
          twins     ids that the two systems call by other names
          excuses   does a rule excuse these two values?
            numbers, instants, money, currencies    exact numbers, instants, amounts; ISO 4217
        text        two texts, by line
        octets      everything else, by length and hash
    differences     Verdict, Kind, Severity, Difference, Comparison; causes() and fingerprint(): what is one finding
    value_classes   how two values differ, in a word: part of a cause
    display         a value as bounded JSON text
    explanation     explain(): DeepDiff's words for a person; compare() never asks it

What is equal:
- Equal bytes under equal content type and coding are a `match` whatever they hold: no reading can tell them apart.
  A `Money` rule can that gives the two systems other units: 1000 and 1000 are then 10.00 EUR and 1000.00 EUR.
- JSON numbers compare by exact value. A number spelled otherwise but of equal value (`1` and `1.0`, `10.0` and
  `10.00`, `1e2` and `100.0`) is told apart, with kind `spelling` and excused by the built-in rule "equal by value", and
  leaves a `match`.
- What a reader may take for either of two things, a key that both bodies repeat, is `inconclusive`, never equal, unless
  the bodies are equal bytes.
- A body is compared by what its format says: the order of form fields, the boundary of parts, an XML prefix and the
  quotes of a CSV cell are spelling.
- Everything else that differs is a `mismatch` until a rule excuses it; then it is `ignored`, never `match`.
"""

from comparators.answers import Answer
from comparators.differences import (
    CUT,
    EQUAL_BY_VALUE,
    MAX_DIFFERENCES,
    Cause,
    Comparison,
    Difference,
    Kind,
    Severity,
    Verdict,
    causes,
    fingerprint,
)
from comparators.explanation import explain
from comparators.judge import compare
from comparators.paths import PathError
from comparators.policy import Policy, compile_policy
from comparators.rules import (
    DecimalRule,
    IgnoreRule,
    MoneyRule,
    PatternRule,
    Rule,
    SeverityRule,
    TimestampRule,
    TwinRule,
    Units,
    UnorderedRule,
)

__all__ = [
    "CUT",
    "EQUAL_BY_VALUE",
    "MAX_DIFFERENCES",
    "Answer",
    "Cause",
    "Comparison",
    "DecimalRule",
    "Difference",
    "IgnoreRule",
    "Kind",
    "MoneyRule",
    "PathError",
    "PatternRule",
    "Policy",
    "Rule",
    "Severity",
    "SeverityRule",
    "TimestampRule",
    "TwinRule",
    "Units",
    "UnorderedRule",
    "Verdict",
    "causes",
    "compare",
    "compile_policy",
    "explain",
    "fingerprint",
]
