"""What is wrong with sandboxes, and with routes that copy writes to them.

Law of this file: as checks.py; and no table is let in by which a copy of a write could be meant for a live backend, in
whatever stage. What is safe and probably not meant is a warning.
"""

from collections.abc import Iterator

from proxy.config.defaults import SANDBOXED, completed_backend, completed_route
from proxy.config.draft import Draft
from proxy.config.errors import Severity
from proxy.config.problems import Problem
from proxy.config.schema_backends import (
    AttestHeaderSpec,
    AttestProbeSpec,
    BackendSpec,
    CredentialMapSpec,
    CredentialSetSpec,
)
from proxy.config.schema_routes import RouteSpec
from proxy.config.values import BaseUrl, parse_url
from proxy.config.yaml_reader import Path
from proxy.messages import Stage
from proxy.routing.route import Effects
from proxy.routing.target import is_plain

_FIELDS = (*SANDBOXED, "resign")
_KEYS = {"card_data": "cardData"}
_LEADS = (Stage.CANARY, Stage.REVERSE_SHADOW)


def of_backends(draft: Draft) -> Iterator[Problem]:
    """What is wrong with each backend as a sandbox."""
    live = {url: spec.name for _, spec in draft.backends if spec.effects is Effects.LIVE for url in _urls(spec)}
    for place, said in draft.backends:
        path: Path = ("spec", "backends", place)
        if said.effects is Effects.LIVE:
            yield from _meaningless(said, path)
        else:
            yield from _sandbox(completed_backend(said, draft.defaults), live, path)


def of_routes(draft: Draft) -> Iterator[Problem]:
    """What is wrong with each route that copies writes."""
    backends = {spec.name: completed_backend(spec, draft.defaults) for _, spec in draft.backends}
    groups = {group.name: group for _, group in draft.groups}
    for place, route in draft.routes:
        yield from _route(route, completed_route(route, draft.defaults, groups), backends, ("spec", "routes", place))


def _meaningless(spec: BackendSpec, path: Path) -> Iterator[Problem]:
    for name in _FIELDS:
        if getattr(spec, name) is not None:
            message = "only for a sandbox: this backend is live, and is sent what clients say; or say effects: sandbox"
            yield Problem((*path, _KEYS.get(name, name)), message, at_key=True)


def _sandbox(spec: BackendSpec, live: dict[BaseUrl, str], path: Path) -> Iterator[Problem]:
    own = isinstance(spec.credentials, CredentialSetSpec | CredentialMapSpec)
    for url in _urls(spec):
        if url in live and not own:
            yield Problem(
                (*path, "effects"),
                f"its address is that of {live[url]}, which is live: a sandbox is another system, or has credentials "
                "of its own (credentials.set or .map)",
            )
    if isinstance(spec.attest, AttestProbeSpec) and not is_plain(spec.attest.probe.path.partition("?")[0].encode()):
        yield Problem((*path, "attest", "probe", "path"), "must be a path like /health, spelled plainly")
    if isinstance(spec.credentials, CredentialMapSpec) and _is_no_merchant(spec.credentials.map.merchant):
        message = "must be header:NAME, jwt:CLAIM, query:NAME or cookie:NAME: a stable name of the merchant"
        yield Problem((*path, "credentials", "map", "merchant"), message)


def _is_no_merchant(source: str) -> bool:
    kind, _, name = source.partition(":")
    return kind not in ("header", "jwt", "query", "cookie") or name.lower() in ("authorization", "x-api-key")


def _route(said: RouteSpec, spec: RouteSpec, backends: dict[str, BackendSpec], path: Path) -> Iterator[Problem]:
    shadow, refs = spec.shadow, spec.backend_refs
    if shadow is None or shadow.writes != "Sandbox":
        return
    where = (*path, "shadow", "writes") if said.shadow and said.shadow.writes == "Sandbox" else (*path, "shadow")
    for name in dict.fromkeys((shadow.candidate or refs.candidate, shadow.legacy)):
        if name is not None and name in backends:
            yield from _target(backends[name], where)
    if shadow.candidate is None and refs.candidate is None and shadow.legacy is None:
        yield Problem(where, "copies writes to a sandbox, and there is none: name it with shadow.candidate")
    back = backends.get(shadow.legacy or refs.legacy)
    if spec.stage in _LEADS and shadow.legacy is None and (back is None or back.effects is Effects.LIVE):
        message = f"in stage {spec.stage} what the candidate answers is not copied, if it is a write: {refs.legacy} is "
        yield Problem(where, message + "live; name a sandbox of legacy with shadow.legacy", Severity.WARNING)


def _target(backend: BackendSpec, path: Path) -> Iterator[Problem]:
    if backend.effects is Effects.LIVE:
        message = f"would copy writes to {backend.name}, which is live: name a backend with effects: sandbox"
        yield Problem(path, message)
    elif backend.attest is None:
        message = f"{backend.name} has no attest: no write is ever copied to it, since it does not show that it is one"
        yield Problem(path, message, Severity.WARNING)
    elif not isinstance(backend.attest, AttestHeaderSpec | AttestProbeSpec):
        message = f"{backend.name} does not show that it is a sandbox: whoever wrote attest: operator vouches for it"
        yield Problem(path, message, Severity.WARNING)


def _urls(spec: BackendSpec) -> list[BaseUrl]:
    return [parse_url(url) for url in [*([spec.url] if spec.url else []), *(spec.urls or [])]]
