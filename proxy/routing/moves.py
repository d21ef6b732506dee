"""What a new route table moves: which requests from which system to which, and what of it is dangerous.

Law of this file: it judges two tables and what is known of their traffic, and changes nothing. A way back towards
legacy is never called dangerous: it must stay easy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from proxy.messages import SAFE_METHODS, Stage
from proxy.routing.callers import Callers, callers, leaves
from proxy.routing.route import Backend, Route
from proxy.routing.split import Semantics
from proxy.routing.standing import WHOLE, Standing, methods, reads, standing, writes
from proxy.routing.table import RouteTable
from proxy.routing.witnesses import Rerouted, rerouted

LARGEST_STEP = 25.0
"""Points in per cent by which the candidate's share may rise at once without being called dangerous."""

_ORDER = tuple(Stage)


class Change(StrEnum):
    """What is different about a route."""

    ADDED = "added"
    LOST = "lost"
    STAGE = "stage"
    WEIGHT = "weight"
    KEYS = "keys"  # of its canary: what a caller's key is, or which callers are named
    GROUP = "group"
    SEMANTICS = "semantics"
    BACKENDS = "backends"
    MATCHES = "matches"
    REQUESTS = "requests"  # some of its requests go to another route, or to none


class Danger(StrEnum):
    """What should be looked at before the new table is taken."""

    WEIGHT_JUMP = "weight-jump"
    STAGE_SKIPPED = "stage-skipped"
    ROUTE_LOST = "route-lost"
    REQUESTS_MOVED = "requests-moved"
    CALLERS_REDEALT = "callers-redealt"
    GROUP_LEFT = "group-left"
    WRITES_AS_READS = "writes-as-reads"
    WRITE_WITHOUT_EVIDENCE = "write-without-evidence"
    READ_WITHOUT_EVIDENCE = "read-without-evidence"


WITHOUT_EVIDENCE = frozenset({Danger.WRITE_WITHOUT_EVIDENCE, Danger.READ_WITHOUT_EVIDENCE})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a route: exchanges that were compared, ever, and the methods of those compared lately."""

    compared: int
    methods: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Flag:
    """A danger, and what it is here."""

    danger: Danger
    words: str


@dataclass(frozen=True, slots=True)
class Shift:
    """Legacy's share of some requests in per cent, before and after; None where there is no such route."""

    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Side:
    """A route as one table has it: where it stands, the backends that are legacy and candidate for it, its group, what
    its requests do, and where a caller's key is.
    """

    standing: Standing
    legacy: str
    candidate: str | None
    group: str | None = None
    semantics: Semantics = Semantics.AUTO
    hash_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """What changes for one route. `methods`: empty for any. `reads`, `writes`: None if it takes none of them."""

    route: str
    group: str | None
    changes: tuple[Change, ...]
    methods: tuple[str, ...]
    before: Side | None
    after: Side | None
    reads: Shift | None
    writes: Shift | None
    flags: tuple[Flag, ...]
    callers: Callers | None = None


def moves(old: RouteTable, new: RouteTable, evidence: Mapping[str, Evidence] | None = None) -> tuple[Move, ...]:
    """What changes, route by route: those of the old table in its order, then those that were added.

    `evidence`: by route; a route that is not in it has none. None: nobody asked, so that its lack is not flagged.
    """
    before, after = _Known.of(old), _Known.of(new)
    taken: dict[str, list[Rerouted]] = {}
    for each in rerouted(old, new):
        taken.setdefault(each.before, []).append(each)
    found = []
    for name in dict.fromkeys((*before.routes, *after.routes)):
        known = None if evidence is None else evidence.get(name, Evidence(0))
        found.append(_move(_Pair(name, before, after), taken.get(name, []), known))
    return tuple(move for move in found if move.changes)


