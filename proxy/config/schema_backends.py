"""Backends, as users write them."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from proxy.config.schema_base import Part, Word
from proxy.config.values import Duration, HeaderName, Host, HostHeader, KeySource, Name, Text, Url
from proxy.routing.route import Effects
from proxy.routing.sandbox import CardData, Scheme


class TimeoutsSpec(Part):
    """How long to wait. A route's word counts before its backend's, that before spec.defaults."""

    connect: Duration | None = None
    """For a connection. Default 1s."""
    request: Duration | None = None
    """From the first byte of the request to the head of the answer. Default 30s."""
    idle: Duration | None = None
    """Without a byte on a body that is under way. Default 30s."""


class PoolSpec(Part):
    """Bounds of the connections to a backend."""

    max_connections: int = Field(default=200, ge=1, le=100_000)
    """Connections open at once, per worker."""
    max_pending: int = Field(default=400, ge=0, le=1_000_000)
    """Requests that wait for a connection; beyond, 503."""
    idle_timeout: Duration = 1.5
    """An unused connection is closed after this; keep it below the upstream's own keep-alive."""


class BackendTlsSpec(Part):
    """How an https backend is verified, and what it is shown. Paths start at the folder of this file; new files are
    taken within seconds.
    """

    ca: Text | None = None
    """The path of the CA that alone is trusted, PEM; the machine's own CAs without it."""
    certificate: Text | None = None
    """The path of the client certificate chain that it is shown, PEM."""
    key: Text | None = None
    """The path of its key, PEM, not encrypted."""
    server_name: Host | None = None
    """The name that it is asked for (SNI) and that its certificate must have; the URL's host without it."""


class HealthCheckSpec(Part):
    """An active check, besides the passive one that every answer is."""

    path: Text
    """What is asked with GET; any 2xx is healthy."""
    interval: Duration = 5.0
    """Between two checks."""


class AttestHeaderSpec(Part):
    """The sandbox says that it is one by a header on every answer."""

    header: HeaderName
    """The header's name."""
    value: Text
    """The value that it must have."""


class ProbeSpec(Part):
    """A safe request whose answer shows that this is a sandbox."""

    path: Text
    """What is asked with GET."""
    contains: Text
    """What the answer's body must hold."""


class AttestProbeSpec(Part):
    """The sandbox says that it is one when it is asked."""

    probe: ProbeSpec
    """The question."""


def _attest_kind(value: Any) -> str:
    if not isinstance(value, dict):
        return "by-operator"
    return "by-probe" if "probe" in value else "by-header"


AttestSpec: TypeAlias = Annotated[
    Annotated[Literal["operator"], Tag("by-operator")]
    | Annotated[AttestHeaderSpec, Tag("by-header")]
    | Annotated[AttestProbeSpec, Tag("by-probe")],
    Discriminator(_attest_kind),
]


class EnvironmentSpec(Part):
    """A secret that is not in the file."""

    env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    """The environment variable that holds it."""


class CredentialSpec(Part):
    """A header that a copy gets in place of the client's."""

    name: HeaderName
    """The header's name."""
    value_from: EnvironmentSpec
    """Where its value is."""


class CredentialSetSpec(Part):
    """The same credentials on every copy."""

    set: Annotated[list[CredentialSpec], Field(min_length=1)]
    """The headers that are set."""


class CredentialFileSpec(Part):
    """Each merchant's own secret, in a file that is not this one."""

    file: Text
    """The path of a JSON object of merchant -> value of the header. It starts at the folder of this file; a new file is
    taken within seconds.
    """
    merchant: KeySource = "header:X-Merchant-Id"
    """Where a request says whose it is: header:X, jwt:claim, query:x, cookie:x. A stable name, never the secret."""
    header: HeaderName = "Authorization"
    """The header that gets the value."""


class CredentialMapSpec(Part):
    """Each merchant's own credentials."""

    map: CredentialFileSpec
    """Where they are."""


def _credentials_kind(value: Any) -> str:
    if not isinstance(value, dict):
        return "as-they-come"
    return "by-map" if "map" in value else "by-set"


CredentialsSpec: TypeAlias = Annotated[
    Annotated[Literal["pass"], Tag("as-they-come")]
    | Annotated[CredentialSetSpec, Tag("by-set")]
    | Annotated[CredentialMapSpec, Tag("by-map")],
    Discriminator(_credentials_kind),
]


class ResignSpec(Part):
    """The signature of a body, which no longer fits once ids or cards were replaced in it."""

    header: HeaderName
    """The header that holds it. A copy whose signed body was changed is not sent, if it cannot be signed anew."""
    scheme: Word[Scheme] = Scheme.HEX
    """How it is made."""
    secret_from: EnvironmentSpec | None = None
    """Where the sandbox's secret is."""


class BackendSpec(Part):
    """A system that requests can be sent to."""

    name: Name
    """What routes call it."""
    url: Url | None = None
    """Its base URL, like http://127.0.0.1:8001; or say `urls`."""
    urls: Annotated[list[Url], Field(min_length=1)] | None = None
    """Several base URLs, balanced over the healthy."""
    effects: Word[Effects] = Effects.LIVE
    """What requests to it do: live ones to the real world. A live backend never gets a shadow write."""
    attest: AttestSpec | None = None
    """How a sandbox shows that it is one. Without it no write is ever copied to it."""
    credentials: CredentialsSpec | None = None
    """What a copy carries in place of the client's credentials; never on a live backend."""
    card_data: Word[CardData] | None = None
    """What happens to card numbers in copies: refuse the copy (default), substitute test numbers, or allow.
    `substitute` also turns e-mail addresses and URLs into ones that lead nowhere.
    """
    resign: ResignSpec | None = None
    """How copies are signed anew."""
    host: HostHeader | None = None
    """The Host that it is told: `preserve` the client's (default), its own (`backend`), or a fixed name."""
    pool: PoolSpec | None = None
    """Bounds of its connections."""
    tls: BackendTlsSpec | None = None
    """How it is verified, if its URL is https; always verified, with or without this."""
    timeouts: TimeoutsSpec | None = None
    """How long to wait for it."""
    health_check: HealthCheckSpec | None = None
    """An active check of its health."""
    version_header: HeaderName | None = None
    """The header of its answers that says which release it is."""
