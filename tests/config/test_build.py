"""A document becomes a table: defaults, precedence of time-outs, types."""

import ipaddress

import pytest

from proxy.config.build import build
from proxy.config.load import loads
from proxy.config.schema import RouteTableSpec
from proxy.config.yaml_reader import read
from proxy.messages import Stage, System
from proxy.routing.split import plan
from proxy.routing.table import (
    Backend,
    BackendTls,
    Breaker,
    Canary,
    Effects,
    HealthCheck,
    HostPolicy,
    Limits,
    Listener,
    ListenerTls,
    Match,
    PathKind,
    PathMatch,
    PoolLimits,
    RouteTable,
    Shadowing,
    Timeouts,
    ValueKind,
    ValueMatch,
)
from tests.config.documents import document, route


def _load(text: str) -> RouteTable:
    return loads(text, environ={})


def test_what_is_left_out_has_its_default() -> None:
    table = _load(document())
    assert table.name == "t"
    assert table.limits == Limits()
    assert table.listeners == (Listener("127.0.0.1", 8080),)
    assert table.trusted_proxies == ()
    assert table.backends["old"] == Backend("old", "http", "127.0.0.1", 8001)
    assert table.routes[0].shadowing == Shadowing()
    assert table.routes[0].timeouts == Timeouts(1.0, 30.0, 30.0)


