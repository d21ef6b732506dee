"""The route table: everything that routes.yaml says, compiled, immutable, swapped whole, with a hash of its
content.

Law of this file: a table never changes. Two tables with one hash do the same with every request. The words that a
table is made of (route.py) are exported here too, so that other rooms have one place to import from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType
from typing import TypeAlias

from comparators import Policy
from proxy.messages import Headers
from proxy.redaction import RedactionRules
from proxy.routing.canary import Canary
from proxy.routing.digest import digest
from proxy.routing.entities import Entity, Identity, Owner
from proxy.routing.match import Matcher
from proxy.routing.route import (
    Backend,
    BackendTls,
    BodyMatch,
    Breaker,
    Effects,
    HealthCheck,
    HostPolicy,
    Match,
    PathKind,
    PathMatch,
    Pin,
    PoolLimits,
    Route,
    Shadowing,
    Timeouts,
    ValueKind,
    ValueMatch,
    Window,
)
from proxy.routing.split import Semantics

__all__ = [
    "Backend",
    "BackendTls",
    "BodyMatch",
    "Breaker",
    "Canary",
    "ComparePolicy",
    "Effects",
    "Entity",
    "HealthCheck",
    "HostPolicy",
    "Identity",
    "Limits",
    "Listener",
    "ListenerTls",
    "Match",
    "Network",
    "Owner",
    "PathKind",
    "PathMatch",
    "Pin",
    "PoolLimits",
    "Route",
    "RouteTable",
    "Semantics",
    "Shadowing",
    "Timeouts",
    "ValueKind",
    "ValueMatch",
    "Window",
    "remade",
]

Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class ComparePolicy:
    """A named way to compare two answers, and what is taken out of them before they are kept."""

    name: str
    policy: Policy
    redaction: RedactionRules


@dataclass(frozen=True, slots=True)
class ListenerTls:
    """What clients are shown: paths of PEM files. With `client_ca`, each client has to show a certificate of it."""

    certificate: str
    key: str
    client_ca: str | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """Where the proxy listens. Port 0: any free one. No `tls`: plain HTTP."""

    address: str = "127.0.0.1"
    port: int = 8080
    tls: ListenerTls | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may send: bytes of all headers, their number, bytes of the request line and of a body;
    connections.
    """

    header_bytes: int = 32 * 1024
    headers: int = 100
    request_line: int = 8 * 1024
    connections: int = 4096
    body_bytes: int = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RouteTable:
    """Routes by precedence, and all that they name. `hash`: 16 hex digits of SHA-256 over the effective content.

    Raises ValueError (MatchError) if a match of a route cannot be compiled.
    """

    name: str
    routes: tuple[Route, ...]
    backends: Mapping[str, Backend]
    policies: Mapping[str, ComparePolicy]
    hash: str
    limits: Limits = Limits()
    trusted_proxies: tuple[Network, ...] = ()
    listeners: tuple[Listener, ...] = (Listener(),)
    entities: tuple[Entity, ...] = ()
    matcher: Matcher = field(init=False, repr=False, compare=False)
    circumstantial: bool = field(init=False, repr=False, compare=False)
    """Whether some match asks what time it is, or for a field of the body."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "backends", MappingProxyType(dict(self.backends)))
        object.__setattr__(self, "policies", MappingProxyType(dict(self.policies)))
        matcher = Matcher(self.routes)
        object.__setattr__(self, "matcher", matcher)
        object.__setattr__(self, "circumstantial", matcher.timed or matcher.reads_bodies)

    def find(
        self, method: bytes, target: bytes, headers: Headers, now: float = 0.0, body: bytes | None = None
    ) -> Route | None:
        """The route of a request, or None: no match holds, or the target could be read as two different routes'
        (`refused`). `now`, Unix seconds, and `body` count only if the table is `circumstantial`.
        """
        rule = self.matcher.find(method, target, headers, now, body)
        return rule.route if rule else None

    def refused(
        self, method: bytes, target: bytes, headers: Headers, now: float = 0.0, body: bytes | None = None
    ) -> bool:
        """Where `find` gave None: whether the target is spelled so that servers would read it as different routes'
        (400, not 404).
        """
        return len(self.matcher.contenders(method, target, headers, now, body)) > 1


def remade(table: RouteTable, routes: tuple[Route, ...]) -> RouteTable:
    """The table with other routes, and the hash that it has with them."""
    changed = replace(table, routes=routes)
    object.__setattr__(changed, "hash", digest(changed))  # before anybody sees it: to make it twice takes twice as long
    return changed
