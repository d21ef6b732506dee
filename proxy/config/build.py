"""A checked document -> RouteTable.

Law of this file: nothing is checked here and nothing is decided; what the user left out gets its default, and all
else its type. Precedence of time-outs: the route's, then its primary's, then spec.defaults, then the built-in.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import fields, replace

from proxy.config import build_sandbox, policies
from proxy.config.build_match import build_match
from proxy.config.defaults import completed_backend, completed_route
from proxy.config.schema import DefaultsSpec, LimitsSpec, ListenerSpec, RouteTableSpec
from proxy.config.schema_backends import BackendSpec, BackendTlsSpec, HealthCheckSpec, PoolSpec, TimeoutsSpec
from proxy.config.schema_routes import (
    BackendRefsSpec,
    BreakerSpec,
    CanarySpec,
    EntitySpec,
    PinSpec,
    RouteSpec,
    ShadowSpec,
)
from proxy.config.values import parse_url
from proxy.messages import Stage
from proxy.routing.sandbox import CardData
from proxy.routing.table import (
    Backend,
    BackendTls,
    Breaker,
    Canary,
    ComparePolicy,
    Entity,
    HealthCheck,
    HostPolicy,
    Identity,
    Limits,
    Listener,
    ListenerTls,
    Owner,
    Pin,
    PoolLimits,
    Route,
    RouteTable,
    Shadowing,
    Timeouts,
    remade,
)


def build(document: RouteTableSpec) -> RouteTable:
    """The table of a document in which no problem was found."""
    spec = document.spec
    backends = {backend.name: _backend(backend, spec.defaults) for backend in spec.backends}
    groups = {group.name: group for group in spec.groups}
    routes = (completed_route(route, spec.defaults, groups) for route in spec.routes)
    table = RouteTable(
        name=document.metadata.name,
        routes=(),
        backends=backends,
        policies=_policies(document),
        hash="",
        limits=_limits(spec.limits),
        trusted_proxies=tuple(ipaddress.ip_network(network) for network in spec.trusted_proxies),
        listeners=tuple(_listener(listener) for listener in spec.listeners or ()) or (Listener(),),
        entities=tuple(map(_entity, spec.entities)),
    )
    return remade(table, tuple(_route(route, backends) for route in routes))


def _policies(document: RouteTableSpec) -> dict[str, ComparePolicy]:
    built = (policies.compile_spec(policy) for policy in document.spec.compare_policies)
    return {policies.DEFAULT: policies.default_policy(), **{policy.name: policy for policy in built}}


def _backend(said: BackendSpec, defaults: DefaultsSpec) -> Backend:
    spec = completed_backend(said, defaults)
    urls = [parse_url(url) for url in spec.urls or [spec.url or ""]]
    url = urls[0]
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
        addresses=tuple((each.host, each.port) for each in urls) if spec.urls else (),
        health_check=_health_check(spec.health_check) if spec.health_check else None,
        attest=build_sandbox.attest(spec.attest),
        card_data=spec.card_data or CardData.REFUSE,
        credentials=build_sandbox.credentials(spec.credentials),
        resign=build_sandbox.resign(spec.resign),
    )


def _health_check(spec: HealthCheckSpec) -> HealthCheck:
    return HealthCheck(spec.path.encode(), spec.interval)


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


def _entity(spec: EntitySpec) -> Entity:
    places, aliases = tuple(spec.place), tuple(spec.aliases)
    shared = spec.identity is Identity.SAME and "owner" not in spec.model_fields_set
    owner = Owner.NONE if shared else spec.owner
    return Entity(spec.name, places, spec.pattern, spec.identity, owner, spec.unknown_owner, aliases)


def _route(spec: RouteSpec, backends: Mapping[str, Backend]) -> Route:
    refs, shadow = spec.backend_refs, spec.shadow or ShadowSpec()
    return Route(
        name=spec.name,
        legacy=refs.legacy,
        candidate=refs.candidate,
        stage=spec.stage or Stage.LEGACY,
        matches=tuple(map(build_match, spec.matches)),
        owner=spec.owner,
        semantics=spec.semantics,
        shadow_candidate=shadow.candidate,
        shadowing=_shadowing(shadow, _sandboxes(refs, shadow, backends)),
        timeouts=_timeouts(spec.timeouts, base=backends[refs.legacy].timeouts),
        compare=spec.compare or policies.DEFAULT,
        candidate_timeouts=_timeouts(spec.timeouts, base=backends[refs.candidate].timeouts) if refs.candidate else None,
        shadow_legacy=shadow.legacy,
        group=spec.group,
        canary=_canary(spec.canary, spec.group or spec.name) if spec.canary else None,
        breaker=_breaker(spec.breaker) if spec.breaker else None,
        pin=_pin(spec.pin) if spec.pin else None,
    )


def _shadowing(spec: ShadowSpec, sandboxes: frozenset[str]) -> Shadowing:
    return Shadowing(
        spec.percent, spec.timeout, spec.max_body, spec.max_in_flight, spec.max_rate, spec.noise, sandboxes
    )


def _sandboxes(refs: BackendRefsSpec, spec: ShadowSpec, backends: Mapping[str, Backend]) -> frozenset[str]:
    """Where copies of writes may go: of those that copies go to in some stage, the sandboxes."""
    if spec.writes != "Sandbox":
        return frozenset()
    shadows = (spec.candidate or refs.candidate, spec.legacy or refs.legacy)
    return frozenset(name for name in shadows if name is not None and backends[name].takes_writes)


def _canary(spec: CanarySpec, seed: str) -> Canary:
    return Canary(spec.weight, tuple(spec.hash_on), frozenset(key.encode() for key in spec.include), seed)


def _breaker(spec: BreakerSpec) -> Breaker:
    return Breaker(
        spec.window, spec.min_requests, spec.max_error_rate, spec.slow_call_duration, spec.max_slow_call_rate
    )


def _pin(spec: PinSpec) -> Pin:
    scope = None if spec.scope == "none" else spec.scope
    return Pin(tuple(spec.key), scope, spec.missing == "refuse", spec.ttl)
