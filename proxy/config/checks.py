"""What a schema cannot see: names that nobody has, two things of one name, stages without what they need.

Law of this file: each check sees one draft and yields every problem that it finds; none relies on another having
passed.
"""

from collections.abc import Iterator, Sequence

from proxy.config import canary_checks, entity_checks, match_checks, pin_checks, policies, sandbox_checks
from proxy.config.defaults import completed_route
from proxy.config.draft import Draft
from proxy.config.problems import Problem
from proxy.config.schema_backends import BackendSpec, HealthCheckSpec
from proxy.config.schema_routes import BreakerSpec, GroupSpec, RouteSpec, ShadowSpec
from proxy.config.values import parse_url
from proxy.config.wording import did_you_mean
from proxy.config.yaml_reader import Path
from proxy.messages import CANDIDATE_ANSWERS, Stage
from proxy.routing.target import is_plain

_STAGES = "legacy, shadow, canary, reverse-shadow or candidate"


def problems(draft: Draft) -> Iterator[Problem]:
    """Everything that is wrong with a draft beyond its schema."""
    for part in draft.names:
        yield from _duplicates(draft, part)
    for place, backend in draft.backends:
        yield from _backend(backend, ("spec", "backends", place))
    for place, entity in draft.entities:
        yield from entity_checks.problems(entity, ("spec", "entities", place))
    for place, policy in draft.policies:
        yield from policies.problems(policy, ("spec", "comparePolicies", place))
    yield from _defaults(draft, ("spec", "defaults"))
    for place, group in draft.groups:
        yield from _group(draft, group, ("spec", "groups", place))
    groups = {group.name: group for _, group in draft.groups}
    for place, route in draft.routes:
        yield from _route(draft, route, groups, ("spec", "routes", place))
    yield from sandbox_checks.of_backends(draft)
    yield from sandbox_checks.of_routes(draft)


