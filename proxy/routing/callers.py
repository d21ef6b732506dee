"""Who of a canary's callers moves when its route becomes another: shares of keys, and keys that are named.

Law of this file: shares are what the hash gives on average. Callers whose requests have no key stay with legacy and are
in none of them; a named key is counted and never shown.
"""

from dataclasses import dataclass

from proxy.messages import Stage
from proxy.routing.canary import Canary
from proxy.routing.route import Route
from proxy.routing.standing import WHOLE, standing


@dataclass(frozen=True, slots=True)
class Callers:
    """`redealt`: another key or another seed, so that each caller falls anew; `to_candidate`, `to_legacy`: per cent of
    all callers that change the system; `included`, `excluded`: keys that `include` names now, or no more.
    """

    redealt: bool
    to_candidate: float
    to_legacy: float
    included: int
    excluded: int


def callers(before: Route, after: Route) -> Callers | None:
    """None where it is a canary before or after alone, or nothing of this kind changes."""
    old, new = _canary(before), _canary(after)
    if old is None or new is None:
        return None
    redealt = (old.hash_on, old.seed) != (new.hash_on, new.seed)
    included, excluded = len(new.include - old.include), len(old.include - new.include)
    if not redealt and not included and not excluded:
        return None
    return Callers(redealt, *_shares(old.weight, new.weight, redealt), included, excluded)


def leaves(before: Route, after: Route, others: tuple[Route, ...]) -> bool:
    """Whether a route leaves a group of which `others` are still there, so that requests of one payment may now be
    answered by two systems.
    """
    if before.group is None or before.group == after.group:
        return False
    apart = after.stage is Stage.CANARY or any(standing(each) != standing(after) for each in others)
    return bool(others) and apart


def _canary(route: Route) -> Canary | None:
    return route.canary if route.stage is Stage.CANARY else None


def _shares(before: float, after: float, redealt: bool) -> tuple[float, float]:
    if not redealt:
        return max(0.0, after - before), max(0.0, before - after)
    return after * (WHOLE - before) / WHOLE, before * (WHOLE - after) / WHOLE
