"""Routes and backends with what spec.defaults and their groups say for them.

Law of this file: what a route or backend says itself stands; of a part that both say, the fields that it leaves out are
filled in. The stage and the canary of a route in a group are its group's.
"""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel

from proxy.config.schema import DefaultsSpec
from proxy.config.schema_backends import BackendSpec
from proxy.config.schema_routes import CanaryDefaultsSpec, CanarySpec, GroupSpec, RouteSpec
from proxy.routing.route import Effects

P = TypeVar("P", bound=BaseModel)
_CANARY = ("hash_on", "include")
SANDBOXED = ("attest", "credentials", "card_data")
"""What the defaults say for sandboxes only."""


def completed_route(spec: RouteSpec, defaults: DefaultsSpec, groups: Mapping[str, GroupSpec]) -> RouteSpec:
    """A route with everything that holds for it."""
    group = groups.get(spec.group) if spec.group is not None else None
    canary = spec.canary if group is None else group.canary
    semantics = spec.semantics if "semantics" in spec.model_fields_set else defaults.semantics
    return spec.model_copy(
        update={
            "stage": spec.stage if group is None else group.stage,
            "canary": completed_canary(canary, defaults.canary),
            "semantics": semantics or spec.semantics,
            "owner": spec.owner or defaults.owner,
            "compare": spec.compare or defaults.compare,
            "shadow": _merged(defaults.shadow, spec.shadow),
            "breaker": _merged(defaults.breaker, spec.breaker),
            "pin": _merged(defaults.pin, spec.pin),
        }
    )


def completed_canary(spec: CanarySpec | None, defaults: CanaryDefaultsSpec | None) -> CanarySpec | None:
    """A canary with everything that holds for it; of weight 0 where only the defaults speak."""
    if defaults is None:
        return spec
    if spec is None:
        return CanarySpec.model_validate({"weight": 0.0, "hashOn": defaults.hash_on, "include": defaults.include})
    missing = [name for name in _CANARY if name not in spec.model_fields_set]
    return spec.model_copy(update={name: getattr(defaults, name) for name in missing})


def completed_backend(spec: BackendSpec, defaults: DefaultsSpec) -> BackendSpec:
    """A backend with everything that holds for it, but for its time-outs."""
    sandboxed = (
        {name: getattr(spec, name) or getattr(defaults, name) for name in SANDBOXED}
        if spec.effects is Effects.SANDBOX
        else {}
    )
    return spec.model_copy(
        update={
            **sandboxed,
            "host": spec.host or defaults.host,
            "pool": _merged(defaults.pool, spec.pool),
            "health_check": spec.health_check or defaults.health_check,
        }
    )


def _merged(default: P | None, said: P | None) -> P | None:
    if default is None or said is None:
        return default if said is None else said
    return default.model_copy(update={name: getattr(said, name) for name in said.model_fields_set})
