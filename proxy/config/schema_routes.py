"""Routes, groups and entities, as users write them.

Law of this file: as schema_base.py.
"""

from typing import Annotated, Literal

from pydantic import Field

from proxy.config.schema_backends import TimeoutsSpec
from proxy.config.schema_base import Part, Word
from proxy.config.schema_matches import MatchSpec
from proxy.config.schema_policies import JsonPath
from proxy.config.values import Duration, KeySource, Name, Size, Text
from proxy.messages import Stage, System
from proxy.routing.entities import Identity, Owner
from proxy.routing.split import Semantics


class BackendRefsSpec(Part):
    """Which backend is which system for this route."""

    legacy: Name
    """The backend of the system that is being replaced."""
    candidate: Name | None = None
    """The backend of the system that replaces it."""


class ShadowSpec(Part):
    """How requests are copied to the system that does not answer."""

    candidate: Name | None = None
    """The backend that gets copies while legacy answers; else the candidate itself."""
    legacy: Name | None = None
    """The backend that gets copies while the candidate answers; else legacy itself."""
    noise: Name | None = None
    """A second legacy: what differs between the two legacies is noise."""
    percent: Annotated[float, Field(ge=0, le=100)] = 100.0
    """The share of reads that is copied; which, is left to chance. With `writes: Sandbox` the share of callers: all
    that one does is copied, or nothing; told apart by canary.hashOn, else by Authorization, else by address.
    """
    writes: Literal["None", "Sandbox"] = "None"
    """Whether writes are copied too: only ever to a sandbox."""
    timeout: Duration = 10.0
    """How long a copy's answer is waited for."""
    max_body: Size = 256 * 1024
    """Requests and answers with larger bodies are not copied."""
    max_rate: Annotated[float, Field(gt=0)] | None = None
    """Copies a second."""
    max_in_flight: Annotated[int, Field(ge=1, le=100_000)] = 50
    """Copies at once."""


class PinSpec(Part):
    """What binds a retried write to the system that took it."""

    key: Annotated[list[KeySource], Field(min_length=1, max_length=8)]
    """Where the idempotency key is: header:X, body:$.a (JSON or a form), query:x or jwt:claim; the first that is there
    counts.
    """
    scope: KeySource | Literal["none"] | None = None
    """Whose key it is: a stable merchant identity, jwt:sub or header:X, never a credential, for tokens change between
    a request and its retry; none for keys that are unique by themselves.
    """
    missing: Literal["allow", "refuse"] = "allow"
    """What happens to a write without a key."""
    ttl: Duration = 48 * 3600.0
    """How long the choice is remembered."""


class BreakerSpec(Part):
    """When a failing candidate is left."""

    window: Duration = 30.0
    """How far back failures count."""
    min_requests: Annotated[int, Field(ge=1)] = 20
    """Below this many requests in the window it never opens."""
    max_error_rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    """It opens above this share of failures."""
    slow_call_duration: Duration | None = None
    """An answer is slow whose head comes later than this after the request was whole; without it none is slow."""
    max_slow_call_rate: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """It opens above this share of slow answers."""


class AnalysisSpec(Part):
    """The evidence that a gate asks for."""

    min_samples: Annotated[int, Field(ge=1)] | None = None
    """Comparisons."""
    max_mismatch_rate: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of mismatches, by its upper bound."""
    confidence: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Of the bounds."""
    max_latency_ratio_p99: Annotated[float, Field(gt=0)] | None = None
    """The candidate's p99 over legacy's."""
    max_error_rate_delta: Annotated[float, Field(ge=0, le=1)] | None = None
    """The candidate's share of errors beyond legacy's."""
    max_gap_rate: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of exchanges that could not be compared."""


class ApprovalSpec(Part):
    """Who must agree to a flip."""

    people: Annotated[int, Field(ge=1, le=10)]
    """How many."""
    to: Annotated[list[Word[Stage]], Field(min_length=1)]
    """For which stages."""


HashOn = Annotated[list[KeySource], Field(max_length=8)]
Include = Annotated[list[Text], Field(max_length=10_000)]


class CanaryDefaultsSpec(Part):
    """What canaries have that do not say otherwise."""

    hash_on: HashOn = Field(default_factory=list)
    """What a request's key is; the first that is there counts."""
    include: Include = Field(default_factory=list)
    """Keys that always go to the candidate."""


class CanarySpec(Part):
    """Who goes to the candidate. A request without a key goes to legacy."""

    weight: Annotated[float, Field(ge=0, le=100)]
    """Per cent of the keys. Those at 10 are among those at 20, on every worker and machine."""
    hash_on: HashOn = Field(default_factory=list)
    """What a request's key is: header:X, cookie:x, query:x, path:id (of a PathTemplate), jwt:claim, client (address)
    or random; the first that is there counts.
    """
    include: Include = Field(default_factory=list)
    """Keys that always go to the candidate, whatever the weight."""


class GroupSpec(Part):
    """Routes that flip as one: one stage, and a key falls alike in all of them."""

    name: Name
    """What routes call it."""
    stage: Word[Stage]
    """Where all its routes stand."""
    canary: CanarySpec | None = None
    """Who goes to the candidate in stage canary."""


class EntitySpec(Part):
    """A thing that both systems know by an id."""

    name: Name
    """What it is."""
    place: Annotated[list[Text], Field(min_length=1, max_length=64)]
    """Where its ids stand, as whole values: path templates with {id}, JSON paths (also of forms), header:NAME,
    query:NAME, form:NAME; with a path template before one of the last four it counts there only.
    """
    pattern: Text | None = None
    """What its ids look like, a RE2 expression for the whole id; anything without it."""
    identity: Word[Identity] = Identity.TWIN
    """Whether each system makes its own ids, or both share them."""
    owner: Word[Owner] = Owner.CREATOR
    """Whether it belongs to the system that created it; none if left out where identity is same: a shared database."""
    unknown_owner: Word[System] = System.LEGACY
    """Whose it is when nobody knows."""
    aliases: Annotated[list[JsonPath], Field(max_length=64)] = Field(default_factory=list)
    """Where other ids stand that name it."""


class RouteSpec(Part):
    """Which requests go where."""

    name: Name
    """What reports, metrics and commands call it."""
    group: Name | None = None
    """The group whose stage it has."""
    stage: Word[Stage] | None = None
    """Where it stands: the one line that people flip."""
    owner: Text | None = None
    """Who answers for it."""
    matches: Annotated[list[MatchSpec], Field(min_length=1, max_length=64)] = Field(
        default_factory=lambda: [MatchSpec()]
    )
    """Which requests: any of these; all if left out."""
    backend_refs: BackendRefsSpec
    """Which backend is which system."""
    semantics: Word[Semantics] = Semantics.AUTO
    """Whether its requests read or write: by the method (auto), or as said. A GET that changes something is a write."""
    shadow: ShadowSpec | None = None
    """How its requests are copied."""
    compare: Name | None = None
    """The compare policy for its answers."""
    timeouts: TimeoutsSpec | None = None
    """How long to wait for its primary."""
    canary: CanarySpec | None = None
    """Who goes to the candidate in stage canary."""
    pin: PinSpec | None = None
    """What binds its retries."""
    breaker: BreakerSpec | None = None
    """When a failing candidate is left."""
    analysis: AnalysisSpec | None = None
    """The evidence that its gate asks for."""
    approval: ApprovalSpec | None = None
    """Who must agree to its flips."""
