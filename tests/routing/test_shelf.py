"""Rules of one path, found by a value that most of them ask for."""

import pytest

from proxy.messages import Headers
from proxy.routing.asked import Asked, Source
from proxy.routing.expression import MatchError
from proxy.routing.route import Match, Route, ValueKind, ValueMatch
from proxy.routing.rule import Rule, compile_rules
from proxy.routing.shelf import MANY, Shelf, most_asked, wanted


def _rules(*matches: Match) -> tuple[Rule, ...]:
    return compile_rules([Route(f"r{place}", "old", matches=(match,)) for place, match in enumerate(matches)])


def _names(shelf: Shelf, headers: Headers) -> list[str]:
    return [rule.route.name for rule in shelf.likely(Asked(b"/", headers))]


HOSTED = [Match(hosts=(f"h{number}",)) for number in range(20)]


def test_only_the_rules_of_a_value_and_those_without_one_are_likely_by_rank() -> None:
    header = Match(headers=(ValueMatch("a", "1"),))
    shelf = Shelf(_rules(*HOSTED, Match(), header))
    assert _names(shelf, ((b"host", b"h7"),)) == ["r21", "r7", "r20"]
    assert _names(shelf, ((b"host", b"other"),)) == ["r21", "r20"]
    assert _names(shelf, ()) == ["r21", "r20"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (b"a.x", ["r20"]),
        (b"b.a.x", ["r21", "r20"]),
        (b"c.b.a.x", ["r21", "r20"]),
        (b"h7.a.x", ["r22", "r21", "r20"]),
        (b"x", []),
        (b".x", []),
        (b"..x", ["r20"]),
        (b"ax", []),
        (b"a.x" * 2000, ["r20"]),
    ],
)
def test_a_wild_host_is_found_by_each_ending_of_a_host_that_leaves_a_label(host: bytes, expected: list[str]) -> None:
    wild = (Match(hosts=("*.x",)), Match(hosts=("*.a.x",)), Match(hosts=("h7.a.x", "y")))
    shelf = Shelf(_rules(*HOSTED, *wild))
    assert _names(shelf, ((b"host", host),)) == expected


def test_a_rule_of_a_whole_host_and_a_wild_one_is_tried_and_wins_once() -> None:
    both = Match(hosts=("h.x", "*.x"))
    assert set(_names(Shelf(_rules(*HOSTED, both)), ((b"host", b"h.x"),))) == {"r20"}


EXPRESSIONS = [Match(headers=(ValueMatch("a", f"m{number}-.*", ValueKind.REGEX),)) for number in range(20)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"m7-x", ["r7"]), (b"m7", []), (b"m7-\xff", ["r7"]), (b"", []), (b"exact", ["r20"]), (b"m7-\n", ["r7"])],
)
def test_expressions_are_found_in_one_look_and_take_what_each_alone_takes(value: bytes, expected: list[str]) -> None:
    rules = _rules(*EXPRESSIONS, Match(headers=(ValueMatch("a", "exact"),)))
    asked = Asked(b"/", ((b"a", value),))
    alone = [rule.route.name for rule in rules if rule.accepts(b"GET", asked)]
    found = [rule.route.name for rule in Shelf(rules).likely(asked) if rule.accepts(b"GET", asked)]
    assert found == alone
    assert set(found) <= set(expected)
    assert len(Shelf(rules).likely(asked)) <= 1
    assert list(Shelf(rules).likely(Asked(b"/", ()))) == []


def test_expressions_that_are_too_large_together_are_tried_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise MatchError("too large")

    monkeypatch.setattr("proxy.routing.shelf.pattern_set", refuse)
    assert len(_names(Shelf(_rules(*EXPRESSIONS)), ((b"a", b"m7-x"),))) == 20


def test_few_rules_are_all_likely() -> None:
    shelf = Shelf(_rules(*HOSTED[:MANY]))
    assert len(_names(shelf, ())) == MANY


def test_a_rule_of_several_hosts_lies_under_each() -> None:
    shelf = Shelf(_rules(*HOSTED, Match(hosts=("h7", "more"))))
    assert _names(shelf, ((b"host", b"more"),)) == ["r20"]
    assert _names(shelf, ((b"host", b"h7"),)) == ["r7", "r20"]


def test_only_values_are_things_to_be_found_by() -> None:
    kinds = [ValueMatch("a", "", kind) for kind in (ValueKind.PRESENT, ValueKind.ABSENT)]
    assert most_asked(_rules(*(Match(headers=(kind,)) for kind in kinds))) is None
    exact = Match(headers=(ValueMatch("A", "1"),))
    (rule,) = _rules(exact)
    assert most_asked([rule]) == (Source.HEADER, b"a")
    assert wanted(rule, (Source.HEADER, b"a")) == {b"1"}
    assert wanted(rule, (Source.HOST, b"")) == frozenset()
