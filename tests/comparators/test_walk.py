"""The walk: every difference is found, at its path, with its kind; and nothing else is."""

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators import (
    Answer,
    DecimalRule,
    IgnoreRule,
    Kind,
    MoneyRule,
    PatternRule,
    Rule,
    Severity,
    SeverityRule,
    TimestampRule,
    TwinRule,
    Units,
    UnorderedRule,
    Verdict,
    compare,
    compile_policy,
    pairing,
)
from comparators.arrangement import same
from comparators.document import Json
from comparators.paths import written
from comparators.walk import MAX_DEPTH
from tests.comparators.support import DOCUMENTS, SCALARS, TEXTS, found, judged, spelled
from tests.comparators.walking import leaves, replaced


@pytest.mark.parametrize(
    ("legacy", "candidate", "path", "kind"),
    [
        ("1", "2", "$", "value"),
        ("1", '"1"', "$", "type"),
        ("1", "true", "$", "type"),
        ("0", "false", "$", "type"),
        ("[1]", "[true]", "$[0]", "type"),
        ("null", "false", "$", "type"),
        ("{}", "[]", "$", "type"),
        ("10.00", '"10.00"', "$", "type"),
        ('"10.0"', '"10.00"', "$", "value"),
        ("0.1", "0.1000000000000000055511151231257827", "$", "value"),
        ("9007199254740993", "9007199254740992", "$", "value"),
        ("9007199254740993.0", "9007199254740992.0", "$", "value"),
        ("123456789012345678901234567890", "123456789012345678901234567891", "$", "value"),
        ("9" * 5000, "9" * 4999 + "8", "$", "value"),
        ("1e400", "1e401", "$", "value"),
        ("1e400", "0", "$", "value"),
        ("1E999999999", "1", "$", "value"),
        ('{"a":null}', "{}", "$.a", "missing"),
        ("{}", '{"a":null}', "$.a", "added"),
        ('{"a":{"b":1}}', '{"a":{"B":1}}', "$.a.b", "missing"),
        ('{"a":"x"}', '{"a":"x "}', "$.a", "value"),
        ('{"a":"x"}', '{"a":"X"}', "$.a", "value"),
        ('"é"', '"e\\u0301"', "$", "value"),
        ('"\\ud800"', '"\\ud801"', "$", "value"),
        ('{"\\ud800":1}', '{"\\ud800":2}', "$['\\ud800']", "value"),
        ('{"a":1,"a":2}', '{"a":2}', "$.a", "duplicate"),
        ('{"a":1,"a":2}', '{"a":2,"a":1}', "$.a", "duplicate"),
        ('{"a":true,"a":1}', '{"a":1,"a":1}', "$.a", "duplicate"),
        ('{"b":{"a":1}}', '{"b":{"a":1,"a":1}}', "$.b.a", "duplicate"),
        ("[1,2,3]", "[3,2,1]", "$", "order"),
        ('{"l":[{"a":1},{"a":2}]}', '{"l":[{"a":2},{"a":1}]}', "$.l", "order"),
        ("[[1,2],[3]]", "[[2,1],[3]]", "$[0]", "order"),
        ('["charge","charge"]', '["charge"]', "$", "length"),
        ("[1,2,3]", "[2,3]", "$", "length"),
        ("[]", "[1,2]", "$", "length"),
        ('"2024-05-01T12:00:00Z"', '"2024-05-01T14:00:00+02:00"', "$", "timezone"),
        ('"2024-05-01T12:00:00Z"', '"2024-05-01T12:00:00"', "$", "timezone"),
        ('"2024-05-01T12:00:00Z"', '"2024-05-01T12:00:01Z"', "$", "value"),
        ("[NaN]", "[null]", "body", "syntax"),
        ("\ufeff[]", "[]", "body", "syntax"),
    ],
)
def test_one_difference(legacy: str, candidate: str, path: str, kind: str) -> None:
    comparison = judged(legacy, candidate)
    assert comparison.verdict is Verdict.MISMATCH
    assert found(comparison)[0] == (path, kind)
    assert len(comparison.differences) == 1 or path == "$.a.b"
    assert judged(candidate, legacy).verdict is Verdict.MISMATCH


