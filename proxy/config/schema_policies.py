"""Compare policies and their rules, as users write them."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from proxy.config.schema_base import Part
from proxy.config.values import ExactDecimal, HeaderName, Name, Text, Tolerance

JsonPath: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=1024, pattern=r"^\$", examples=["$..request_id", "$.lines[*].sku"])
]


class IgnoreSpec(Part):
    """What is there may differ in any way."""

    type: Literal["Ignore"]
    path: JsonPath
    """Which values: RFC 9535 with names, indexes, [*] and .."""


class DecimalSpec(Part):
    """Two numbers, or two strings that hold one, are equal by exact value, or within a tolerance."""

    type: Literal["Decimal"]
    path: JsonPath
    """Which values: RFC 9535 with names, indexes, [*] and .."""
    tolerance: ExactDecimal
    """How far apart they may be, in quotes: "0.01"."""


class TimestampSpec(Part):
    """Instants in one notation (ISO 8601, or seconds, or milliseconds) are equal, or within a tolerance."""

    type: Literal["Timestamp"]
    path: JsonPath
    """Which values: RFC 9535 with names, indexes, [*] and .."""
    tolerance: Tolerance = 0.0
    """How far apart they may be: 2s. Default 0s."""


class MoneySpec(Part):
    """Amounts are equal by value in their currency, as string, number or minor units."""

    type: Literal["Money"]
    path: JsonPath
    """Which amounts."""
    currency: Text | None = None
    """The name of the sibling that says the currency."""


class PatternSpec(Part):
    """Both sides match an expression."""

    type: Literal["Pattern"]
    path: JsonPath
    """Which values."""
    pattern: Text
    """A RE2 expression for the whole value."""


class UnorderedSpec(Part):
    """The order of a list does not count; how often an element stands in it does."""

    type: Literal["Unordered"]
    path: JsonPath
    """Which lists."""
    key: Text | None = None
    """The field that pairs their elements."""


class TwinSpec(Part):
    """Ids that differ in one consistent way within an exchange."""

    type: Literal["Twin", "Alias"]
    path: JsonPath
    """Which ids."""


class SeveritySpec(Part):
    """How bad a difference there is."""

    type: Literal["Severity"]
    path: JsonPath
    """Which values."""
    severity: Literal["breaking", "additive", "info"]
    """What a difference there counts as."""


RuleSpec: TypeAlias = Annotated[
    IgnoreSpec | DecimalSpec | TimestampSpec | MoneySpec | PatternSpec | UnorderedSpec | TwinSpec | SeveritySpec,
    Field(discriminator="type"),
]


class HeadersSpec(Part):
    """Which headers are compared."""

    include: list[HeaderName] = Field(default_factory=list)
    """Their names, in any case."""


class ComparePolicySpec(Part):
    """A named way to compare two answers."""

    name: Name
    """What routes call it."""
    content_types: list[Text] = Field(default_factory=lambda: ["application/json"])
    """Media types that are compared as JSON, besides all that end in +json."""
    headers: HeadersSpec = Field(default_factory=HeadersSpec)
    """Which headers are compared; none if left out."""
    redact: list[Text] = Field(default_factory=list)
    """What is taken out before anything is kept, besides the defaults: JSON paths, and headers as header:NAME."""
    rules: Annotated[list[RuleSpec], Field(max_length=1000)] = Field(default_factory=list)
    """What may differ."""
