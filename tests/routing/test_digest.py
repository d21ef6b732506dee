"""The hash of a table's effective content."""

from decimal import Decimal

import pytest

from comparators import DecimalRule, Rule, TimestampRule, compile_policy
from proxy.config.load import loads
from proxy.redaction import RedactionRules
from proxy.routing.digest import digest
from proxy.routing.table import ComparePolicy, RouteTable
from tests.config.documents import BACKENDS, document, route


def _hash(text: str, **environ: str) -> str:
    return loads(text, environ=environ).hash


@pytest.mark.parametrize(
    "same",
    [
        "# a comment\n" + document(),
        document("{backendRefs: {candidate: new, legacy: old}, stage: 'legacy', name: all, matches: [{}]}"),
        document(spec="  limits: {headers: 100}\n  defaults: {timeouts: {idle: 30s}}\n"),
        document(backends=BACKENDS.replace("8001", "${PORT}")),
        document(backends=BACKENDS.replace("effects: live", "host: preserve")),
        document(spec="  defaults: {shadow: {percent: 100}, pool: {maxPending: 400}}\n"),
    ],
)
def test_what_does_the_same_has_the_same_hash(same: str) -> None:
    assert _hash(same, PORT="8001") == _hash(document())


OTHERS = [
    document(route("all", "owner: x")),
    document(route("all", stage="shadow")),
    document(route("all", "semantics: read")),
    document(route("all", "matches: [{method: GET}]")),
    document(route("all", "timeouts: {idle: 31s}")),
    document(spec="  limits: {headers: 101}\n"),
    document(spec="  trustedProxies: [10.0.0.0/8]\n"),
    document(spec="  comparePolicies: [{name: p}]\n"),
    document(spec="  comparePolicies: [{name: p, rules: [{path: $.a, type: Ignore}]}]\n"),
    document(spec="  comparePolicies: [{name: p, rules: [{path: $.a, type: Timestamp}]}]\n"),
    document(spec="  comparePolicies: [{name: p, rules: [{path: $.a, type: Decimal, tolerance: 0}]}]\n"),
    document(spec="  comparePolicies: [{name: p, redact: [$.a]}]\n"),
    document(backends=BACKENDS.replace("8001", "8002")),
    document(backends=BACKENDS.replace("http:", "https:")),
    document(backends=BACKENDS.replace("http:", "https:").replace("effects: live", "tls: {ca: a}")),
    document(backends=BACKENDS.replace("http:", "https:").replace("effects: live", "tls: {serverName: a}")),
    document(spec="  listeners: [{port: 8080, tls: {certificate: a, key: b}}]\n"),
    document(spec="  listeners: [{port: 8080, tls: {certificate: a, key: b, clientCA: c}}]\n"),
    document(route("all", "shadow: {percent: 50}")),
    document(route("all", "shadow: {legacy: old}")),
    document(route("all", "canary: {weight: 5}")),
    document(route("all", "canary: {weight: 6}")),
    document(route("all", "canary: {weight: 5, hashOn: [client]}")),
    document(route("all", "canary: {weight: 5, include: [a, b]}")),
    document(route("all", "matches: [{host: a}]")),
    document(route("all", "matches: [{cookies: [{name: a, value: b}]}]")),
    document(route("all", "matches: [{claims: [{name: a, value: b}]}]")),
    document(route("all", "matches: [{claims: [{name: a, type: Present}]}]")),
    document(route("all", "matches: [{during: {from: '08:00'}}]")),
    document(route("all", "matches: [{during: {from: '08:00', zone: Europe/Paris}}]")),
    document(route("all", "matches: [{during: {from: '08:00', days: [Mon]}}]")),
    document(route("all", "matches: [{body: {path: $.a, in: [1]}}]")),
    document(route("all", "matches: [{body: {path: $.a, in: ['1']}}]")),
    document(
        "{name: all, group: g, backendRefs: {legacy: old, candidate: new}}",
        spec="  groups: [{name: g, stage: legacy}]\n",
    ),
    document(route("a"), route("b")),
    document(route("b"), route("a")),
]


def test_what_does_something_else_has_another_hash() -> None:
    hashes = {_hash(text) for text in [document(), *OTHERS]}
    assert len(hashes) == len(OTHERS) + 1
    assert all(len(found) == 16 for found in hashes)


def _with_rule(rule: Rule, hash: str = "") -> str:
    policy = ComparePolicy("p", compile_policy(rules=[rule]), RedactionRules())
    return digest(RouteTable("t", (), {}, {"p": policy}, hash))


def test_rules_of_two_kinds_with_the_same_words_are_two_things() -> None:
    assert _with_rule(DecimalRule("$.a", Decimal(1))) != _with_rule(TimestampRule("$.a", Decimal(1)))


def test_the_hash_does_not_depend_on_itself() -> None:
    assert _with_rule(DecimalRule("$.a")) == _with_rule(DecimalRule("$.a"), "other")