@pytest.mark.parametrize(
    ("legacy", "candidate"),
    [
        ("1", "1.0"),
        ("10.0", "10.00"),
        ("1e2", "100.0"),
        ("100", "1E+2"),
        ("0.0", "-0.0"),
        ("9" * 5000, "9" * 5000 + ".0"),
    ],
)
def test_another_spelling_of_a_number_is_told_apart_and_matches(legacy: str, candidate: str) -> None:
    for comparison in (judged(legacy, candidate), judged(candidate, legacy)):
        assert comparison.verdict is Verdict.MATCH
        assert [(d.path, d.kind.value, d.rule) for d in comparison.differences] == [("$", "spelling", "equal by value")]
        assert comparison.unexcused == ()


@pytest.mark.parametrize(
    ("legacy", "candidate"),
    [
        ("1e2", "1E+2"),
        ("0.10", "1.0e-1"),
        ("9" * 5000, " " + "9" * 5000),
        ('{"b":"\\ud800","a":1}', '{"a":1,"b":"\\uD800"}'),
        ('"\\u003a"', '":"'),
        ('"a\\/b"', '"a/b"'),
    ],
)
def test_no_difference_at_all(legacy: str, candidate: str) -> None:
    comparison = judged(legacy, candidate)
    assert (comparison.verdict, comparison.differences) == (Verdict.MATCH, ())


@given(DOCUMENTS, st.booleans(), st.booleans(), st.booleans())
def test_a_document_equals_itself_respelled(value: Json, escaped: bool, spaced: bool, reverse: bool) -> None:
    comparison = judged(spelled(value), spelled(value, escaped=escaped, spaced=spaced, reverse=reverse))
    assert (comparison.verdict, comparison.differences) == (Verdict.MATCH, ())


NESTED = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(TEXTS, inner, min_size=1, max_size=3),
    max_leaves=10,
)


@given(NESTED, st.data())
def test_one_changed_value_is_found_at_its_path(document: Json, data: st.DataObject) -> None:
    place, old = data.draw(st.sampled_from(leaves(document)))
    comparison = judged(spelled(document), spelled(replaced(document, place, "changed!"), spaced=True, reverse=True))
    kind = "value" if isinstance(old, str) else "type"
    assert comparison.verdict is Verdict.MISMATCH
    assert found(comparison) == [(written(place), kind)]


@given(st.dictionaries(TEXTS, NESTED, min_size=1, max_size=4), st.data())
def test_a_key_lost_or_added_is_found(document: dict[str, Json], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(document)))
    without = {key: value for key, value in document.items() if key != name}
    assert found(judged(spelled(document), spelled(without))) == [(written((None, name)), "missing")]
    assert found(judged(spelled(without), spelled(document))) == [(written((None, name)), "added")]


@given(st.lists(NESTED, min_size=1, max_size=4), st.data())
def test_an_element_doubled_is_found(elements: list[Json], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(elements) - 1))
    doubled = [*elements[: index + 1], elements[index], *elements[index + 1 :]]
    assert found(judged(spelled(elements), spelled(doubled))) == [("$", "length")]
    assert found(judged(spelled(doubled), spelled(elements))) == [("$", "length")]


def test_several_differences_come_in_the_order_of_legacy_then_what_was_added() -> None:
    comparison = judged('{"z":1,"a":[1,2],"m":0}', '{"n":0,"a":[1,3],"z":"1"}')
    assert found(comparison) == [("$.z", "type"), ("$.a[1]", "value"), ("$.m", "missing"), ("$.n", "added")]


def test_lists_of_other_length_and_other_elements() -> None:
    comparison = judged("[1,2,3]", "[1,9]")
    assert found(comparison) == [("$[1]", "value"), ("$", "length")]
    assert (comparison.differences[1].legacy, comparison.differences[1].candidate) == ("3", "2")


def test_a_large_list_put_in_another_order_is_one_difference() -> None:
    rows = [{"id": number, "tax": [number % 3, {"due": "1.00"}]} for number in range(500)]
    comparison = judged(json.dumps(rows), json.dumps(rows[::-1]))
    assert found(comparison) == [("$", "order")]


