"""What is wrong with a canary beyond its schema: where its keys are, and what its stage needs.

Law of this file: as checks.py.
"""

import re
from collections.abc import Iterator, Sequence

from proxy.config.problems import Problem
from proxy.config.schema import DefaultsSpec
from proxy.config.schema_matches import MatchSpec
from proxy.config.schema_routes import CanarySpec
from proxy.config.values import TOKEN
from proxy.config.yaml_reader import Path
from proxy.messages import Stage
from proxy.routing.route import PathKind

_ALWAYS_THERE = ("client", "random")


def problems(spec: CanarySpec | None, stage: Stage | None, defaults: DefaultsSpec, path: Path) -> Iterator[Problem]:
    """`path`: of the canary, there or not."""
    hash_on = spec.hash_on if spec is not None else []
    inherited = defaults.canary.hash_on if defaults.canary is not None else []
    yield from keys(hash_on, (*path, "hashOn"))
    if stage is not Stage.CANARY:
        return
    if spec is None:
        yield Problem(path, "required in stage canary: say its weight, and with hashOn what a caller's key is")
    elif not (hash_on or inherited):
        yield Problem((*path, "hashOn"), "required in stage canary: what a caller's key is, or random")


def keys(hash_on: Sequence[str], path: Path) -> Iterator[Problem]:
    """What is wrong with places of a key."""
    for place, text in enumerate(hash_on):
        kind, _, name = text.partition(":")
        if kind == "body":
            yield Problem((*path, place), "a body is not read before the route is chosen: no canary's key can be there")
        if kind == "header" and not re.fullmatch(TOKEN, name):
            yield Problem((*path, place), "must name a header, like header:X-Merchant-Id")
        if text in _ALWAYS_THERE and place + 1 < len(hash_on):
            yield Problem((*path, place + 1), f"never counts: {text} before it is always there")


def in_paths(hash_on: Sequence[str], matches: Sequence[MatchSpec], whose: str, path: Path) -> Iterator[Problem]:
    """Keys in the path that none of these templates has, so that they never count."""
    templates = [match.path.value for match in matches if match.path.type is PathKind.TEMPLATE]
    for place, text in enumerate(hash_on):
        kind, _, name = text.partition(":")
        if kind == "path" and not any(f"/{{{name}}}" in template for template in templates):
            yield Problem((*path, place), f"no PathTemplate of {whose} has {{{name}}}")
