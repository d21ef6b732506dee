"""A checked document -> RouteTable.

Law of this file: nothing is checked here and nothing is decided; what the user left out gets its default, and all
else its type. Precedence of time-outs: the route's, then its primary's, then spec.defaults, then the built-in.
"""

import ipaddress
from dataclasses import fields, replace

from proxy.config import policies
from proxy.config.digest import digest
from proxy.config.schema import DefaultsSpec, LimitsSpec, ListenerSpec, RouteTableSpec
from proxy.config.schema_backends import BackendSpec, BackendTlsSpec, PoolSpec, TimeoutsSpec
from proxy.config.schema_routes import HeaderMatchSpec, MatchSpec, QueryMatchSpec, RouteSpec, ShadowSpec
from proxy.config.values import parse_url
from proxy.messages import Stage
from proxy.routing.table import (
    Backend,
    BackendTls,
    ComparePolicy,
    HostPolicy,
    Limits,
    Listener,
    ListenerTls,
    Match,
    PathMatch,
    PoolLimits,
    Route,
    RouteTable,
    Shadowing,
    Timeouts,
    ValueMatch,
)


def build(document: RouteTableSpec) -> RouteTable:
    """The table of a document in which no problem was found."""
    spec = document.spec
    backends = {backend.name: _backend(backend, spec.defaults) for backend in spec.backends}
    table = RouteTable(
        name=document.metadata.name,
        routes=tuple(_route(route, spec.defaults, backends) for route in spec.routes),
        backends=backends,
        policies=_policies(document),
        hash="",
        limits=_limits(spec.limits),
        trusted_proxies=tuple(ipaddress.ip_network(network) for network in spec.trusted_proxies),
        listeners=tuple(_listener(listener) for listener in spec.listeners or ()) or (Listener(),),
    )
    return replace(table, hash=digest(table))


def _policies(document: RouteTableSpec) -> dict[str, ComparePolicy]:
    built = (policies.compile_spec(policy) for policy in document.spec.compare_policies)
    return {policies.DEFAULT: policies.default_policy(), **{policy.name: policy for policy in built}}


def _backend(spec: BackendSpec, defaults: DefaultsSpec) -> Backend:
    url = parse_url(spec.url or "")
    policy, header = _host(spec.host, url.authority)
    return Backend(
        name=spec.name,
        scheme=url.scheme,
        host=url.host,
        port=url.port,
        base_path=url.path.encode(),
        effects=spec.effects,
        host_policy=policy,
        host_header=header,
        timeouts=_timeouts(defaults.timeouts, spec.timeouts, base=Timeouts()),
        pool=_pool(spec.pool or PoolSpec()),
        tls=_backend_tls(spec.tls) if spec.tls else None,
    )


def _backend_tls(spec: BackendTlsSpec) -> BackendTls:
    return BackendTls(spec.ca, spec.certificate, spec.key, spec.server_name)


def _host(text: str | None, authority: str) -> tuple[HostPolicy, bytes | None]:
    match text:
        case None | "preserve":
            return HostPolicy.PRESERVE, None
        case "backend":
            return HostPolicy.BACKEND, authority.encode()
        case name:
            return HostPolicy.NAME, name.encode()


def _timeouts(*specs: TimeoutsSpec | None, base: Timeouts) -> Timeouts:
    said = {
        part.name: value
        for spec in specs
        if spec is not None
        for part in fields(Timeouts)
        if (value := getattr(spec, part.name)) is not None
    }
    return replace(base, **said)


def _pool(spec: PoolSpec) -> PoolLimits:
    return PoolLimits(spec.max_connections, spec.max_pending, spec.idle_timeout)


def _limits(spec: LimitsSpec) -> Limits:
    return Limits(spec.header_bytes, spec.headers, spec.request_line, spec.connections, spec.body_bytes)


def _listener(spec: ListenerSpec) -> Listener:
    tls = ListenerTls(spec.tls.certificate, spec.tls.key, spec.tls.client_ca) if spec.tls else None
    return Listener(spec.address, spec.port, tls)


def _route(spec: RouteSpec, defaults: DefaultsSpec, backends: dict[str, Backend]) -> Route:
    refs, stage = spec.backend_refs, spec.stage or Stage.LEGACY
    primary = refs.candidate if stage is Stage.CANDIDATE and refs.candidate else refs.legacy
    return Route(
        name=spec.name,
        legacy=refs.legacy,
        candidate=refs.candidate,
        stage=stage,
        matches=tuple(_match(match) for match in spec.matches),
        owner=spec.owner,
        semantics=spec.semantics,
        shadow_candidate=spec.shadow.candidate if spec.shadow else None,
        shadowing=_shadowing(spec.shadow or ShadowSpec()),
        timeouts=_timeouts(spec.timeouts, base=backends[primary].timeouts),
        compare=spec.compare or defaults.compare or policies.DEFAULT,
    )


def _shadowing(spec: ShadowSpec) -> Shadowing:
    return Shadowing(spec.percent, spec.timeout, spec.max_body, spec.max_in_flight, spec.max_rate)


def _match(spec: MatchSpec) -> Match:
    return Match(
        path=PathMatch(spec.path.type, spec.path.value),
        methods=frozenset(method.encode() for method in spec.method or ()),
        headers=tuple(map(_value, spec.headers)),
        query=tuple(map(_value, spec.query)),
    )


def _value(spec: HeaderMatchSpec | QueryMatchSpec) -> ValueMatch:
    return ValueMatch(spec.name, spec.value, spec.type == "RegularExpression")