def test_one_large_element_that_moved_is_one_difference() -> None:
    wide = {str(number): number for number in range(300)}
    wider = {str(number): number + 1 for number in range(300)}
    assert found(judged(json.dumps([wide, wider]), json.dumps([wider, wide]))) == [("$", "order")]


def test_the_list_of_differences_is_cut_and_says_so() -> None:
    comparison = judged(json.dumps(["a"] * 5000), json.dumps(["b"] * 5000))
    assert len(comparison.differences) == 100
    assert comparison.reason == "100 unexcused differences are listed; no more were looked for"


def test_a_difference_behind_a_flood_of_excused_ones_is_found() -> None:
    legacy, candidate = ([{"id": n + shift, "a": 1} for n in range(5000)] for shift in (0, 1))
    comparison = judged(json.dumps([*legacy, 1]), json.dumps([*candidate, 2]), IgnoreRule("$..id"))
    assert comparison.verdict is Verdict.MISMATCH
    assert found(comparison)[-1] == ("$[5000]", "value")
    assert len(comparison.differences) == 101


@pytest.mark.parametrize(
    ("legacy", "candidate", "rule", "path"),
    [
        ('{"a":1,"x":1}', '{"a":1,"x":2}', IgnoreRule("$.x"), "$.x"),
        ('{"a":1,"x":1}', '{"a":1}', IgnoreRule("$..x"), "$.x"),
        ('{"a":1}', '{"x":null,"a":1}', IgnoreRule("$.x"), "$.x"),
        ('{"x":{"a":[1]}}', '{"x":{"a":[true]}}', IgnoreRule("$.x"), "$.x"),
        ('{"x":[1,2]}', '{"x":[1]}', IgnoreRule("$.x"), "$.x"),
        ('{"x":{}}', '{"x":[]}', IgnoreRule("$.*"), "$.x"),
        ('{"x":1,"x":1}', '{"x":1}', IgnoreRule("$.x"), "$.x"),
        ('[{"id":1},{"id":2}]', '[{"id":1},{"id":3}]', IgnoreRule("$[*].id"), "$[1].id"),
        ('[{"id":1},{"id":2}]', '[{"id":1},{"id":3}]', IgnoreRule("$[1]['id']"), "$[1].id"),
        ("1", "2", IgnoreRule("$"), "$"),
        ('{"amount":"10.00"}', '{"amount":"10.0"}', DecimalRule("$..amount"), "$.amount"),
        ('{"amount":10}', '{"amount":10.01}', DecimalRule("$.amount", Decimal("0.01")), "$.amount"),
        ('{"at":"2024-05-01T12:00:00Z"}', '{"at":"2024-05-01T14:00:00+02:00"}', TimestampRule("$.at"), "$.at"),
        ('{"at":1714564800}', '{"at":1714564802}', TimestampRule("$.at", 2), "$.at"),
        ('{"at":1}', '{"at":"1"}', IgnoreRule("$.at"), "$.at"),
        ('{"l":[1,1]}', '{"l":[1]}', IgnoreRule("$.l"), "$.l"),
    ],
)
def test_a_rule_excuses_and_is_named(legacy: str, candidate: str, rule: Rule, path: str) -> None:
    for comparison in (judged(legacy, candidate, rule), judged(candidate, legacy, rule)):
        assert comparison.verdict is Verdict.IGNORED
        assert [(d.path, d.rule) for d in comparison.differences] == [(path, rule.name)]
    assert judged(legacy, candidate).verdict is Verdict.MISMATCH
    assert judged(legacy, " " + legacy, rule) == judged(legacy, legacy)


