"""A compiled policy selects exactly what its paths select."""

import random
import time
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators.differences import Severity
from comparators.paths import PathError, Segment, parse_path
from comparators.policy import Node, compile_policy
from comparators.rules import (
    DecimalRule,
    IgnoreRule,
    MoneyRule,
    PatternRule,
    Rule,
    SeverityRule,
    TimestampRule,
    TwinRule,
    UnorderedRule,
)

STEPS = st.lists(st.sampled_from(["a", "b", "", 0, 1]), max_size=6)
PATHS = st.lists(
    st.sampled_from([".a", ".b", "['']", "[0]", "[1]", "[*]", "..a", "..b", "..[1]", "..[*]"]), max_size=4
).map(lambda parts: "$" + "".join(parts))


def reached(root: Node, steps: Sequence[str | int]) -> Node:
    node = root
    for step in steps:
        branches = node.names if isinstance(step, str) else node.indexes
        node = branches.get(step, node.other)  # type: ignore[call-overload]
    return node


def selects(segments: Sequence[Segment], steps: Sequence[str | int]) -> bool:
    """RFC 9535 said plainly: the reference."""
    if not segments or not steps:
        return not segments and not steps
    first, step = segments[0], steps[0]
    here = first.selector is None or (type(first.selector) is type(step) and first.selector == step)
    return (here and selects(segments[1:], steps[1:])) or (first.deep and selects(segments, steps[1:]))


@given(st.lists(PATHS, max_size=5), STEPS)
def test_the_trie_selects_what_the_paths_select(paths: list[str], steps: list[str | int]) -> None:
    rules = [DecimalRule(path, Decimal(number)) for number, path in enumerate(paths)]
    expected = tuple(rule for rule in rules if selects(parse_path(rule.path), steps))
    assert reached(compile_policy(rules=rules).root, steps).rules == expected


def test_a_node_knows_the_rule_that_ignores_it() -> None:
    root = compile_policy(rules=[DecimalRule("$.a"), IgnoreRule("$..a")]).root
    assert reached(root, ["a"]).ignore == IgnoreRule("$..a")
    assert reached(root, ["b"]).ignore is None


def test_severity_holds_for_all_below_and_the_longest_path_counts() -> None:
    rules = [
        SeverityRule("$..meta", Severity.INFO),
        SeverityRule("$.a.meta.b", Severity.BREAKING),
        SeverityRule("$.a.meta.b", Severity.ADDITIVE),
    ]
    root = compile_policy(rules=rules).root
    assert reached(root, ["a"]).severity is None
    assert reached(root, ["a", "meta"]).severity is Severity.INFO
    assert reached(root, ["meta", "x", 3]).severity is Severity.INFO
    assert reached(root, ["a", "meta", "b", "c"]).severity is Severity.BREAKING


def test_a_node_knows_its_rules_by_what_they_do() -> None:
    rules = [UnorderedRule("$.l"), TwinRule("$.l[*].id"), MoneyRule("$..amount"), PatternRule("$..amount", "a")]
    policy = compile_policy(rules=rules)
    assert policy.has_twins
    assert reached(policy.root, ["l"]).unordered == rules[0]
    element = reached(policy.root, ["l", 4])
    assert element.looks
    assert not policy.root.looks
    assert reached(element, ["id"]).twin == rules[1]
    assert reached(element, ["amount"]).rules == (*rules[2:],)


@pytest.mark.parametrize(
    "rule",
    [
        MoneyRule("$.a", currency="$.b[*]"),
        MoneyRule("$.a", exponent="$["),
        DecimalRule("$.a", currency="$..b"),
        UnorderedRule("$.a", "$.b"),
        UnorderedRule("$.a", "@.b[*]"),
    ],
)
def test_a_sibling_or_key_that_names_no_one_place_is_refused(rule: Rule) -> None:
    with pytest.raises(PathError):
        compile_policy(rules=[rule])


@pytest.mark.parametrize("pattern", ["(", "a" * 1025])
def test_an_expression_that_cannot_be_used_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="expression"):
        compile_policy(rules=[PatternRule("$.a", pattern)])


def test_only_errors_may_stand_for_each_other() -> None:
    assert compile_policy(families=[[400, 422]]).families == (frozenset({400, 422}),)
    with pytest.raises(ValueError, match="400 to 599"):
        compile_policy(families=[[200, 201]])


def test_defaults() -> None:
    policy = compile_policy()
    assert policy.content_types == {"application/json"}
    assert policy.headers == (b"content-type", b"location")
    assert policy.rules == ()


def test_names_are_taken_in_any_case_and_once() -> None:
    policy = compile_policy(content_types=[" Application/X "], headers=["ETag", "etag", "Location"])
    assert policy.content_types == {"application/x"}
    assert policy.headers == (b"etag", b"location")
    assert policy.names >= {b"etag", b"content-type", b"content-encoding"}


def test_policies_are_equal_by_what_they_say() -> None:
    assert compile_policy(rules=[IgnoreRule("$.a")]) == compile_policy(rules=[IgnoreRule("$.a")])
    assert compile_policy(rules=[IgnoreRule("$.a")]) != compile_policy(rules=[IgnoreRule("$.b")])


def test_a_bad_path_is_refused_with_its_offset() -> None:
    with pytest.raises(PathError, match="offset 3") as refused:
        compile_policy(rules=[IgnoreRule("$.a"), IgnoreRule("$.b[?@.c]")])
    assert refused.value.path == "$.b[?@.c]"


@pytest.mark.parametrize("tolerance", ["-1", "NaN", "-Infinity"])
@pytest.mark.parametrize("make", [DecimalRule, TimestampRule])
def test_a_bad_tolerance_is_refused(make: type[DecimalRule] | type[TimestampRule], tolerance: str) -> None:
    rule: Rule = make("$.a", Decimal(tolerance))
    with pytest.raises(ValueError, match="tolerance"):
        compile_policy(rules=[rule])


def test_paths_that_explode_are_refused_in_time() -> None:
    begun = time.monotonic()
    with pytest.raises(PathError, match="too many"):
        compile_policy(rules=[IgnoreRule("$..a" + "[*]" * 30)])
    assert time.monotonic() - begun < 5


def test_many_ordinary_rules_make_few_nodes() -> None:
    names = [f"field_{number}" for number in range(200)]
    random.Random(1).shuffle(names)
    policy = compile_policy(rules=[IgnoreRule(f"$.data[*].{name}") for name in names])
    assert reached(policy.root, ["data", 7, "field_150"]).ignore == IgnoreRule("$.data[*].field_150")