@dataclass(frozen=True, slots=True)
class _Known:
    """A table's routes by name, and its backends."""

    routes: Mapping[str, Route]
    backends: Mapping[str, Backend]

    @staticmethod
    def of(table: RouteTable) -> "_Known":
        return _Known({route.name: route for route in table.routes}, table.backends)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A route in both tables; at least one of them has it."""

    name: str
    old: _Known
    new: _Known

    @property
    def before(self) -> Route | None:
        return self.old.routes.get(self.name)

    @property
    def after(self) -> Route | None:
        return self.new.routes.get(self.name)

    @property
    def route(self) -> Route:
        return self.after or self.old.routes[self.name]

    def shift(self) -> Shift:
        before = standing(self.before).legacy_share if self.before else None
        after = standing(self.after).legacy_share if self.after else None
        return Shift(before, after)

    def callers(self) -> Callers | None:
        return callers(self.before, self.after) if self.before and self.after else None

    def companions(self) -> tuple[Route, ...]:
        """The other routes that are now of the group that it was of."""
        group = self.before.group if self.before else None
        return tuple(each for each in self.new.routes.values() if each.group == group and each.name != self.name)


def _move(pair: _Pair, lost: Sequence[Rerouted], evidence: Evidence | None) -> Move:
    route = pair.route
    return Move(
        route=route.name,
        group=route.group,
        changes=tuple(_changes(pair, lost)),
        methods=methods(route),
        before=_side(pair.before) if pair.before else None,
        after=_side(pair.after) if pair.after else None,
        reads=pair.shift() if reads(route) else None,
        writes=pair.shift() if writes(route) else None,
        flags=tuple(_flags(pair, lost, evidence)),
        callers=pair.callers(),
    )


def _side(route: Route) -> Side:
    hash_on = route.canary.hash_on if route.canary is not None else ()
    return Side(standing(route), route.legacy, route.candidate, route.group, route.semantics, hash_on)


def _changes(pair: _Pair, lost: Sequence[Rerouted]) -> Iterator[Change]:
    before, after = pair.before, pair.after
    if before is None:
        yield Change.ADDED
    elif after is None:
        yield Change.LOST
    else:
        if before.stage is not after.stage:
            yield Change.STAGE
        elif standing(before) != standing(after):
            yield Change.WEIGHT
        if pair.callers() is not None:
            yield Change.KEYS
        if before.group != after.group:
            yield Change.GROUP
        if before.semantics is not after.semantics:
            yield Change.SEMANTICS
        if _backends(pair.old, before) != _backends(pair.new, after):
            yield Change.BACKENDS
        if before.matches != after.matches:
            yield Change.MATCHES
    if lost:
        yield Change.REQUESTS


def _backends(known: _Known, route: Route) -> tuple[object, ...]:
    return tuple(_address(known.backends.get(name)) for name in (route.legacy, route.candidate) if name)


def _address(backend: Backend | None) -> object:
    return backend and (backend.name, backend.scheme, backend.host, backend.port, backend.base_path, backend.addresses)


def _flags(pair: _Pair, lost: Sequence[Rerouted], evidence: Evidence | None) -> Iterator[Flag]:
    yield from _lost(pair, lost)
    yield from _jumped(pair)
    yield from _parted(pair)
    if evidence is not None and _rises(pair):
        yield from _unproved(pair.route, evidence)


def _lost(pair: _Pair, lost: Sequence[Rerouted]) -> Iterator[Flag]:
    if pair.after is None:
        words = "; ".join(map(_goes, lost)) or "no request is known that it alone took"
        yield Flag(Danger.ROUTE_LOST, f"the route is gone: {words}")
        return
    for each in lost:
        if each.after is None or _answering(pair.old, each.before) != _answering(pair.new, each.after):
            yield Flag(Danger.REQUESTS_MOVED, _goes(each))


def _goes(each: Rerouted) -> str:
    return f"{each.example} goes to {each.after}" if each.after else f"{each.example} finds no route (404)"


def _answering(known: _Known, name: str) -> tuple[object, ...]:
    """Legacy's share, and where those systems are that have one."""
    route = known.routes[name]
    share = standing(route).legacy_share
    systems = (route.legacy if share > 0 else None, route.candidate if share < WHOLE else None)
    return (share, *(_address(known.backends.get(each)) if each else None for each in systems))


def _jumped(pair: _Pair) -> Iterator[Flag]:
    if pair.before is None or pair.after is None:
        return
    before, after = standing(pair.before), standing(pair.after)
    step = before.legacy_share - after.legacy_share
    if step > LARGEST_STEP:
        words = f"the candidate's share rises by {step:g} points at once; more than {LARGEST_STEP:g} is a jump"
        yield Flag(Danger.WEIGHT_JUMP, words)
    if skipped := _between(before.stage, after.stage):
        yield Flag(Danger.STAGE_SKIPPED, f"{before} -> {after} skips {', '.join(skipped)}")


def _parted(pair: _Pair) -> Iterator[Flag]:
    """Callers and payments that two systems would now share, and what would be executed twice."""
    before, after, moved = pair.before, pair.after, pair.callers()
    if before is None or after is None:
        return
    if moved is not None and moved.redealt:
        words = f"another key or seed: {moved.to_candidate:.3g} % of the callers go to the candidate at once"
        yield Flag(Danger.CALLERS_REDEALT, f"{words}, and {moved.to_legacy:.3g} % back to legacy")
    if leaves(before, after, pair.companions()):
        words = f"it leaves the group {before.group}: one payment's requests may be answered by two systems"
        yield Flag(Danger.GROUP_LEFT, words)
    if after.semantics is Semantics.READ and before.semantics is not Semantics.READ and writes(before):
        words = "its writes count as reads: they may be sent again, and are copied to any shadow"
        yield Flag(Danger.WRITES_AS_READS, words)


def _between(before: Stage, after: Stage) -> tuple[Stage, ...]:
    return _ORDER[_ORDER.index(before) + 1 : _ORDER.index(after)]


def _rises(pair: _Pair) -> bool:
    """Whether somebody goes to the candidate who did not."""
    shift, moved = pair.shift(), pair.callers()
    before = WHOLE if shift.before is None else shift.before
    new = moved is not None and (moved.to_candidate > 0 or moved.included > 0)
    return shift.after is not None and (shift.after < before or new)


def _unproved(route: Route, evidence: Evidence) -> Iterator[Flag]:
    if not evidence.compared:
        danger = Danger.WRITE_WITHOUT_EVIDENCE if writes(route) else Danger.READ_WITHOUT_EVIDENCE
        yield Flag(danger, "more of it goes to the candidate, and no comparison of it is known")
    elif reads(route) and writes(route) and not any(each.encode() not in SAFE_METHODS for each in evidence.methods):
        words = "more of its writes go to the candidate, and of late no write of it was compared"
        yield Flag(Danger.WRITE_WITHOUT_EVIDENCE, words)