@pytest.mark.parametrize(
    ("legacy", "candidate", "rule", "path"),
    [
        ('{"x":{"y":1}}', '{"x":{"y":2}}', IgnoreRule("$.y"), "$.x.y"),
        ('{"x":{"y":1}}', '{"x":{}}', IgnoreRule("$.x.y.z"), "$.x.y"),
        ('{"x":{"y":1}}', "{}", IgnoreRule("$.x.y"), "$.x"),
        ('{"l":[1,1]}', '{"l":[1]}', IgnoreRule("$.l[*]"), "$.l"),
        ('{"l":[1]}', '{"l":[1,2]}', IgnoreRule("$.l[*]"), "$.l"),
        ('{"amount":4999}', '{"amount":"4999"}', DecimalRule("$..amount"), "$.amount"),
        ('{"a":"2024-05-01T12:00:00Z"}', '{"a":1714564800000}', TimestampRule("$.a", 2), "$.a"),
        ('{"a":1714564800}', '{"a":1714564800000}', TimestampRule("$.a", 2), "$.a"),
        ('{"a":10}', "{}", DecimalRule("$.a", Decimal(99)), "$.a"),
        ('{"a":[10]}', '{"a":[11]}', DecimalRule("$.a", Decimal(99)), "$.a[0]"),
        ('{"a":10}', '{"a":true}', DecimalRule("$.a", Decimal(99)), "$.a"),
        ('{"a":null}', '{"a":0}', DecimalRule("$.a", Decimal(99)), "$.a"),
        ('{"a":"2024-05-01T12:00:00Z"}', '{"a":"2024-05-01T12:00:03Z"}', TimestampRule("$.a", 2), "$.a"),
        ('{"a":1,"a":2}', '{"a":2}', DecimalRule("$.a", Decimal(99)), "$.a"),
    ],
)
def test_what_a_rule_does_not_excuse(legacy: str, candidate: str, rule: Rule, path: str) -> None:
    comparison = judged(legacy, candidate, rule)
    assert comparison.verdict is Verdict.MISMATCH
    assert [(d.path, d.rule) for d in comparison.differences] == [(path, None)]


def test_a_rule_never_makes_a_respelled_number_worse() -> None:
    assert judged('{"a":1.0}', '{"a":1.00}', DecimalRule("$.a")).verdict is Verdict.MATCH
    assert judged('{"a":1.0}', '{"a":1.00}', IgnoreRule("$.a")).verdict is Verdict.MATCH


def test_a_list_in_another_order_under_rules() -> None:
    legacy, candidate = '[{"id":1,"sku":"a"},{"id":2,"sku":"b"}]', '[{"id":3,"sku":"b"},{"id":4,"sku":"a"}]'
    assert found(judged(legacy, candidate, IgnoreRule("$..id"))) == [("$", "order")]


def nested(depth: int, leaf: str, opening: str = "[", closing: str = "]") -> str:
    return opening * depth + leaf + closing * depth


@pytest.mark.parametrize(
    ("legacy", "candidate"),
    [
        (nested(100_000, "1"), nested(100_000, "2")),
        (nested(100_000, "1"), nested(99_999, "1")),
        (nested(100_000, "1"), " " + nested(100_000, "1")),
        (nested(100_000, "1", '{"a":', "}"), nested(100_000, "2", '{"a":', "}")),
        (nested(MAX_DEPTH + 1, "1"), nested(MAX_DEPTH + 1, "2")),
        (nested(MAX_DEPTH + 1, "1", '{"a":', "}"), nested(MAX_DEPTH + 1, "2", '{"a":', "}")),
        (nested(600, '"\\ud800"'), nested(600, '"\\ud801"')),
        ("[1e99999999999999999999]", "[1]"),
    ],
)
def test_what_is_too_deep_or_too_large_is_inconclusive_in_time(legacy: str, candidate: str) -> None:
    begun = time.process_time()
    comparison = judged(legacy, candidate)
    assert time.process_time() - begun < 0.5
    assert comparison.verdict is Verdict.INCONCLUSIVE
    assert comparison.reason


def test_the_bound_of_nesting_is_inclusive() -> None:
    lists = judged(nested(MAX_DEPTH, "1"), nested(MAX_DEPTH, "2"))
    assert found(lists) == [("$" + "[0]" * MAX_DEPTH, "value")]
    objects = judged(nested(MAX_DEPTH, "1", '{"a":', "}"), nested(MAX_DEPTH, "2", '{"a":', "}"))
    assert found(objects) == [("$" + ".a" * MAX_DEPTH, "value")]


