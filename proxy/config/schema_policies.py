"""Compare policies and their rules, as users write them."""

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import ConfigDict, Field, model_validator

from proxy.config.schema_base import Part
from proxy.config.values import ErrorFamily, ExactDecimal, HeaderName, Name, Text, Tolerance

JsonPath: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=1024, pattern=r"^\$", examples=["$..request_id", "$.lines[*].sku"])
]


class IgnoreSpec(Part):
    """What is there may differ in any way."""

    type: Literal["Ignore"]
    path: JsonPath
    """Which values: RFC 9535 with names, indexes, [*] and .."""


class DecimalSpec(Part):
    """Two numbers, or two strings that hold one, are equal by exact value, or within the largest tolerance given."""

    type: Literal["Decimal"]
    path: JsonPath
    """Which values: RFC 9535 with names, indexes, [*] and .."""
    tolerance: ExactDecimal
    """How far apart they may be, in quotes: "0.01". It may be left out beside one of the next two."""
    relative_tolerance: ExactDecimal = Decimal(0)
    """The same as a share of the larger one, in quotes: "0.001" is a thousandth."""
    minor_units: ExactDecimal = Decimal(0)
    """The same in the smallest units of the currency: 1 is a cent of EUR, a yen, a thousandth of BHD."""
    currency: Text = "currency"
    """Where minorUnits finds the currency: the name of a sibling, or a path like $.order.currency."""

    model_config = ConfigDict(json_schema_extra={"required": ["type", "path"]})

    @model_validator(mode="before")
    @classmethod
    def _one_is_enough(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.keys() & {"relativeTolerance", "minorUnits"}:
            return {"tolerance": 0, **given}
        return given


class TimestampSpec(Part):
    """Instants in one notation (ISO 8601, or seconds, or milliseconds) are equal, or within a tolerance."""

    type: Literal["Timestamp"]
    path: JsonPath
    """Which values: RFC 9535 with names, indexes, [*] and .."""
    tolerance: Tolerance = 0.0
    """How far apart they may be: 2s. Default 0s."""


Units: TypeAlias = Literal["auto", "major", "minor"]


class SideUnitsSpec(Part):
    """How each system writes amounts."""

    legacy: Units = "auto"
    """auto, major (10.00) or minor (1000)."""
    candidate: Units = "auto"
    """auto, major (10.00) or minor (1000)."""


class MoneySpec(Part):
    """Amounts are equal by value in their currency, as string, number or minor units."""

    type: Literal["Money"]
    path: JsonPath
    """Which amounts."""
    currency: Text = "currency"
    """Where the currency is: the name of a sibling, or a path like $.order.currency."""
    exponent: Text | None = None
    """Where the number of decimal places is, if the answers say it; ISO 4217 says it otherwise."""
    units: Units | SideUnitsSpec = "auto"
    """How amounts are written. auto: a JSON integer is minor units; strings, and numbers with a point, are major."""


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
    """What pairs their elements: the name of a member, or a path in each like @.product.sku."""


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
    """Their names, in any case. set-cookie is compared by cookie: its name and attributes."""
    cookies: list[HeaderName] = Field(default_factory=list)
    """Cookies whose values are compared too."""


class StatusSpec(Part):
    """Which statuses may stand for each other."""

    families: list[ErrorFamily] = Field(default_factory=list)
    """Errors of one family count as one: [[400, 422], [5xx]]. All other statuses are compared exactly."""


class ComparePolicySpec(Part):
    """A named way to compare two answers."""

    name: Name
    """What routes call it."""
    content_types: list[Text] = Field(default_factory=lambda: ["application/json"])
    """Media types that are compared as JSON, besides all that end in +json."""
    headers: HeadersSpec = Field(default_factory=HeadersSpec)
    """Which headers are compared; none if left out."""
    status: StatusSpec = Field(default_factory=StatusSpec)
    """Which error statuses may stand for each other."""
    redact: list[Text] = Field(default_factory=list)
    """What is taken out before anything is kept, besides the defaults: JSON paths, and headers as header:NAME."""
    rules: Annotated[list[RuleSpec], Field(max_length=1000)] = Field(default_factory=list)
    """What may differ."""
