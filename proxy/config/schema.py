"""The whole of routes.yaml, as users write it.

Law of this file: as schema_base.py.
"""

from typing import Annotated, Literal

from pydantic import Field

from proxy.config.schema_backends import (
    AttestSpec,
    BackendSpec,
    CredentialsSpec,
    HealthCheckSpec,
    PoolSpec,
    TimeoutsSpec,
)
from proxy.config.schema_base import Part, Word
from proxy.config.schema_policies import ComparePolicySpec
from proxy.config.schema_routes import (
    AnalysisSpec,
    ApprovalSpec,
    BreakerSpec,
    CanaryDefaultsSpec,
    EntitySpec,
    GroupSpec,
    PinSpec,
    RouteSpec,
    ShadowSpec,
)
from proxy.config.values import HeaderName, Host, HostHeader, Name, NetworkText, Size, Text
from proxy.routing.sandbox import CardData
from proxy.routing.split import Semantics

MAX_ROUTES = 10_000


class MetadataSpec(Part):
    """What the table is called."""

    name: Name
    """Its name."""


class ListenerTlsSpec(Part):
    """What a listener shows to its clients, and asks of them. Paths start at the folder of this file; new files are
    taken within seconds.
    """

    certificate: Text
    """The path of the certificate chain, PEM."""
    key: Text
    """The path of its key, PEM, not encrypted."""
    client_ca: Text | None = Field(default=None, alias="clientCA")
    """The path of the CA that clients' certificates must be from; none are asked for without it."""


class ListenerSpec(Part):
    """Where the proxy listens. The command line wins."""

    address: Host = "127.0.0.1"
    """An address, or a name of this machine."""
    port: Annotated[int, Field(ge=0, le=65535)]
    """The port; 0 for any that is free."""
    tls: ListenerTlsSpec | None = None
    """Certificates: clients then speak HTTPS."""


class LimitsSpec(Part):
    """What one client may send."""

    header_bytes: Size = 32 * 1024
    """All header fields of a request; beyond, 431."""
    headers: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Header fields of a request; beyond, 431."""
    request_line: Size = 8 * 1024
    """The request line; beyond, 414."""
    connections: Annotated[int, Field(ge=1, le=1_000_000)] = 4096
    """Connections open at once, per worker; beyond, they wait or are refused."""
    body_bytes: Size = 10 * 1024 * 1024
    """A request's body; beyond, 413."""


class DefaultsSpec(Part):
    """What routes and backends have that do not say otherwise."""

    compare: Name | None = None
    """The compare policy of routes."""
    timeouts: TimeoutsSpec | None = None
    """How long to wait."""
    owner: Text | None = None
    """Who answers for routes."""
    semantics: Word[Semantics] | None = None
    """Whether requests are reads or writes."""
    shadow: ShadowSpec | None = None
    """How requests are copied, field by field."""
    canary: CanaryDefaultsSpec | None = None
    """Who goes to the candidate in stage canary."""
    pin: PinSpec | None = None
    """What binds retries."""
    breaker: BreakerSpec | None = None
    """When a failing candidate is left."""
    analysis: AnalysisSpec | None = None
    """The evidence that gates ask for."""
    approval: ApprovalSpec | None = None
    """Who must agree to flips."""
    host: HostHeader | None = None
    """The Host that backends are told."""
    pool: PoolSpec | None = None
    """Bounds of backends' connections."""
    health_check: HealthCheckSpec | None = None
    """An active check of backends' health."""
    version_header: HeaderName | None = None
    """The header of backends' answers that says which release they are."""
    attest: AttestSpec | None = None
    """How sandboxes show that they are ones."""
    credentials: CredentialsSpec | None = None
    """What copies to sandboxes carry in place of the client's credentials."""
    card_data: Word[CardData] | None = None
    """What happens to card numbers in copies to sandboxes."""


class TableSpec(Part):
    """The table."""

    listeners: Annotated[list[ListenerSpec], Field(min_length=1)] | None = None
    """Where the proxy listens; 127.0.0.1:8080 if left out."""
    trusted_proxies: Annotated[list[NetworkText], Field(max_length=1000)] = Field(default_factory=list)
    """Whose X-Forwarded-* are believed."""
    limits: LimitsSpec = LimitsSpec()
    """What one client may send."""
    defaults: DefaultsSpec = DefaultsSpec()
    """What routes and backends have that do not say otherwise."""
    backends: Annotated[list[BackendSpec], Field(min_length=1, max_length=1000)]
    """The systems that requests can be sent to."""
    entities: Annotated[list[EntitySpec], Field(max_length=100)] = Field(default_factory=list)
    """The things that both systems know by an id."""
    compare_policies: Annotated[list[ComparePolicySpec], Field(max_length=1000)] = Field(default_factory=list)
    """Ways to compare two answers."""
    groups: Annotated[list[GroupSpec], Field(max_length=1000)] = Field(default_factory=list)
    """Routes that flip as one."""
    routes: Annotated[list[RouteSpec], Field(min_length=1, max_length=MAX_ROUTES)]
    """Which requests go where."""


class RouteTableSpec(Part):
    """Strangler's routes.yaml."""

    api_version: Literal["strangler/v1"]
    """The version of this schema."""
    kind: Literal["RouteTable"]
    """What the file holds."""
    metadata: MetadataSpec
    """What the table is called."""
    spec: TableSpec
    """The table."""