def test_what_is_ignored_and_too_deep_to_compare_is_inconclusive() -> None:
    comparison = judged(nested(600, "1", '{"a":', "}"), nested(600, "2", '{"a":', "}"), IgnoreRule("$"))
    assert comparison.verdict is Verdict.INCONCLUSIVE


def test_a_mismatch_found_before_the_bound_stays_one_and_says_what_was_not_read() -> None:
    comparison = judged(f'{{"a":1,"b":{nested(300, "1")}}}', f'{{"a":2,"b":{nested(300, "2")}}}')
    assert comparison.verdict is Verdict.MISMATCH
    assert found(comparison) == [("$.a", "value")]
    assert "nested" in str(comparison.reason)


def test_a_deep_value_on_one_side_is_shown_in_part() -> None:
    comparison = judged(nested(600, "1"), "1")
    assert found(comparison) == [("$", "type")]
    assert len(str(comparison.differences[0].legacy)) <= 256


@pytest.mark.parametrize(
    ("legacy", "candidate", "places"),
    [
        (b'["a","b","c"]', b'["c","b","a"]', ("[0,1,2]", "[2,1,0]")),
        (b'["a","a","b"]', b'["a","b","a"]', ("[1,2]", "[2,1]")),
        (json.dumps(list(range(100))).encode(), json.dumps([*range(98), 99, 98]).encode(), ("[98,99]", "[99,98]")),
    ],
)
def test_another_order_shows_places_and_no_values(legacy: bytes, candidate: bytes, places: tuple[str, str]) -> None:
    answers = [Answer(200, ((b"content-type", b"application/json"),), body) for body in (legacy, candidate)]
    (difference,) = compare(*answers, compile_policy()).differences
    assert (difference.kind, difference.legacy, difference.candidate) == (Kind.ORDER, *places)


def test_a_byte_order_mark_before_both_is_overlooked_and_rules_still_hold() -> None:
    legacy, candidate = '\ufeff{"id":1,"a":2}', '\ufeff{"a":2, "id":3}'
    assert found(judged(legacy, candidate)) == [("$.id", "value")]
    assert judged(legacy, candidate, IgnoreRule("$.id")).verdict is Verdict.IGNORED


@pytest.mark.parametrize("legacy", ['\ufeff{"id":1}', '\ufeff\ufeff{"id":1}'])
def test_a_byte_order_mark_more_on_one_side_is_a_difference(legacy: str) -> None:
    candidate = legacy.removeprefix("\ufeff")
    for comparison in (judged(legacy, candidate), judged(candidate, legacy)):
        assert found(comparison) == [("body", "syntax")]


def test_a_byte_order_mark_before_what_is_no_json_is_text() -> None:
    assert found(judged("\ufeff<a>", "\ufeff<b>")) == [("body.lines[0]", "value")]


LINES = '{"lines":[{"sku":"a","qty":1,"at":1},{"sku":"b","qty":2,"at":1}]}'


