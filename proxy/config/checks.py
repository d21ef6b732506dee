"""What a schema cannot see: names that nobody has, two things of one name, stages without a candidate, bad expressions.

Law of this file: each check sees one draft and yields every problem that it finds; none relies on another having
passed.
"""

from collections.abc import Iterator

from proxy.config import policies
from proxy.config.draft import Draft
from proxy.config.problems import Problem
from proxy.config.schema_backends import BackendSpec
from proxy.config.schema_routes import HeaderMatchSpec, MatchSpec, QueryMatchSpec, RouteSpec
from proxy.config.values import parse_url
from proxy.config.wording import did_you_mean
from proxy.config.yaml_reader import Path
from proxy.messages import Stage
from proxy.routing.route import PathMatch
from proxy.routing.rule import MatchError, compile_path, compile_regex
from proxy.routing.target import is_plain

_NEEDS_CANDIDATE = (Stage.CANARY, Stage.REVERSE_SHADOW, Stage.CANDIDATE)


def problems(draft: Draft) -> Iterator[Problem]:
    """Everything that is wrong with a draft beyond its schema."""
    for part in draft.names:
        yield from _duplicates(draft, part)
    for place, backend in draft.backends:
        yield from _backend(backend, ("spec", "backends", place))
    for place, policy in draft.policies:
        yield from policies.problems(policy, ("spec", "comparePolicies", place))
    yield from _policy_name(draft, draft.defaults.compare, ("spec", "defaults", "compare"))
    for place, route in draft.routes:
        yield from _route(draft, route, ("spec", "routes", place))


def _duplicates(draft: Draft, part: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for place, name in draft.names[part]:
        if name in first:
            yield Problem(("spec", part, place, "name"), f'"{name}" is also the name of {part}[{first[name]}]')
        first.setdefault(name, place)


def _backend(spec: BackendSpec, path: Path) -> Iterator[Problem]:
    if (spec.url is None) == (spec.urls is None):
        yield Problem((*path, "url"), "required; or urls" if spec.url is None else "say url or urls, not both")
    if spec.url is not None and not is_plain(parse_url(spec.url).path.encode() or b"/"):
        yield Problem((*path, "url"), "servers read its path in several ways: spell it plainly")
    yield from _tls(spec, (*path, "tls"))


def _tls(spec: BackendSpec, path: Path) -> Iterator[Problem]:
    if spec.tls is None:
        return
    if spec.url is not None and parse_url(spec.url).scheme != "https":
        yield Problem(path, "has no effect on an http URL: say https there, or leave tls out")
    if (spec.tls.certificate is None) != (spec.tls.key is None):
        missing = "certificate" if spec.tls.certificate is None else "key"
        yield Problem((*path, missing), "required: a certificate and its key come together")


def _route(draft: Draft, spec: RouteSpec, path: Path) -> Iterator[Problem]:
    yield from _references(draft, spec, path)
    yield from _stage(spec, path)
    for place, match in enumerate(spec.matches):
        yield from _match(match, (*path, "matches", place))


def _references(draft: Draft, spec: RouteSpec, path: Path) -> Iterator[Problem]:
    refs, shadow = spec.backend_refs, spec.shadow
    yield from _backend_name(draft, refs.legacy, (*path, "backendRefs", "legacy"))
    yield from _backend_name(draft, refs.candidate, (*path, "backendRefs", "candidate"))
    if shadow is not None:
        yield from _backend_name(draft, shadow.candidate, (*path, "shadow", "candidate"))
        yield from _backend_name(draft, shadow.legacy, (*path, "shadow", "legacy"))
        yield from _backend_name(draft, shadow.noise, (*path, "shadow", "noise"))
    yield from _policy_name(draft, spec.compare, (*path, "compare"))


def _backend_name(draft: Draft, name: str | None, path: Path) -> Iterator[Problem]:
    yield from _reference("backend", name, [known for _, known in draft.names["backends"]], path)


def _policy_name(draft: Draft, name: str | None, path: Path) -> Iterator[Problem]:
    known = [known for _, known in draft.names["comparePolicies"]]
    yield from _reference("compare policy", name, [*known, policies.DEFAULT], path)


def _reference(kind: str, name: str | None, known: list[str], path: Path) -> Iterator[Problem]:
    if name is not None and name not in known:
        hint = did_you_mean(name, known) or (f"; there is {', '.join(known[:20])}" if known else "")
        yield Problem(path, f'no {kind} has the name "{name}"{hint}')


def _stage(spec: RouteSpec, path: Path) -> Iterator[Problem]:
    if spec.stage is None and spec.group is None:
        yield Problem((*path, "stage"), "required: legacy, shadow or candidate")
    if spec.backend_refs.candidate is not None:
        return
    if spec.stage in _NEEDS_CANDIDATE:
        yield Problem((*path, "stage"), f"stage {spec.stage} needs backendRefs.candidate")
    if spec.stage is Stage.SHADOW and (spec.shadow is None or spec.shadow.candidate is None):
        yield Problem((*path, "stage"), "stage shadow needs shadow.candidate or backendRefs.candidate")


def _match(spec: MatchSpec, path: Path) -> Iterator[Problem]:
    try:
        compile_path(PathMatch(spec.path.type, spec.path.value))
    except MatchError as error:
        yield Problem((*path, "path", "value"), str(error))
    for place, header in enumerate(spec.headers):
        yield from _value(header, (*path, "headers", place))
    for place, query in enumerate(spec.query):
        yield from _value(query, (*path, "query", place))
    names = [header.name.lower() for header in spec.headers]
    if len(set(names)) != len(names):
        yield Problem((*path, "headers"), "a header is matched twice")


def _value(spec: HeaderMatchSpec | QueryMatchSpec, path: Path) -> Iterator[Problem]:
    if spec.type != "RegularExpression":
        return
    try:
        compile_regex(spec.value)
    except MatchError as error:
        yield Problem((*path, "value"), str(error))
