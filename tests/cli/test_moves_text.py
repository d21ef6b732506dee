"""What moves, in words."""

import io
from dataclasses import replace

from rich.console import Console

from proxy.cli.moves_text import print_moves, summary
from proxy.messages import Stage
from proxy.routing.moves import moves
from proxy.routing.table import Backend, Canary, Match, PathMatch, Route, RouteTable, Semantics
from proxy.store.traffic import MethodTraffic, RouteTraffic

PAY = Route("pay", "old", "new", stage=Stage.SHADOW, matches=(Match(PathMatch(value="/p"), frozenset([b"POST"])),))
CANARY = replace(PAY, stage=Stage.CANARY, canary=Canary(5, ("client",)))


def table(*routes: Route) -> RouteTable:
    backends = {name: Backend(name, "http", "h", 1) for name in ("old", "new", "newer")}
    return RouteTable("t", routes, backends, {}, "")


def said(old: RouteTable, new: RouteTable, traffic: dict[str, RouteTraffic] | None = None) -> list[str]:
    file = io.StringIO()
    print_moves(Console(file=file, highlight=False, soft_wrap=True), moves(old, new), traffic)
    return file.getvalue().splitlines()


def test_a_step_with_its_traffic() -> None:
    traffic = {"pay": RouteTraffic("pay", 1234, 0.123, 5020, (MethodTraffic("POST", 1234, 1200),))}
    assert said(table(PAY), table(CANARY), traffic) == [
        "pay  POST",
        "  shadow -> canary 5",
        "  writes: legacy old 100 % -> 95 %, candidate new 0 % -> 5 %",
        "  12.3 % of the shadowed exchanges (POST 1,234); 5,020 exchanges compared ever",
    ]
    assert said(table(PAY), table(CANARY), {})[3] == "  none of its exchanges are in the store"
    assert len(said(table(PAY), table(CANARY))) == 3


def test_a_group_and_dangers() -> None:
    grouped = [replace(each, group="g", matches=(Match(),)) for each in (PAY, replace(PAY, stage=Stage.CANDIDATE))]
    first, _, shares, jump, skipped = said(table(grouped[0]), table(grouped[1]))
    assert first == "pay (group g)  any method"
    assert shares == "  reads and writes: legacy old 100 % -> 0 %, candidate new 0 % -> 100 %"
    assert jump.startswith("  DANGER weight-jump: the candidate's share rises by 100 points")
    assert skipped.startswith("  DANGER stage-skipped: ")


def test_routes_that_come_and_go() -> None:
    rest = Route("rest", "old")
    come = said(table(rest), table(PAY, rest))
    assert come == [
        "rest  any method",
        "  stays in stage legacy; some requests go to another route or none",
        "  reads and writes: legacy old 100 %, candidate 0 %",
        "pay  POST",
        "  added in stage shadow",
        "  writes: legacy old 100 %, candidate new 0 %",
    ]
    gone = said(table(PAY, rest), table(rest))
    assert gone[1] == "  lost, was in stage shadow; some requests go to another route or none"
    assert gone[3] == "  DANGER route-lost: the route is gone: POST /p goes to rest"


def test_other_backends() -> None:
    lines = said(table(PAY), table(replace(PAY, candidate="newer")))
    assert lines[1] == "  stays in stage shadow; other backends"
    assert lines[2] == "  writes: legacy old 100 %, candidate new 0 % -> newer 0 %"


def test_summary() -> None:
    assert summary(()) == "no route changes"
    assert summary(moves(table(PAY), table(CANARY))) == "1 route changes, 0 dangers"
    assert summary(moves(table(PAY), table(replace(PAY, stage=Stage.CANDIDATE)))) == "1 route changes, 2 dangers"
    both = moves(table(PAY, replace(PAY, name="x")), table(CANARY, replace(CANARY, name="x")))
    assert summary(both) == "2 routes change, 0 dangers"


def test_callers_groups_and_semantics_that_change() -> None:
    other = Canary(5, ("header:X-Merchant-Id",), frozenset([b"m1", b"m2"]))
    after = replace(CANARY, canary=other, group="g", semantics=Semantics.READ)
    lines = said(table(CANARY), table(after))
    assert lines[1:6] == [
        "  stays in stage canary 5",
        "  group: none -> g",
        "  semantics: auto -> read",
        "  a caller's key: client -> header:X-Merchant-Id",
        "  callers are dealt anew: 4.8 % go to the candidate, 4.8 % back to legacy",
    ]
    assert lines[6] == "  include: 2 keys more, which go to the candidate; 0 fewer"
    assert [line.partition(":")[0] for line in lines[8:]] == ["  DANGER callers-redealt", "  DANGER writes-as-reads"]
