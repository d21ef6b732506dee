"""What a new table moves, and what of it is called dangerous."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import Stage
from proxy.routing.callers import Callers
from proxy.routing.moves import Change, Danger, Evidence, Move, Shift, moves
from proxy.routing.standing import Standing
from proxy.routing.table import Backend, Canary, Match, PathKind, PathMatch, Route, RouteTable, Semantics

OLD, NEW = Backend("old", "http", "old.example", 80), Backend("new", "http", "new.example", 80)
PAY = Match(PathMatch(PathKind.EXACT, "/pay"), frozenset([b"POST"]))


def table(*routes: Route, backends: tuple[Backend, ...] = (OLD, NEW)) -> RouteTable:
    return RouteTable("t", routes, {each.name: each for each in backends}, {}, "")


def at(stage: Stage, weight: float | None = None, name: str = "pay", match: Match = PAY) -> Route:
    canary = None if weight is None else Canary(weight, ("client",), seed=name)
    return Route(name, "old", "new", stage=stage, matches=(match,), canary=canary)


def only(old: Route, new: Route, evidence: Mapping[str, Evidence] | None = None) -> Move:
    (move,) = moves(table(old), table(new), evidence)
    return move


def dangers(move: Move) -> list[Danger]:
    return [flag.danger for flag in move.flags]


def test_a_small_step() -> None:
    move = only(at(Stage.SHADOW), at(Stage.CANARY, 5))
    assert (move.route, move.changes, move.methods, move.flags) == ("pay", (Change.STAGE,), ("POST",), ())
    assert (move.reads, move.writes) == (None, Shift(100.0, 95.0))
    assert move.before is not None
    assert move.after is not None
    assert (move.before.standing, move.after.standing) == (Standing(Stage.SHADOW), Standing(Stage.CANARY, 5))
    assert (move.after.legacy, move.after.candidate) == ("old", "new")


def test_nothing_moves() -> None:
    assert moves(table(at(Stage.SHADOW)), table(at(Stage.SHADOW))) == ()
    assert moves(table(at(Stage.SHADOW, 5)), table(at(Stage.SHADOW, 50))) == (), "a weight counts in a canary alone"


def keyed(*hash_on: str, include: frozenset[bytes] = frozenset()) -> Route:
    return replace(at(Stage.CANARY, 10), canary=Canary(10, hash_on, include, seed="pay"))


def test_another_key_deals_the_callers_anew_and_that_is_dangerous() -> None:
    move = only(keyed("client"), keyed("header:X-Merchant-Id"), {})
    assert (move.changes, move.callers) == ((Change.KEYS,), Callers(True, 9.0, 9.0, 0, 0))
    assert dangers(move) == [Danger.CALLERS_REDEALT, Danger.WRITE_WITHOUT_EVIDENCE]
    assert move.flags[0].words == (
        "another key or seed: 9 % of the callers go to the candidate at once, and 9 % back to legacy"
    )
    assert moves(table(at(Stage.SHADOW, 5)), table(replace(at(Stage.SHADOW), canary=keyed("x").canary))) == ()


def test_callers_that_are_named_move_and_need_evidence_only_towards_the_candidate() -> None:
    few, more = keyed("client", include=frozenset([b"a"])), keyed("client", include=frozenset([b"a", b"b", b"c"]))
    move = only(few, more, {})
    assert (move.changes, move.callers) == ((Change.KEYS,), Callers(False, 0.0, 0.0, 2, 0))
    assert dangers(move) == [Danger.WRITE_WITHOUT_EVIDENCE]
    assert dangers(only(more, few, {})) == []


def test_a_route_that_joins_or_leaves_a_group() -> None:
    alone, member = at(Stage.SHADOW), replace(at(Stage.SHADOW), group="g")
    companion = replace(at(Stage.CANARY, 5, name="rest", match=Match()), group="g")
    assert (only(alone, member).changes, dangers(only(alone, member))) == ((Change.GROUP,), [])
    (move,) = moves(table(member, companion), table(alone, companion))
    assert (move.changes, dangers(move)) == ((Change.GROUP,), [Danger.GROUP_LEFT])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Semantics.AUTO, Semantics.READ, [Danger.WRITES_AS_READS]),
        (Semantics.WRITE, Semantics.READ, [Danger.WRITES_AS_READS]),
        (Semantics.READ, Semantics.AUTO, []),
        (Semantics.AUTO, Semantics.WRITE, []),
    ],
)
def test_other_semantics(before: Semantics, after: Semantics, expected: list[Danger]) -> None:
    move = only(replace(at(Stage.SHADOW), semantics=before), replace(at(Stage.SHADOW), semantics=after))
    assert (move.changes, dangers(move)) == ((Change.SEMANTICS,), expected)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (at(Stage.CANARY, 5), at(Stage.CANARY, 30), []),
        (at(Stage.CANARY, 5), at(Stage.CANARY, 30.5), [Danger.WEIGHT_JUMP]),
        (at(Stage.LEGACY), at(Stage.CANDIDATE), [Danger.WEIGHT_JUMP, Danger.STAGE_SKIPPED]),
        (at(Stage.LEGACY), at(Stage.CANARY, 5), [Danger.STAGE_SKIPPED]),
        (at(Stage.CANARY, 100), at(Stage.REVERSE_SHADOW), []),
        (at(Stage.REVERSE_SHADOW), at(Stage.CANDIDATE), []),
        (at(Stage.CANDIDATE), at(Stage.LEGACY), []),
        (at(Stage.CANARY, 80), at(Stage.CANARY, 1), []),
    ],
)
def test_jumps_and_skipped_stages(old: Route, new: Route, expected: list[Danger]) -> None:
    assert dangers(only(old, new)) == expected


def test_the_skipped_stages_are_named() -> None:
    move = only(at(Stage.LEGACY), at(Stage.CANDIDATE))
    assert move.flags[1].words == "legacy -> candidate skips shadow, canary, reverse-shadow"
    assert move.flags[0].words.startswith("the candidate's share rises by 100 points at once")


def test_a_route_that_is_lost_and_where_its_requests_go() -> None:
    rest = at(Stage.LEGACY, name="rest", match=Match())
    (move,) = moves(table(at(Stage.SHADOW), rest), table(rest))
    assert (move.changes, move.after, move.writes) == ((Change.LOST, Change.REQUESTS), None, Shift(100.0, None))
    assert [flag.words for flag in move.flags] == ["the route is gone: POST /pay goes to rest"]
    (alone,) = moves(
        table(at(Stage.SHADOW)), table(replace(rest, matches=(replace(PAY, path=PathMatch(value="/x")),)))
    )[:1]
    assert alone.flags[0].words == "the route is gone: POST /pay finds no route (404)"


def test_a_route_that_nobody_could_reach_is_lost_too() -> None:
    hidden = at(Stage.LEGACY, name="hidden")
    (move,) = moves(table(at(Stage.LEGACY), hidden), table(at(Stage.LEGACY)))
    assert dangers(move) == [Danger.ROUTE_LOST]
    assert "no request is known that it alone took" in move.flags[0].words


def test_a_match_that_gives_requests_to_a_route_of_the_other_system() -> None:
    rest = at(Stage.LEGACY, name="rest", match=Match())
    new = at(Stage.CANDIDATE)
    found = moves(table(rest), table(new, rest))
    assert [(move.route, move.changes, dangers(move)) for move in found] == [
        ("rest", (Change.REQUESTS,), [Danger.REQUESTS_MOVED]),
        ("pay", (Change.ADDED,), []),
    ]
    assert found[0].flags[0].words == "POST /pay goes to pay"


def test_requests_that_stay_with_their_system_are_told_but_not_dangerous() -> None:
    rest = at(Stage.LEGACY, name="rest", match=Match())
    found = moves(table(rest), table(at(Stage.SHADOW), rest))
    assert [(move.route, move.changes, move.flags) for move in found] == [
        ("rest", (Change.REQUESTS,), ()),
        ("pay", (Change.ADDED,), ()),
    ]


def test_other_matches_that_leave_requests_without_a_route() -> None:
    move = only(at(Stage.LEGACY), at(Stage.LEGACY, match=replace(PAY, methods=frozenset([b"PUT"]))))
    assert (move.changes, move.methods) == ((Change.MATCHES, Change.REQUESTS), ("PUT",))
    assert move.flags[0].words == "POST /pay finds no route (404)"


def test_other_backends_by_name_and_by_address() -> None:
    third = replace(NEW, name="third")
    (named,) = moves(
        table(at(Stage.SHADOW)), table(replace(at(Stage.SHADOW), candidate="third"), backends=(OLD, third))
    )
    (moved,) = moves(table(at(Stage.SHADOW)), table(at(Stage.SHADOW), backends=(OLD, replace(NEW, port=81))))
    assert named.changes == moved.changes == (Change.BACKENDS,)


def test_evidence() -> None:
    old, new = at(Stage.SHADOW), at(Stage.CANARY, 5)
    assert dangers(only(old, new, {})) == [Danger.WRITE_WITHOUT_EVIDENCE]
    assert dangers(only(old, new, {"other": Evidence(9)})) == [Danger.WRITE_WITHOUT_EVIDENCE]
    assert dangers(only(old, new, {"pay": Evidence(9)})) == []
    assert dangers(only(new, old, {})) == []
    asks = [replace(each, semantics=Semantics.READ) for each in (old, new)]
    assert dangers(only(*asks, {})) == [Danger.READ_WITHOUT_EVIDENCE]


def test_compared_reads_are_no_evidence_for_writes_of_the_same_route() -> None:
    both = [replace(at(stage, 5), matches=(Match(),)) for stage in (Stage.SHADOW, Stage.CANARY)]
    assert dangers(only(*both, {"pay": Evidence(9, frozenset(["GET"]))})) == [Danger.WRITE_WITHOUT_EVIDENCE]
    assert dangers(only(*both, {"pay": Evidence(9, frozenset(["GET", "POST"]))})) == []


def test_a_new_route_at_the_candidate_needs_evidence_too() -> None:
    rest = at(Stage.LEGACY, name="rest", match=Match())
    found = moves(table(rest), table(at(Stage.CANDIDATE), rest), {})
    assert dangers(found[1]) == [Danger.WRITE_WITHOUT_EVIDENCE]


standings = st.tuples(st.sampled_from(list(Stage)), st.integers(1, 100))


@given(standings, standings)
def test_the_shares_of_both_ways_mirror_each_other(old: tuple[Stage, int], new: tuple[Stage, int]) -> None:
    there, back = moves(table(at(*old)), table(at(*new))), moves(table(at(*new)), table(at(*old)))
    assert len(there) == len(back) <= 1
    for one, other in zip(there, back, strict=True):
        assert one.writes is not None
        assert other.writes is not None
        assert (one.writes.before, one.writes.after) == (other.writes.after, other.writes.before)
        assert not (one.flags and other.flags), "one of the ways leads to legacy"