def _duplicates(draft: Draft, part: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for place, name in draft.names[part]:
        if name in first:
            yield Problem(("spec", part, place, "name"), f'"{name}" is also the name of {part}[{first[name]}]')
        first.setdefault(name, place)


def _defaults(draft: Draft, path: Path) -> Iterator[Problem]:
    defaults = draft.defaults
    yield from _policy_name(draft, defaults.compare, (*path, "compare"))
    yield from _shadow(draft, defaults.shadow, (*path, "shadow"))
    yield from pin_checks.problems(defaults.pin, (*path, "pin"))
    yield from _health_check(defaults.health_check, (*path, "healthCheck"))
    if defaults.canary is not None:
        here = (*path, "canary", "hashOn")
        yield from canary_checks.keys(defaults.canary.hash_on, here)
        yield from _in_paths(draft, defaults.canary.hash_on, [each for _, each in draft.routes], "any route", here)


def _backend(spec: BackendSpec, path: Path) -> Iterator[Problem]:
    if (spec.url is None) == (spec.urls is None):
        yield Problem((*path, "url"), "required; or urls" if spec.url is None else "say url or urls, not both")
    if spec.url is not None:
        yield from _plain_url(spec.url, (*path, "url"))
    for place, url in enumerate(spec.urls or ()):
        yield from _plain_url(url, (*path, "urls", place))
    yield from _alike(spec.urls or [], (*path, "urls"))
    yield from _tls(spec, (*path, "tls"))
    yield from _health_check(spec.health_check, (*path, "healthCheck"))


def _plain_url(url: str, path: Path) -> Iterator[Problem]:
    if not is_plain(parse_url(url).path.encode() or b"/"):
        yield Problem(path, "servers read its path in several ways: spell it plainly")


def _alike(urls: list[str], path: Path) -> Iterator[Problem]:
    parsed = [parse_url(url) for url in urls]
    for place, url in enumerate(parsed):
        if (url.scheme, url.path) != (parsed[0].scheme, parsed[0].path):
            yield Problem((*path, place), "must have the scheme and the path of the first")
        elif url in parsed[:place]:
            yield Problem((*path, place), "is there twice")


def _health_check(spec: HealthCheckSpec | None, path: Path) -> Iterator[Problem]:
    if spec is not None and not is_plain(spec.path.partition("?")[0].encode()):
        yield Problem((*path, "path"), "must be a path like /healthz, spelled plainly")


def _tls(spec: BackendSpec, path: Path) -> Iterator[Problem]:
    if spec.tls is None:
        return
    if any(parse_url(url).scheme != "https" for url in [*([spec.url] if spec.url else []), *(spec.urls or [])][:1]):
        yield Problem(path, "has no effect on an http URL: say https there, or leave tls out")
    if (spec.tls.certificate is None) != (spec.tls.key is None):
        missing = "certificate" if spec.tls.certificate is None else "key"
        yield Problem((*path, missing), "required: a certificate and its key come together")


def _group(draft: Draft, spec: GroupSpec, path: Path) -> Iterator[Problem]:
    if spec.name in [name for _, name in draft.names["routes"]]:
        yield Problem((*path, "name"), f'"{spec.name}" is also the name of a route: a flip could mean either')
    yield from canary_checks.problems(spec.canary, spec.stage, draft.defaults, (*path, "canary"))
    if spec.canary is not None:
        members = [each for _, each in draft.routes if each.group == spec.name]
        yield from _in_paths(draft, spec.canary.hash_on, members, "a route of this group", (*path, "canary", "hashOn"))


def _in_paths(
    draft: Draft, hash_on: Sequence[str], routes: Sequence[RouteSpec], whose: str, path: Path
) -> Iterator[Problem]:
    """`routes`: all that share these keys. Nothing is said while one of the file's routes cannot be read."""
    if routes and len(draft.routes) == len(draft.names["routes"]):
        matches = [match for route in routes for match in route.matches]
        yield from canary_checks.in_paths(hash_on, matches, whose, path)


def _route(draft: Draft, spec: RouteSpec, groups: dict[str, GroupSpec], path: Path) -> Iterator[Problem]:
    yield from _references(draft, spec, path)
    yield from _standing(spec, path)
    whole = completed_route(spec, draft.defaults, groups)
    yield from _noise(whole, (*path, "shadow", "noise"))
    yield from _stage(whole, (*path, "stage" if spec.group is None else "group"))
    yield from _breaker(spec.breaker, whole.breaker, (*path, "breaker"))
    if spec.group is None:
        yield from canary_checks.problems(spec.canary, spec.stage, draft.defaults, (*path, "canary"))
    if spec.canary is not None:
        yield from canary_checks.in_paths(spec.canary.hash_on, spec.matches, "this route", (*path, "canary", "hashOn"))
    yield from pin_checks.problems(spec.pin, (*path, "pin"))
    for place, match in enumerate(spec.matches):
        yield from match_checks.problems(match, (*path, "matches", place))


def _breaker(said: BreakerSpec | None, whole: BreakerSpec | None, path: Path) -> Iterator[Problem]:
    """`whole`: with what the defaults say."""
    rate = said is not None and "max_slow_call_rate" in said.model_fields_set
    if rate and whole is not None and whole.slow_call_duration is None:
        yield Problem((*path, "maxSlowCallRate"), "has no effect without slowCallDuration: no answer is slow")


def _references(draft: Draft, spec: RouteSpec, path: Path) -> Iterator[Problem]:
    refs = spec.backend_refs
    yield from _backend_name(draft, refs.legacy, (*path, "backendRefs", "legacy"))
    yield from _backend_name(draft, refs.candidate, (*path, "backendRefs", "candidate"))
    yield from _shadow(draft, spec.shadow, (*path, "shadow"))
    yield from _policy_name(draft, spec.compare, (*path, "compare"))
    yield from _reference("group", spec.group, [known for _, known in draft.names["groups"]], (*path, "group"))


def _shadow(draft: Draft, spec: ShadowSpec | None, path: Path) -> Iterator[Problem]:
    if spec is not None:
        yield from _backend_name(draft, spec.candidate, (*path, "candidate"))
        yield from _backend_name(draft, spec.legacy, (*path, "legacy"))
        yield from _backend_name(draft, spec.noise, (*path, "noise"))


def _noise(spec: RouteSpec, path: Path) -> Iterator[Problem]:
    """`spec`: with what the defaults say for it."""
    if spec.shadow is None or spec.shadow.noise is None:
        return
    if spec.shadow.noise in (spec.backend_refs.candidate, spec.shadow.candidate):
        yield Problem(path, f"{spec.shadow.noise} is the candidate: noise is what a second legacy answers otherwise")


def _backend_name(draft: Draft, name: str | None, path: Path) -> Iterator[Problem]:
    yield from _reference("backend", name, [known for _, known in draft.names["backends"]], path)


def _policy_name(draft: Draft, name: str | None, path: Path) -> Iterator[Problem]:
    known = [known for _, known in draft.names["comparePolicies"]]
    yield from _reference("compare policy", name, [*known, policies.DEFAULT], path)


def _reference(kind: str, name: str | None, known: list[str], path: Path) -> Iterator[Problem]:
    if name is not None and name not in known:
        hint = did_you_mean(name, known) or (f"; there is {', '.join(known[:20])}" if known else "")
        yield Problem(path, f'no {kind} has the name "{name}"{hint}')


def _standing(spec: RouteSpec, path: Path) -> Iterator[Problem]:
    if spec.group is None:
        if spec.stage is None:
            yield Problem((*path, "stage"), f"required: {_STAGES}; or a group, whose stage it then has")
        return
    for name, said in (("stage", spec.stage), ("canary", spec.canary)):
        if said is not None:
            yield Problem((*path, name), f"its group {spec.group} says this for it: leave out one of the two")


def _stage(spec: RouteSpec, path: Path) -> Iterator[Problem]:
    """`spec`: with what its group says; `path`: of what says its stage."""
    if spec.backend_refs.candidate is not None:
        return
    if spec.stage in CANDIDATE_ANSWERS:
        yield Problem(path, f"stage {spec.stage} needs backendRefs.candidate")
    if spec.stage is Stage.SHADOW and (spec.shadow is None or spec.shadow.candidate is None):
        yield Problem(path, "stage shadow needs shadow.candidate or backendRefs.candidate")
