"""Matches, as users write them: which requests are meant.

Law of this file: as schema_base.py.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from proxy.config.schema_base import Part, Word
from proxy.config.schema_policies import JsonPath
from proxy.config.values import HeaderName, HostPatterns, Methods, Minute, Text
from proxy.routing.route import PathKind, ValueKind

Value: TypeAlias = Annotated[str, Field(max_length=1024)]
CookieName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\s=;,]{1,256}$")]
Day: TypeAlias = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


class PathSpec(Part):
    """Which paths."""

    type: Word[PathKind] = PathKind.PREFIX
    """Exact, PathTemplate (`/a/{id}`), PathPrefix (whole segments) or RegularExpression (RE2, the whole path)."""
    value: Value = "/"
    """The path, template or expression."""


class HeaderMatchSpec(Part):
    """A header, and what its value must be."""

    name: HeaderName
    """Its name, in any case."""
    type: Word[ValueKind] = ValueKind.EXACT
    """How its value is compared: Exact, RegularExpression, or only whether it is Present or Absent."""
    value: Value = ""
    """The value, or a RE2 expression for the whole of it."""


class QueryMatchSpec(Part):
    """A query parameter, and what its value must be; the first counts if it is repeated."""

    name: Text
    """Its name, decoded."""
    type: Word[ValueKind] = ValueKind.EXACT
    """How its value is compared: Exact, RegularExpression, or only whether it is Present or Absent."""
    value: Value = ""
    """The value, decoded, or a RE2 expression for the whole of it."""


class CookieMatchSpec(Part):
    """A cookie, and what its value must be; the first counts if it is repeated."""

    name: CookieName
    """Its name."""
    type: Word[ValueKind] = ValueKind.EXACT
    """How its value is compared: Exact, RegularExpression, or only whether it is Present or Absent."""
    value: Value = ""
    """The value as it is sent, or a RE2 expression for the whole of it."""


class ClaimMatchSpec(Part):
    """A claim of the JWT in `Authorization: Bearer`. The signature is not verified: this chooses a route, and grants
    nothing. What cannot be read, or is larger than 8 KiB, is absent.
    """

    name: Text
    """Its name, or names with dots between them."""
    type: Word[ValueKind] = ValueKind.EXACT
    """How its value is compared: Exact, RegularExpression, or only whether it is Present or Absent."""
    value: Value = ""
    """The text of the claim, its JSON if it is no string, or a RE2 expression for the whole of it."""


class DuringSpec(Part):
    """A part of the day, by the time at which the request comes."""

    begin: Minute | None = Field(default=None, alias="from")
    """From when, like "08:00"; the start of the day if left out."""
    end: Minute | None = Field(default=None, alias="to")
    """Until when, not included; past midnight if that is earlier than `from`; the end of the day if left out."""
    days: Annotated[list[Day], Field(min_length=1)] | None = None
    """On which days it begins; all if left out."""
    zone: Text = "UTC"
    """The time zone, like Europe/Paris."""


class BodyMatchSpec(Part):
    """A field of a JSON body."""

    path: JsonPath
    """Which field."""
    values: Annotated[list[str | int], Field(min_length=1, max_length=1000, alias="in")]
    """The values that it may have."""


class MatchSpec(Part):
    """One way into the route; all that it says must hold."""

    method: Methods | None = None
    """The method, or a list of them; all if left out."""
    path: PathSpec = PathSpec()
    """Which paths; all if left out."""
    host: HostPatterns | None = None
    """The host, or a list of them, without a port: api.example.com, or *.example.com for all below it."""
    headers: Annotated[list[HeaderMatchSpec], Field(max_length=16)] = Field(default_factory=list)
    """Headers that must all be so."""
    query: Annotated[list[QueryMatchSpec], Field(max_length=16)] = Field(default_factory=list)
    """Query parameters that must all be so."""
    cookies: Annotated[list[CookieMatchSpec], Field(max_length=16)] = Field(default_factory=list)
    """Cookies that must all be so."""
    claims: Annotated[list[ClaimMatchSpec], Field(max_length=16)] = Field(default_factory=list)
    """Claims of a bearer token that must all be so."""
    during: DuringSpec | None = None
    """When; always if left out."""
    body: BodyMatchSpec | None = None
    """A field of a JSON body. The request then waits until its body is there, up to 64 KiB; a larger one does not
    match.
    """