@pytest.mark.parametrize(
    ("legacy", "candidate", "rules", "expected"),
    [
        ("[1,2,3]", "[3,1,2]", [UnorderedRule("$")], [("$", "order", "Unordered $")]),
        ("[1,2,3]", "[1,2,3 ]", [UnorderedRule("$")], []),
        ("[1,2]", "[2,1.0]", [UnorderedRule("$")], [
            ("$", "order", "Unordered $"), ("$[0]", "spelling", "equal by value"),
        ]),
        ('["c","c"]', '["c"]', [UnorderedRule("$")], [("$[1]", "missing", None)]),
        ('["c"]', '["c","c"]', [UnorderedRule("$")], [("$[1]", "added", None)]),
        ('["c","d"]', '["d","d"]', [UnorderedRule("$")], [("$[0]", "value", None)]),
        (
            LINES,
            '{"lines":[{"sku":"b","qty":3,"at":1},{"sku":"a","qty":1,"at":2}]}',
            [UnorderedRule("$.lines", "sku"), IgnoreRule("$..at")],
            [
                ("$.lines", "order", "Unordered $.lines"),
                ("$.lines[0].at", "value", "Ignore $..at"),
                ("$.lines[1].qty", "value", None),
            ],
        ),
        (
            LINES,
            '{"lines":[{"sku":"b","qty":3,"at":1},{"sku":"a","qty":1,"at":1}]}',
            [UnorderedRule("$..lines"), DecimalRule("$..qty", Decimal(1))],
            [("$.lines", "order", "Unordered $..lines"), ("$.lines[1].qty", "value", "Decimal $..qty")],
        ),
        (
            '[{"id":1,"l":["x","y"]},{"id":2,"l":["z"]}]',
            '[{"id":2,"l":["z"]},{"id":1,"l":["y","x"]}]',
            [UnorderedRule("$"), UnorderedRule("$[*].l")],
            [("$", "order", "Unordered $"), ("$[0].l", "order", "Unordered $[*].l")],
        ),
        (
            "[10.00,10.01]",
            "[10.01,10.02]",
            [UnorderedRule("$"), DecimalRule("$[*]", Decimal("0.01"))],
            [("$[0]", "value", "Decimal $[*]"), ("$[1]", "value", "Decimal $[*]")],
        ),
        ('[10.00,10.02]', "[10.03,10.01]", [UnorderedRule("$"), DecimalRule("$[*]", Decimal("0.01"))], [
            ("$", "order", "Unordered $"), ("$[0]", "value", "Decimal $[*]"), ("$[1]", "value", "Decimal $[*]"),
        ]),
    ],
)  # fmt: skip
def test_lists_whose_order_does_not_count(
    legacy: str, candidate: str, rules: list[Rule], expected: list[tuple[str, str, str | None]]
) -> None:
    comparison = judged(legacy, candidate, *rules)
    assert [(d.path, d.kind.value, d.rule) for d in comparison.differences] == expected


@given(st.lists(SCALARS, max_size=6), st.lists(SCALARS, max_size=6))
def test_a_multiset_is_no_more_than_ignored_if_it_is_the_same(legacy: list[Json], candidate: list[Json]) -> None:
    verdict = judged(spelled(legacy), spelled(candidate), UnorderedRule("$")).verdict
    alike = len(legacy) == len(candidate) and all(
        sum(same(one, other) for other in legacy) == sum(same(one, other) for other in candidate) for one in legacy
    )
    assert (verdict in {Verdict.MATCH, Verdict.IGNORED}) is alike


IDS = TwinRule("$..id"), TwinRule("$..parent")


@pytest.mark.parametrize(
    ("legacy", "candidate", "expected"),
    [
        ('{"id":"a"}', '{"id":"x"}', [("$.id", "value", "Twin $..id")]),
        ('{"id":1}', '{"id":2}', [("$.id", "value", "Twin $..id")]),
        ('{"id":"a"}', '{"id": "a"}', []),
        ('{"id":1}', '{"id":"1"}', [("$.id", "type", None)]),
        ('{"id":null}', '{"id":"a"}', [("$.id", "type", None)]),
        (
            '{"id":"a","child":{"parent":"a"}}',
            '{"id":"x","child":{"parent":"x"}}',
            [("$.id", "value", "Twin $..id"), ("$.child.parent", "value", "Twin $..parent")],
        ),
        (
            '{"id":"a","child":{"parent":"a"}}',
            '{"id":"x","child":{"parent":"y"}}',
            [("$.id", "value", "Twin $..id"), ("$.child.parent", "twin", None)],
        ),
        (
            '{"id":"a","child":{"parent":"a"}}',
            '{"id":"x","child":{"parent":"a"}}',
            [("$.id", "value", "Twin $..id"), ("$.child.parent", "twin", None)],
        ),
        (
            '[{"id":"a"},{"id":"b"}]',
            '[{"id":"x"},{"id":"x"}]',
            [("$[0].id", "value", "Twin $..id"), ("$[1].id", "twin", None)],
        ),
        ('[{"id":"a"},{"id":"b"}]', '[{"id":"a"},{"id":"a"}]', [("$[1].id", "twin", None)]),
    ],
)
def test_twins(legacy: str, candidate: str, expected: list[tuple[str, str, str | None]]) -> None:
    comparison = judged(legacy, candidate, *IDS)
    assert [(d.path, d.kind.value, d.rule) for d in comparison.differences] == expected


