"""What is done with one request: the system that answers, the backend that gets a copy or none, and why.

Law of this file: every plan of a route is made once, when the table is built. Where it depends on the route, the method
and the shadow marker alone, a request only picks one; in a canary its key picks the system first (canary.py). Which
reads are among `shadow.percent` is left to chance, one by one: a stable share would compare the same few callers for
ever. Where writes are copied too, whole callers are sampled, so that a payment's life is copied whole or not at all.

| stage          | primary   | copies go to                                                  |
|----------------|-----------|---------------------------------------------------------------|
| legacy         | legacy    | nobody                                                        |
| shadow         | legacy    | `shadow.candidate`, else the candidate                        |
| canary         | by bucket | the other system: `shadow.candidate` or `.legacy`, else itself |
| reverse-shadow | candidate | `shadow.legacy`, else legacy                                  |
| candidate      | candidate | nobody                                                        |

Reads are copied to any of these; writes only with `writes: Sandbox`, and only to a sandbox that attests that it is one.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from proxy.messages import SAFE_METHODS, Plan, Stage, System
from proxy.routing.asked import Asked
from proxy.routing.canary import bucket, choose, key_of

if TYPE_CHECKING:
    from proxy.routing.route import Route


_SEED: Final = "shadow"
"""One for all routes: a caller is copied in all of them or in none."""


class Semantics(StrEnum):
    """Whether requests of a route only ask or also change something: by the method, or as the operator says."""

    AUTO = "auto"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Plans:
    """Every plan that a route can give with one primary: for a safe method, for any other, for a request that is
    itself a shadow's copy, and for the first two what they become for those who are not among those that are copied.
    """

    safe: Plan
    unsafe: Plan
    marked: Plan
    spared_safe: Plan
    spared_unsafe: Plan


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
        spared=found.spared,
        writes=found.writes,
    )


def _sampled(route: "Route", plans: Plans, found: Plan, asked: Asked) -> Plan:
    percent = route.shadowing.percent
    if found.shadow is None or percent >= 100.0:
        return found
    place = _place(key_of(route.callers, asked) or b"") if route.callers else asked.chance() * 100.0
    if place < percent:
        return found
    return plans.spared_safe if found is plans.safe else plans.spared_unsafe


def _place(caller: bytes) -> float:
    return bucket(_SEED, caller)


def depends_on_request(route: "Route") -> bool:
    """Whether plans of this route depend on more than the method."""
    if route.stage is Stage.CANARY:
        return True
    copies = route.plans.safe.shadow is not None or route.plans.unsafe.shadow is not None
    return copies and route.shadowing.percent < 100.0


def compile_plans(route: "Route", primary: System) -> Plans:
    """Make the plans of one route with one system as the primary, which has to be there."""
    marked = _made(route, primary, None, "marked as a shadow copy: never shadowed again")
    if route.stage in (Stage.LEGACY, Stage.CANDIDATE):
        alone = _made(route, primary, None, f"stage {route.stage}: {primary} alone")
        return Plans(alone, alone, marked, alone, alone)
    to = _other(route, primary)
    safe = _pair(route, primary, to, is_write=route.semantics is Semantics.WRITE)
    unsafe = _pair(route, primary, to, is_write=route.semantics is not Semantics.READ)
    return Plans(safe[0], unsafe[0], marked, safe[1], unsafe[1])


def _pair(route: "Route", primary: System, to: str | None, *, is_write: bool) -> tuple[Plan, Plan]:
    """The plan of a request, and what it becomes for those who are not among those that are copied."""
    percent, what = route.shadowing.percent, "a write" if is_write else "a read"
    if is_write and to not in route.shadowing.writes:
        alone = _made(route, primary, None, _uncopied(route, to))
        return alone, alone
    stage, share = f"stage {route.stage}", f"{percent:g} %"
    whose = f"{share} of callers" if route.shadowing.writes else f"{share} of reads"
    why = f"{stage}: not among the {whose} that are copied"
    spared = _made(route, primary, to if is_write else None, why, spared=is_write, writes=is_write)
    if percent <= 0.0:
        return spared, spared
    as_share = "" if percent >= 100.0 else f", as {whose if route.shadowing.writes else share} are"
    return _made(route, primary, to, f"{stage}: {what} is copied{as_share}", writes=is_write), spared


def _made(
    route: "Route", primary: System, to: str | None, reason: str, *, spared: bool = False, writes: bool = False
) -> Plan:
    backend = (route.candidate or route.legacy) if primary is System.CANDIDATE else route.legacy
    return Plan(
        route=route.name,
        stage=route.stage,
        primary=primary,
        backend=backend,
        shadow=to,
        reason=reason,
        spared=spared,
        writes=writes,
    )


def _uncopied(route: "Route", to: str | None) -> str:
    """Why a write is not copied."""
    what = "write by semantics" if route.semantics is Semantics.WRITE else "write"
    if not route.shadowing.writes:
        return f"{what}: shadow writes need writes: Sandbox"
    return f"{what}: {to} is no sandbox that attests it"


def _other(route: "Route", primary: System) -> str | None:
    """Where copies go while a system answers."""
    if primary is System.CANDIDATE:
        return route.shadow_legacy or route.legacy
    return route.shadow_candidate or route.candidate
