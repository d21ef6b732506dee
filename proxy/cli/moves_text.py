"""What a new route table moves, as people read it in a terminal.

Law of this file: a share of traffic is never shown without saying that only shadowed exchanges are known.
"""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from proxy.cli.words import count, percent, shown
from proxy.routing.moves import Change, Move, Shift, Side
from proxy.routing.standing import WHOLE
from proxy.store.traffic import RouteTraffic

ONLY_SHADOWED = "Traffic: the store holds exchanges that were shadowed, and no others; a share is a share of those."


def print_moves(console: Console, moves: Sequence[Move], traffic: Mapping[str, RouteTraffic] | None = None) -> None:
    """One paragraph a route. `traffic`: by route, None if it was not asked for."""
    for move in moves:
        _print(console, move)
        if traffic is not None:
            console.print(Text("  ") + shown(_traffic(traffic.get(move.route)), "dim"))
        for flag in move.flags:
            console.print(Text.assemble("  ", shown(f"DANGER {flag.danger}", "bold red"), ": ", shown(flag.words)))


def summary(moves: Sequence[Move]) -> str:
    """`2 routes change, 1 danger`."""
    if not moves:
        return "no route changes"
    verb = "changes" if len(moves) == 1 else "change"
    return f"{count(len(moves), 'route')} {verb}, {count(sum(len(move.flags) for move in moves), 'danger')}"


def _print(console: Console, move: Move) -> None:
    group = f" (group {move.group})" if move.group else ""
    console.print(Text.assemble(shown(move.route, "bold"), shown(f"{group}  {' '.join(move.methods) or 'any method'}")))
    console.print(Text("  ") + shown(f"{_stages(move)}{_also(move)}"))
    for line in (*_others(move), _answered(move)):
        if line is not None:
            console.print(Text("  ") + shown(line))


def _stages(move: Move) -> str:
    if move.before is None or move.after is None:
        side = move.after or move.before
        assert side is not None
        return f"added in stage {side.standing}" if move.after else f"lost, was in stage {side.standing}"
    before, after = move.before.standing, move.after.standing
    return f"{before} -> {after}" if before != after else f"stays in stage {after}"


def _also(move: Move) -> str:
    words = {
        Change.BACKENDS: "other backends",
        Change.MATCHES: "other matches",
        Change.REQUESTS: "some requests go to another route or none",
    }
    said = [words[change] for change in move.changes if change in words]
    return f"; {', '.join(said)}" if said else ""


def _others(move: Move) -> Iterator[str]:
    """What else is different, a line each."""
    before, after, moved = move.before, move.after, move.callers
    if before is None or after is None:
        return
    if Change.GROUP in move.changes:
        yield f"group: {before.group or 'none'} -> {after.group or 'none'}"
    if Change.SEMANTICS in move.changes:
        yield f"semantics: {before.semantics} -> {after.semantics}"
    if moved is None:
        return
    if before.hash_on != after.hash_on:
        yield f"a caller's key: {_keys(before)} -> {_keys(after)}"
    if moved.redealt:
        shares = (percent(share / WHOLE) for share in (moved.to_candidate, moved.to_legacy))
        yield "callers are dealt anew: {} go to the candidate, {} back to legacy".format(*shares)
    if moved.included or moved.excluded:
        yield f"include: {count(moved.included, 'key')} more, which go to the candidate; {moved.excluded} fewer"


def _keys(side: Side) -> str:
    return ", ".join(side.hash_on) or "none"


def _answered(move: Move) -> str | None:
    shift = move.reads or move.writes
    if shift is None:
        return None
    kinds = " and ".join(kind for kind, found in (("reads", move.reads), ("writes", move.writes)) if found)
    legacy = _system("legacy", _names(move, "legacy"), shift)
    candidate = _system("candidate", _names(move, "candidate"), Shift(_rest(shift.before), _rest(shift.after)))
    return f"{kinds}: {legacy}, {candidate}"


def _names(move: Move, system: str) -> tuple[str, str]:
    return _name(move.before, system), _name(move.after, system)


def _name(side: Side | None, system: str) -> str:
    found = None if side is None else side.legacy if system == "legacy" else side.candidate
    return f"{found} " if found else ""


def _rest(share: float | None) -> float | None:
    return None if share is None else WHOLE - share


def _system(system: str, names: tuple[str, str], shift: Shift) -> str:
    before, after = (None if share is None else percent(share / WHOLE) for share in (shift.before, shift.after))
    if before is None or after is None:
        return f"{system} {names[0] or names[1]}{before or after}"
    if names[0] != names[1]:
        return f"{system} {names[0]}{before} -> {names[1]}{after}"
    return f"{system} {names[0]}{before} -> {after}" if before != after else f"{system} {names[0]}{after}"


def _traffic(found: RouteTraffic | None) -> str:
    if found is None:
        return "none of its exchanges are in the store"
    methods = ", ".join(f"{each.method} {each.exchanges:,}" for each in found.methods)
    ever = f"{count(found.compared, 'exchange')} compared ever"
    return f"{percent(found.share)} of the shadowed exchanges ({methods or 'none of late'}); {ever}"