def test_lists_whose_elements_can_be_told_apart_pair_those_of_others() -> None:
    legacy = '{"l":[{"id":"a","x":1},{"id":"b","x":1}],"m":[{"id":"b","y":2},{"id":"a","y":1}]}'
    candidate = '{"l":[{"id":"q","x":1},{"id":"p","x":1}],"m":[{"id":"p","y":1},{"id":"q","y":2}]}'
    rules = *IDS, UnorderedRule("$.l"), UnorderedRule("$.m")
    assert judged(legacy, candidate, *rules).verdict is Verdict.IGNORED
    assert judged(legacy, candidate.replace('"q","y":2', '"z","y":2'), *rules).verdict is Verdict.MISMATCH


def test_twins_known_from_elsewhere_pair_elements() -> None:
    legacy = '{"rows":[{"id":"a","n":1},{"id":"b","n":1}],"first":{"id":"a"}}'
    candidate = '{"rows":[{"id":"y","n":1},{"id":"x","n":1}],"first":{"id":"x"}}'
    assert judged(legacy, candidate, *IDS, UnorderedRule("$.rows")).verdict is Verdict.IGNORED
    wrong = candidate.replace('"first":{"id":"x"}', '"first":{"id":"z"}')
    assert judged(legacy, wrong, *IDS, UnorderedRule("$.rows")).verdict is Verdict.MISMATCH


@pytest.mark.parametrize(
    ("legacy", "candidate", "expected"),
    [
        ('"10.00"', "1000", ("$.amount", "type", "Money $..amount")),
        ('"10.00"', '"10.0"', ("$.amount", "value", "Money $..amount")),
        ("10.00", "1000", ("$.amount", "value", "Money $..amount")),
        ('"10.00"', "1001", ("$.amount", "rounding", None)),
        ("1000", "999", ("$.amount", "rounding", None)),
        ("1000", "1002", ("$.amount", "value", None)),
        ('"10.00"', "10", ("$.amount", "type", None)),
    ],
)
def test_money(legacy: str, candidate: str, expected: tuple[str, str, str | None]) -> None:
    bodies = [f'{{"amount":{amount},"currency":"EUR"}}' for amount in (legacy, candidate)]
    (found,) = judged(*bodies, MoneyRule("$..amount")).differences
    assert (found.path, found.kind.value, found.rule) == expected


def test_money_in_paired_elements_is_of_their_own_currency() -> None:
    legacy = '[{"currency":"JPY","amount":"500"},{"currency":"EUR","amount":"5.00"}]'
    candidate = '[{"currency":"EUR","amount":500},{"currency":"JPY","amount":500}]'
    assert judged(legacy, candidate, UnorderedRule("$", "currency"), MoneyRule("$..amount")).verdict is Verdict.IGNORED
    assert judged(legacy, candidate, UnorderedRule("$"), MoneyRule("$..amount")).verdict is Verdict.IGNORED


def test_patterns() -> None:
    rule = PatternRule("$.ref", "ref_[0-9a-f]{8}")
    assert judged('{"ref":"ref_00000001"}', '{"ref":"ref_00000002"}', rule).verdict is Verdict.IGNORED
    assert judged('{"ref":"ref_00000001"}', '{"ref":"ref_2"}', rule).verdict is Verdict.MISMATCH


@pytest.mark.parametrize(
    ("legacy", "candidate", "severity"),
    [
        ("1", "2", "breaking"),
        ("{}", '{"a":1}', "additive"),
        ('{"a":1}', "{}", "breaking"),
        ("1", "1.0", "info"),
        ('"2024-05-01T12:00:00Z"', '"2024-05-01T14:00:00+02:00"', "info"),
        ('"2024-05-01T12:00:00Z"', '"2024-05-01T12:00:00+02:00"', "breaking"),
        ("[1,2]", "[2,1]", "breaking"),
    ],
)
def test_severities(legacy: str, candidate: str, severity: str) -> None:
    assert [found.severity for found in judged(legacy, candidate).differences] == [severity]
    told = judged(legacy, candidate, SeverityRule("$", Severity.ADDITIVE))
    assert [found.severity for found in told.differences] == ["additive"]
    assert told.verdict is judged(legacy, candidate).verdict


