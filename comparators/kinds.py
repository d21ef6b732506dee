"""How two values differ, in one word, and how bad that is.

Law of this file: only the two values decide; which rule stands at their place is none of its business.
"""

from comparators.differences import Kind, Severity, severity_of
from comparators.document import Json, Repeated
from comparators.instants import are_one, zones_differ
from comparators.numbers import is_number


def kind_of(legacy: Json, candidate: Json) -> Kind:
    """How two values differ that are not identical, and are not both objects or both lists."""
    if isinstance(legacy, Repeated) or isinstance(candidate, Repeated):
        return Kind.DUPLICATE
    if is_number(legacy) and is_number(candidate):
        return Kind.SPELLING if legacy == candidate else Kind.VALUE
    if type(legacy) is not type(candidate):
        return Kind.TYPE
    if isinstance(legacy, str) and isinstance(candidate, str) and zones_differ(legacy, candidate):
        return Kind.TIMEZONE
    return Kind.VALUE


def severity_between(kind: Kind, legacy: Json, candidate: Json) -> Severity:
    """That of the kind; another zone of the same instant is the same said otherwise."""
    return Severity.INFO if kind is Kind.TIMEZONE and are_one(legacy, candidate) else severity_of(kind)
