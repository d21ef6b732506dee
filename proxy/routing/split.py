"""What is done with one request: the system that answers, the backend that gets a copy or none, and why.

Law of this file: every plan of a route is made once, when the table is built. Where it depends on the route, the method
and the shadow marker alone, a request only picks one; in a canary its key picks the system first (canary.py). Which
reads are among `shadow.percent` is left to chance, one by one: a stable share would compare the same few callers for
ever.

| stage          | primary   | reads are copied to                                           | writes |
|----------------|-----------|---------------------------------------------------------------|--------|
| legacy         | legacy    | nobody                                                        | nobody |
| shadow         | legacy    | `shadow.candidate`, else the candidate                        | nobody |
| canary         | by bucket | the other system: `shadow.candidate` or `.legacy`, else itself | nobody |
| reverse-shadow | candidate | `shadow.legacy`, else legacy                                  | nobody |
| candidate      | candidate | nobody                                                        | nobody |

"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from proxy.messages import SAFE_METHODS, Plan, Stage, System
from proxy.routing.asked import Asked
from proxy.routing.canary import choose

if TYPE_CHECKING:
    from proxy.routing.route import Route


class Semantics(StrEnum):
    """Whether requests of a route only ask or also change something: by the method, or as the operator says."""

    AUTO = "auto"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Plans:
    """Every plan that a route can give with one primary: for a safe method, for any other, for a request that is
    itself a shadow's copy, and for a read that is not among those that are copied.
    """

    safe: Plan
    unsafe: Plan
    marked: Plan
    spared: Plan


def asks(semantics: Semantics, method: bytes) -> bool:
    """Whether a request only asks, so that doing it twice changes nothing: the operator's word goes before the
    method.
    """
    return method in SAFE_METHODS if semantics is Semantics.AUTO else semantics is Semantics.READ


def plan(route: "Route", method: bytes, asked: Asked | None = None, *, marked: bool = False) -> Plan:
    """Plan one request. `marked`: it came with X-Strangler-Shadow, so it is never shadowed again. `asked` is needed
    where the route is `weighed`; without it nothing has a key, and all reads are copied.
    """
    if route.weighed and asked is not None:
        return _weighed(route, method, asked, marked)
    return _picked(route.plans, method, marked)


def _picked(plans: Plans, method: bytes, marked: bool) -> Plan:
    if marked:
        return plans.marked
    return plans.safe if method in SAFE_METHODS else plans.unsafe


def _weighed(route: "Route", method: bytes, asked: Asked, marked: bool) -> Plan:
    others, canary = route.candidate_plans, route.canary
    if others is None or canary is None:
        return _sampled(route, route.plans, _picked(route.plans, method, marked), asked)
    to_candidate, why = choose(canary, route.keys, asked)
    plans = others if to_candidate else route.plans
    found = _sampled(route, plans, _picked(plans, method, marked), asked)
    return Plan(
        route=found.route,
        stage=found.stage,
        primary=found.primary,
        backend=found.backend,
        shadow=found.shadow,
        reason=f"{why}; {found.reason}",
    )


def _sampled(route: "Route", plans: Plans, found: Plan, asked: Asked) -> Plan:
    percent = route.shadowing.percent
    if found.shadow is None or percent >= 100.0:
        return found
    return found if asked.chance() * 100.0 < percent else plans.spared


def depends_on_request(route: "Route") -> bool:
    """Whether plans of this route depend on more than the method."""
    if route.stage is Stage.CANARY:
        return True
    copies = route.plans.safe.shadow is not None or route.plans.unsafe.shadow is not None
    return copies and route.shadowing.percent < 100.0


def compile_plans(route: "Route", primary: System) -> Plans:
    """Make the plans of one route with one system as the primary, which has to be there."""
    backend = (route.candidate or route.legacy) if primary is System.CANDIDATE else route.legacy

    def made(to: str | None, reason: str) -> Plan:
        return Plan(route=route.name, stage=route.stage, primary=primary, backend=backend, shadow=to, reason=reason)

    stage, share = f"stage {route.stage}", f"{route.shadowing.percent:g} %"
    marked = made(None, "marked as a shadow copy: never shadowed again")
    if route.stage in (Stage.LEGACY, Stage.CANDIDATE):
        alone = made(None, f"{stage}: {primary} alone")
        return Plans(alone, alone, marked, alone)
    spared = made(None, f"{stage}: not among the {share} of reads that are copied")
    if route.shadowing.percent <= 0.0:
        copied = spared
    elif route.shadowing.percent < 100.0:
        copied = made(_other(route, primary), f"{stage}: a read is copied, as {share} are")
    else:
        copied = made(_other(route, primary), f"{stage}: a read is copied")
    return Plans(
        made(None, _SAFE_WRITE) if route.semantics is Semantics.WRITE else copied,
        copied if route.semantics is Semantics.READ else made(None, _WRITE),
        marked,
        spared,
    )


_WRITE = "write: shadow writes need writes: Sandbox"
_SAFE_WRITE = "write by semantics: shadow writes need writes: Sandbox"


def _other(route: "Route", primary: System) -> str | None:
    """Where copies go while a system answers."""
    if primary is System.CANDIDATE:
        return route.shadow_legacy or route.legacy
    return route.shadow_candidate or route.candidate
