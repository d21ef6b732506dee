"""A compiled policy selects exactly what its paths select."""

import random
import time
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators.paths import PathError, Segment, parse_path
from comparators.policy import Node, compile_policy
from comparators.rules import DecimalRule, IgnoreRule, Rule, TimestampRule

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
