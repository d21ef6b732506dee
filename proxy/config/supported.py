"""Which fields and values of the schema have an effect today.

Law of this file: what is not listed is refused. A field that the schema knows and this list does not is answered with
"not supported yet", never silently accepted; giving a field its effect ends with its line here.
"""

from collections.abc import Callable, Iterator
from typing import Any

from proxy.config.problems import Problem
from proxy.config.yaml_reader import Path

_SHADOW = "candidate legacy noise percent writes timeout maxBody maxRate maxInFlight"
_PIN = "key scope missing ttl"
_CANARY = "weight hashOn include"

_ATTEST = {
    f"{parent}.{name}": names
    for parent in ("spec.defaults", "spec.backends[]")
    for name, names in {
        "attest": "header value probe",
        "attest.probe": "path contains",
        "credentials": "set map",
        "credentials.set[]": "name valueFrom",
        "credentials.set[].valueFrom": "env",
        "credentials.map": "file merchant header",
    }.items()
}

FIELDS = frozenset(
    f"{parent}.{name}".removeprefix(".")
    for parent, names in {
        "": "apiVersion kind metadata spec",
        "metadata": "name",
        "spec": "listeners trustedProxies limits defaults backends entities comparePolicies groups routes",
        "spec.listeners[]": "address port tls",
        "spec.listeners[].tls": "certificate key clientCA",
        "spec.limits": "headerBytes headers requestLine connections bodyBytes",
        "spec.defaults": "compare timeouts owner semantics shadow canary host pool breaker healthCheck pin"
        " attest credentials cardData",
        "spec.defaults.timeouts": "connect request idle",
        "spec.defaults.shadow": _SHADOW,
        "spec.defaults.canary": "hashOn include",
        "spec.defaults.pool": "maxConnections maxPending idleTimeout",
        "spec.defaults.breaker": "window minRequests maxErrorRate slowCallDuration maxSlowCallRate",
        "spec.defaults.healthCheck": "path interval",
        "spec.defaults.pin": _PIN,
        "spec.backends[]": "name url urls effects host pool tls timeouts healthCheck attest credentials cardData"
        " resign",
        **_ATTEST,
        "spec.backends[].resign": "header scheme secretFrom",
        "spec.backends[].resign.secretFrom": "env",
        "spec.entities[]": "name place pattern identity owner unknownOwner aliases",
        "spec.backends[].pool": "maxConnections maxPending idleTimeout",
        "spec.backends[].tls": "ca certificate key serverName",
        "spec.backends[].timeouts": "connect request idle",
        "spec.backends[].healthCheck": "path interval",
        "spec.comparePolicies[]": "name contentTypes headers status redact rules",
        "spec.comparePolicies[].headers": "include cookies",
        "spec.comparePolicies[].status": "families",
        "spec.comparePolicies[].rules[]": (
            "type path tolerance relativeTolerance minorUnits currency exponent units pattern key severity"
        ),
        "spec.comparePolicies[].rules[].units": "legacy candidate",
        "spec.groups[]": "name stage canary",
        "spec.groups[].canary": _CANARY,
        "spec.routes[]": "name group owner stage canary matches backendRefs semantics shadow compare timeouts breaker"
        " pin",
        "spec.routes[].pin": _PIN,
        "spec.routes[].canary": _CANARY,
        "spec.routes[].matches[]": "method path host headers query cookies claims during body",
        "spec.routes[].matches[].path": "type value",
        "spec.routes[].matches[].headers[]": "name type value",
        "spec.routes[].matches[].query[]": "name type value",
        "spec.routes[].matches[].cookies[]": "name type value",
        "spec.routes[].matches[].claims[]": "name type value",
        "spec.routes[].matches[].during": "from to days zone",
        "spec.routes[].matches[].body": "path in",
        "spec.routes[].backendRefs": "legacy candidate",
        "spec.routes[].shadow": _SHADOW,
        "spec.routes[].timeouts": "connect request idle",
        "spec.routes[].breaker": "window minRequests maxErrorRate slowCallDuration maxSlowCallRate",
    }.items()
    for name in names.split()
)

_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "spec.listeners": (lambda value: isinstance(value, list) and len(value) > 1, "more than one listener"),
}


def unsupported(value: Any) -> Iterator[Problem]:
    """Everything in a document that would have no effect. Fields that the schema does not know are its business."""
    yield from _walk(value, (), "")


def _walk(value: Any, path: Path, pattern: str) -> Iterator[Problem]:
    if pattern in _VALUES and _VALUES[pattern][0](value):
        yield Problem(path, f"not supported yet: {_VALUES[pattern][1]}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index), f"{pattern}[]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _field(item, (*path, name), f"{pattern}.{name}".removeprefix("."))


def _field(value: Any, path: Path, pattern: str) -> Iterator[Problem]:
    if pattern in FIELDS:
        yield from _walk(value, path, pattern)
    else:
        yield Problem(path, "not supported yet: this field has no effect; leave it out", at_key=True)