def test_what_both_repeat_is_not_equal() -> None:
    comparison = judged('{"x":{"a":1,"a":2}}', '{"x": {"a":1,"a":2}}')
    assert comparison.verdict is Verdict.INCONCLUSIVE
    assert comparison.reason == "both repeat the key $.x.a, and what a reader makes of that is not defined"
    assert judged('{"a":1,"a":2}', '{"a": 1,"a":2}', IgnoreRule("$.a")).verdict is Verdict.MATCH
    assert judged('{"a":1,"a":2}', '{"a":1,"a":2}').verdict is Verdict.MATCH


def test_too_many_values_to_pair_are_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "EFFORT", 10)
    comparison = judged(json.dumps([*range(20)]), json.dumps([*range(20, 0, -1)]), UnorderedRule("$"))
    assert comparison.verdict is Verdict.INCONCLUSIVE
    assert "order doesn't count" in str(comparison.reason)


@pytest.mark.parametrize("key", [None, "id"])
def test_a_large_list_in_another_order_and_what_differs_in_it(key: str | None) -> None:
    rows = [{"id": number, "n": number % 7, "rate": Decimal("1.5")} for number in range(300)]
    mixed = [*reversed(rows)]
    mixed[0] = {**mixed[0], "n": 99}
    mixed[1] = {**mixed[1], "rate": Decimal("1.50")}
    comparison = judged(spelled(rows), spelled([*mixed, {"id": 300}]), UnorderedRule("$", key))
    assert found(comparison) == [
        ("$", "order"),
        ("$[298].rate", "spelling"),
        ("$[299].n", "value"),
        ("$[300]", "added"),
    ]


@pytest.mark.parametrize(
    ("legacy", "candidate", "expected"),
    [
        ('{"amount":1000,"currency":"EUR"}', '{"amount":1000,"currency":"EUR"}', [("$.amount", "value")]),
        ('{"amount":1000,"currency":"EUR"}', '{"amount":1000.0,"currency":"EUR"}', [("$.amount", "value")]),
        (
            '{"a":[{"amount":1,"currency":"EUR"}]}',
            '{"a":[{"amount":1,"currency":"EUR"}]}',
            [("$.a[0].amount", "value")],
        ),
        ('{"amount":1000,"currency":"JPY"}', '{"amount":1000,"currency":"JPY"}', []),
        ('{"amount":0,"currency":"EUR"}', '{"amount":0,"currency":"EUR"}', []),
        ('{"amount":1000}', '{"amount":1000}', []),
        ('{"amount":null,"currency":"EUR"}', '{"amount":null,"currency":"EUR"}', []),
    ],
)
def test_equal_numbers_in_other_units_are_other_amounts(
    legacy: str, candidate: str, expected: list[tuple[str, str]]
) -> None:
    rule = MoneyRule("$..amount", legacy=Units.MINOR, candidate=Units.MAJOR)
    comparison = judged(legacy, candidate, rule)
    assert found(comparison) == expected
    assert comparison.verdict is (Verdict.MISMATCH if expected else Verdict.MATCH)
    assert found(judged(legacy, candidate, rule, UnorderedRule("$.a"))) == expected


def test_unordered_lists_inside_one_another_are_compared_in_bounded_time() -> None:
    def nested(side: str, levels: int) -> str:
        if not levels:
            return f'{{"v":"{side}"}}'
        return f'{{"items":[{",".join(nested(f"{side}{place}", levels - 1) for place in range(4))}]}}'

    begun = time.process_time()
    assert judged(nested("a", 5), nested("b", 5), UnorderedRule("$..items")).verdict is Verdict.MISMATCH
    assert time.process_time() - begun < 5  # it was minutes
