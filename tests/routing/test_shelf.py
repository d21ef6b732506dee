"""Rules of one path, found by a value that most of them ask for."""

from proxy.messages import Headers
from proxy.routing.asked import Asked, Source
from proxy.routing.route import Match, Route, ValueKind, ValueMatch
from proxy.routing.rule import Rule, compile_rules
from proxy.routing.shelf import MANY, Shelf, most_asked, wanted


def _rules(*matches: Match) -> tuple[Rule, ...]:
    return compile_rules([Route(f"r{place}", "old", matches=(match,)) for place, match in enumerate(matches)])


def _names(shelf: Shelf, headers: Headers) -> list[str]:
    return [rule.route.name for rule in shelf.likely(Asked(b"/", headers))]


HOSTED = [Match(hosts=(f"h{number}",)) for number in range(20)]


def test_only_the_rules_of_a_value_and_those_without_one_are_likely_by_rank() -> None:
    wild = Match(hosts=("*.x",))
    header = Match(headers=(ValueMatch("a", "1"),))
    shelf = Shelf(_rules(*HOSTED, wild, Match(), header))
    assert _names(shelf, ((b"host", b"h7"),)) == ["r22", "r7", "r20", "r21"]
    assert _names(shelf, ((b"host", b"other"),)) == ["r22", "r20", "r21"]
    assert _names(shelf, ()) == ["r22", "r20", "r21"]


def test_few_rules_are_all_likely() -> None:
    shelf = Shelf(_rules(*HOSTED[:MANY]))
    assert len(_names(shelf, ())) == MANY


def test_a_rule_of_several_hosts_lies_under_each() -> None:
    shelf = Shelf(_rules(*HOSTED, Match(hosts=("h7", "more"))))
    assert _names(shelf, ((b"host", b"more"),)) == ["r20"]
    assert _names(shelf, ((b"host", b"h7"),)) == ["r7", "r20"]


def test_only_exact_values_are_things_to_be_found_by() -> None:
    kinds = [ValueMatch("a", "1", kind) for kind in (ValueKind.REGEX, ValueKind.PRESENT, ValueKind.ABSENT)]
    assert most_asked(_rules(*(Match(headers=(kind,)) for kind in kinds), Match(hosts=("*.x",)))) is None
    exact = Match(headers=(ValueMatch("A", "1"),))
    (rule,) = _rules(exact)
    assert most_asked([rule]) == (Source.HEADER, b"a")
    assert wanted(rule, (Source.HEADER, b"a")) == {b"1"}
    assert wanted(rule, (Source.HOST, b"")) == frozenset()
