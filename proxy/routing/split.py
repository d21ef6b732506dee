"""What is done with one request: the system that answers, the backend that gets a copy or none, and why.

Law of this file: a plan depends on the route, the method and the shadow marker alone, so that every plan of a route
is made once, when the table is built, and a request only picks one.

| stage     | primary   | safe methods are shadowed to          | the rest |
|-----------|-----------|---------------------------------------|----------|
| legacy    | legacy    | nobody                                | nobody   |
| shadow    | legacy    | `shadow.candidate`, else the candidate| nobody   |
| candidate | candidate | nobody                                | nobody   |

"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from proxy.messages import SAFE_METHODS, Plan, Stage, System

if TYPE_CHECKING:
    from proxy.routing.route import Route


class Semantics(StrEnum):
    """Whether requests of a route only ask or also change something: by the method, or as the operator says."""

    AUTO = "auto"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Plans:
    """Every plan that a route can give: for a safe method, for any other, and for a request that is itself a shadow
    copy.
    """

    safe: Plan
    unsafe: Plan
    marked: Plan


def plan(route: "Route", method: bytes, *, marked: bool = False) -> Plan:
    """Plan one request. `marked`: it came with X-Strangler-Shadow, so it is never shadowed again."""
    if marked:
        return route.plans.marked
    return route.plans.safe if method in SAFE_METHODS else route.plans.unsafe


def compile_plans(
    name: str, stage: Stage, legacy: str, candidate: str | None, shadow: str | None, semantics: Semantics
) -> Plans:
    """Make the plans of one route.

    Raises ValueError where the stage needs a candidate that is not there, or is not known yet.
    """
    primary = System.CANDIDATE if stage is Stage.CANDIDATE else System.LEGACY
    backend = _needed(candidate, stage) if primary is System.CANDIDATE else legacy

    def made(to: str | None, reason: str) -> Plan:
        return Plan(route=name, stage=stage, primary=primary, backend=backend, shadow=to, reason=reason)

    marked = made(None, "marked as a shadow copy: never shadowed again")
    match stage:
        case Stage.LEGACY | Stage.CANDIDATE:
            alone = made(None, f"stage {stage}: {primary} alone")
            return Plans(alone, alone, marked)
        case Stage.SHADOW:
            copied = made(_needed(shadow or candidate, stage), "stage shadow: a read is copied")
            return Plans(
                made(None, _SAFE_WRITE) if semantics is Semantics.WRITE else copied,
                made(None, _UNSAFE_READ if semantics is Semantics.READ else _WRITE),
                marked,
            )
        case Stage.CANARY | Stage.REVERSE_SHADOW:
            raise ValueError(f"route {name}: stage {stage} is not supported yet")


_WRITE = "write: shadow writes need writes: Sandbox"
_SAFE_WRITE = "write by semantics: shadow writes need writes: Sandbox"
_UNSAFE_READ = "read by semantics, but only GET, HEAD and OPTIONS are shadowed"


def _needed(backend: str | None, stage: Stage) -> str:
    if backend is None:
        raise ValueError(f"stage {stage} needs a candidate")
    return backend
