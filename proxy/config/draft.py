"""As much of a document as can be read, so that one wrong field does not hide what is wrong elsewhere.

Law of this file: a draft is only for finding more problems; nothing is ever built from one that had an error.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from proxy.config.schema import DefaultsSpec, ListenerSpec, RouteTableSpec
from proxy.config.schema_backends import BackendSpec
from proxy.config.schema_policies import ComparePolicySpec
from proxy.config.schema_routes import EntitySpec, GroupSpec, RouteSpec
from proxy.config.yaml_reader import Path

_ATTEMPTS = 4
_NAMED = ("backends", "entities", "comparePolicies", "groups", "routes")
_NO_RULE = {"type": "Ignore", "path": "$"}
"""Stands where a rule stood that cannot be read: rules keep their places, and nothing is wrong with this one."""
P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts that could be read, each with its place in its list, and all names, also those of the others."""

    defaults: DefaultsSpec
    listeners: tuple[tuple[int, ListenerSpec], ...]
    backends: tuple[tuple[int, BackendSpec], ...]
    entities: tuple[tuple[int, EntitySpec], ...]
    policies: tuple[tuple[int, ComparePolicySpec], ...]
    groups: tuple[tuple[int, GroupSpec], ...]
    routes: tuple[tuple[int, RouteSpec], ...]
    names: dict[str, tuple[tuple[int, str], ...]]


def whole(table: RouteTableSpec, value: Any) -> Draft:
    """The draft of a document without errors."""
    spec = table.spec
    return Draft(
        defaults=spec.defaults,
        listeners=tuple(enumerate(spec.listeners or ())),
        backends=tuple(enumerate(spec.backends)),
        entities=tuple(enumerate(spec.entities)),
        policies=tuple(enumerate(spec.compare_policies)),
        groups=tuple(enumerate(spec.groups)),
        routes=tuple(enumerate(spec.routes)),
        names=_all_names(_spec(value)),
    )


def salvaged(value: Any, wrong: Iterable[Path]) -> Draft:
    """The draft of a document with errors at some paths: read without what is wrong, part by part."""
    spec = _spec(value)
    right = deepcopy(spec)
    for path in wrong:
        _prune(right, path[1:])
    return Draft(
        defaults=next((part for _, part in _read(DefaultsSpec, [right.get("defaults", {})])), DefaultsSpec()),
        listeners=tuple(_read(ListenerSpec, right.get("listeners"))),
        backends=tuple(_read(BackendSpec, right.get("backends"))),
        entities=tuple(_read(EntitySpec, right.get("entities"))),
        policies=tuple(_read(ComparePolicySpec, right.get("comparePolicies"))),
        groups=tuple(_read(GroupSpec, right.get("groups"))),
        routes=tuple(_read(RouteSpec, right.get("routes"))),
        names=_all_names(spec),
    )


def _spec(value: Any) -> dict[str, Any]:
    spec = value.get("spec") if isinstance(value, dict) else None
    return spec if isinstance(spec, dict) else {}


def _prune(value: Any, path: Path) -> bool:
    """Take out the field at a path, or the nearest that holds it; False if there is none. Lists keep their length.

    A step that the document does not have is passed over: pydantic's paths hold the tags of its unions.
    """
    steps = list(_steps(value, path))
    for place in range(len(steps) - 1, -1, -1):
        holder, step = steps[place]
        if isinstance(holder, dict):
            del holder[step]
            return True
        if place and steps[place - 1][1] == "rules":
            holder[step] = dict(_NO_RULE)
            return True
    return False


def _steps(value: Any, path: Path) -> Iterator[tuple[Any, str | int]]:
    """The steps that lead somewhere, each with the mapping or the list that it is taken in."""
    for step in path:
        is_key = isinstance(value, dict) and step in value
        if is_key or (isinstance(value, list) and isinstance(step, int) and step < len(value)):
            yield value, step
            value = value[step]


def _read(model: type[P], items: Any) -> Iterator[tuple[int, P]]:
    for index, item in enumerate(items if isinstance(items, list) else []):
        part = _read_part(model, item)
        if part is not None:
            yield index, part


def _read_part(model: type[P], item: Any) -> P | None:
    for _ in range(_ATTEMPTS):
        try:
            return model.model_validate(item)
        except ValidationError as error:
            pruned = [_prune(item, details["loc"]) for details in error.errors(include_url=False)]
            if not all(pruned):
                return None
    return None


def _all_names(spec: dict[str, Any]) -> dict[str, tuple[tuple[int, str], ...]]:
    return {part: tuple(_names(spec.get(part))) for part in _NAMED}


def _names(items: Any) -> Iterator[tuple[int, str]]:
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield index, item["name"]