def test_what_is_said_is_done() -> None:
    table = _load(
        document(
            route(
                "a",
                "owner: '@x', shadow: {candidate: old, timeout: 2s, maxBody: 1Ki, maxInFlight: 7}, semantics: write, "
                "matches: [{method: [GET, PUT], path: {type: PathTemplate, value: '/a/{id}'}, "
                "headers: [{name: X-A, value: b}], query: [{name: q, type: RegularExpression, value: '[0-9]'}]}]",
                stage="shadow",
            ),
            spec="""  limits: {headerBytes: 1Ki, headers: 9, requestLine: 2Ki, connections: 5, bodyBytes: 1Mi}
  listeners: [{address: "::1", port: 0}]
  trustedProxies: [10.0.0.0/8, "::1"]
""",
        )
    )
    found = table.routes[0]
    assert table.limits == Limits(1024, 9, 2048, 5, 2**20)
    assert table.listeners == (Listener("::1", 0),)
    assert table.trusted_proxies == (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128"))
    assert found.shadowing == Shadowing(100.0, 2.0, 1024, 7, None)
    assert (found.owner, found.shadow_candidate, found.stage) == ("@x", "old", Stage.SHADOW)
    assert plan(found, b"GET").shadow is None
    assert found.matches == (
        Match(
            PathMatch(PathKind.TEMPLATE, "/a/{id}"),
            frozenset({b"GET", b"PUT"}),
            (ValueMatch("X-A", "b"),),
            (ValueMatch("q", "[0-9]", ValueKind.REGEX),),
        ),
    )


def test_tls_is_what_the_file_says_paths_and_all() -> None:
    table = _load(
        document(
            backends="""
    - {name: old, url: "https://a", tls: {ca: ca.pem, certificate: c.pem, key: k.pem, serverName: pay.internal}}
    - {name: new, url: "https://b"}""",
            spec="  listeners: [{port: 1, tls: {certificate: tls/c.pem, key: /k.pem, clientCA: ca.pem}}]\n",
        )
    )
    assert table.listeners == (Listener("127.0.0.1", 1, ListenerTls("tls/c.pem", "/k.pem", "ca.pem")),)
    assert table.backends["old"].tls == BackendTls("ca.pem", "c.pem", "k.pem", "pay.internal")
    assert table.backends["new"] == Backend("new", "https", "b", 443)


@pytest.mark.parametrize(
    ("host", "policy", "header"),
    [
        ("", HostPolicy.PRESERVE, None),
        (", host: preserve", HostPolicy.PRESERVE, None),
        (", host: backend", HostPolicy.BACKEND, b"127.0.0.1:81"),
        (", host: api.example", HostPolicy.NAME, b"api.example"),
    ],
)
def test_backends(host: str, policy: HostPolicy, header: bytes | None) -> None:
    pool = "pool: {maxConnections: 1, maxPending: 0, idleTimeout: 100ms}"
    old = f"{{name: old, url: 'http://127.0.0.1:81/base/', effects: sandbox, {pool}{host}}}"
    found = _load(document(backends=f"\n    - {old}\n    - {{name: new, url: 'http://b'}}")).backends["old"]
    assert (found.port, found.base_path, found.effects) == (81, b"/base", Effects.SANDBOX)
    assert found.pool == PoolLimits(1, 0, 0.1)
    assert (found.host_policy, found.host_header) == (policy, header)


def test_time_outs_are_the_routes_then_its_primarys_then_the_defaults() -> None:
    table = _load(
        document(
            route("a", "timeouts: {request: 9s}"),
            backends="\n    - {name: old, url: 'http://a', timeouts: {connect: 3s, request: 4s}}\n"
            "    - {name: new, url: 'http://b'}",
            spec="  defaults: {timeouts: {connect: 2s, idle: 7s}}\n",
        )
    )
    assert table.routes[0].timeouts_for(System.LEGACY) == Timeouts(3.0, 9.0, 7.0)
    assert table.routes[0].timeouts_for(System.CANDIDATE) == Timeouts(2.0, 9.0, 7.0)
    assert table.backends["new"].timeouts == Timeouts(2.0, 30.0, 7.0)


def test_what_a_group_says_holds_for_its_routes() -> None:
    grouped = "{{name: {}, group: g, backendRefs: {{legacy: old, candidate: new}}}}"
    table = _load(
        document(
            grouped.format("create"),
            grouped.format("capture"),
            route("alone", "canary: {weight: 5, hashOn: [client]}", stage="canary"),
            spec="  groups: [{name: g, stage: canary, canary: {weight: 5, hashOn: ['header:X-M'], include: [m1]}}]\n",
        )
    )
    create, capture, alone = table.routes
    assert create.stage is capture.stage is Stage.CANARY
    assert create.canary == capture.canary == Canary(5.0, ("header:X-M",), frozenset([b"m1"]), seed="g")
    assert (create.group, alone.group) == ("g", None)
    assert alone.canary == Canary(5.0, ("client",), seed="alone")


def test_breakers_health_checks_and_addresses_are_built_though_they_are_still_refused() -> None:
    """Their lines in supported.py go when they have an effect; until then only code makes such tables."""
    text = document(
        route("a", "breaker: {minRequests: 3, maxErrorRate: 0.5, maxSlowCallRate: 0.1}"),
        backends="""
    - {name: old, urls: ["http://a:1/x", "http://b:2/x"], healthCheck: {path: /healthz}}
    - {name: new, url: "http://c"}""",
        spec="  defaults: {breaker: {window: 9s, slowCallDuration: 2s}, healthCheck: {path: /up, interval: 1s}}\n",
    )
    table = build(RouteTableSpec.model_validate(read(text, {}).value))
    old, new = table.backends["old"], table.backends["new"]
    assert (old.host, old.port, old.base_path) == ("a", 1, b"/x")
    assert old.addresses == (("a", 1), ("b", 2))
    assert old.health_check == HealthCheck(b"/healthz", 5.0)
    assert (new.addresses, new.health_check) == ((), HealthCheck(b"/up", 1.0))
    assert table.routes[0].breaker == Breaker(9.0, 3, 0.5, 2.0, 0.1)


def test_the_default_policy_of_the_file_is_that_of_routes_without_one() -> None:
    spec = "  defaults: {compare: p}\n  comparePolicies: [{name: p}, {name: q}]\n"
    table = _load(document(route("a"), route("b", "compare: q"), spec=spec))
    assert [found.compare for found in table.routes] == ["p", "q"]


def test_stage_candidate_is_answered_by_the_candidate() -> None:
    found = plan(_load(document(route("a", stage="candidate"))).routes[0], b"POST")
    assert (found.primary, found.backend) == (System.CANDIDATE, "new")


def test_a_second_legacy_is_the_noise_control() -> None:
    found = _load(document(route("a", "shadow: {noise: old}"))).routes[0]
    assert found.shadowing == Shadowing(noise="old")
