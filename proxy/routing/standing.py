"""Where a route stands: its stage, its weight, and so the share of its requests that legacy answers.

Law of this file: shares are per cent of what a stage says. Keys that canary.include names, requests without a key, and
pins are not in them.
"""

from dataclasses import dataclass

from proxy.messages import SAFE_METHODS, Stage
from proxy.routing.route import Route
from proxy.routing.split import Semantics

WHOLE = 100.0
"""Per cent."""

_BY_LEGACY = frozenset({Stage.LEGACY, Stage.SHADOW})


@dataclass(frozen=True, slots=True)
class Standing:
    """A stage, and in stage canary the candidate's weight in per cent; None in every other stage."""

    stage: Stage
    weight: float | None = None

    @property
    def legacy_share(self) -> float:
        """Per cent of the requests that legacy answers."""
        if self.stage is Stage.CANARY:
            return WHOLE - (self.weight or 0.0)
        return WHOLE if self.stage in _BY_LEGACY else 0.0

    def __str__(self) -> str:
        return str(self.stage) if self.weight is None else f"{self.stage} {number(self.weight)}"


def number(weight: float) -> str:
    """A weight without an exponent and without zeros at its end: at most 6 decimals."""
    return f"{weight:.6f}".rstrip("0").rstrip(".")


def standing(route: Route) -> Standing:
    """Where a route stands, by itself or by its group."""
    weight = route.canary.weight if route.stage is Stage.CANARY and route.canary is not None else None
    return Standing(route.stage, weight)


def methods(route: Route) -> tuple[str, ...]:
    """The methods that it takes, by name; empty: any."""
    if any(not match.methods for match in route.matches):
        return ()
    return tuple(sorted({method.decode() for match in route.matches for method in match.methods}))


def reads(route: Route) -> bool:
    """Whether requests of it only ask, some or all."""
    if route.semantics is not Semantics.AUTO:
        return route.semantics is Semantics.READ
    named = methods(route)
    return not named or any(method.encode() in SAFE_METHODS for method in named)


def writes(route: Route) -> bool:
    """Whether requests of it change something, some or all."""
    if route.semantics is not Semantics.AUTO:
        return route.semantics is Semantics.WRITE
    named = methods(route)
    return not named or any(method.encode() not in SAFE_METHODS for method in named)
