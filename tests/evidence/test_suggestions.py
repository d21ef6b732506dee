import json
import re

import pytest

from proxy.evidence.suggestions import suggestion

Pairs = list[tuple[str | None, str | None]]


def texts(*values: str) -> Pairs:
    """Pairs of these strings, two by two."""
    said = [json.dumps(value) for value in values]
    return list(zip(said[::2], said[1::2], strict=True))


@pytest.mark.parametrize(
    ("pairs", "type_", "fields"),
    [
        (texts("2026-01-01T10:00:00Z", "2026-01-01T10:00:00.7Z"), "Timestamp", {"tolerance": "2s"}),
        (texts("2026-01-01T10:00:00Z", "2026-01-01T10:00:04Z"), "Timestamp", {"tolerance": "10s"}),
        (texts("2026-01-01T10:00:00Z", "2026-01-02T10:00:00Z"), "Ignore", {}),  # a day is no clock
        (texts("2026-01-01T10:00:00Z", "2026-01-01T10:00:00"), "Ignore", {}),
        (texts("req_8f2c1a", "req_77aa01", "req_c0ffee", "req_012345"), "Pattern", {"pattern": "req_[0-9a-f]{6}"}),
        (texts("a1", "b22", "c333", "d4"), "Pattern", {"pattern": "[0-9a-f]{2,4}"}),
        (texts("8f2c1a", "77aa01"), "Ignore", {}),  # two are no shape
        (texts("paid by alice", "paid by bob", "x y", "z"), "Ignore", {}),
        ([("1", "2"), ("3", "4"), ("5", "6")], "Ignore", {}),
        ([*texts("a1", "b2", "c3", "d4"), ("null", '"e5"')], "Ignore", {}),
        (texts("secret_abcdefghjkmnpqrs", "secret_hgfedcbajkmnpqrs", "secret_a" * 2, "secret_b" * 2), "Ignore", {}),
    ],
)
def test_the_narrowest_rule_that_all_pairs_allow(pairs: Pairs, type_: str, fields: dict[str, str]) -> None:
    found = suggestion("$.x", "value", pairs)
    assert (found.type, dict(found.fields)) == (type_, fields)


def test_uuids() -> None:
    values = [f"{number:08x}-1234-4abc-8def-0123456789ab" for number in range(4)]
    [(_, pattern)] = suggestion("$.x", "value", texts(*values)).fields
    assert all(re.fullmatch(pattern, value) for value in values)


def test_a_prefix_is_taken_word_for_word() -> None:
    values = ["a+b_12", "a+b_34", "a+b_56", "a+b_78"]
    [(_, pattern)] = suggestion("$.x", "value", texts(*values)).fields
    assert pattern == r"a\+b_[0-9]{2}"


@pytest.mark.parametrize(
    ("path", "kind", "type_", "why"),
    [
        ("$.rows", "order", "Unordered", "another order"),
        ("$.rows", "length", "Ignore", "hides mistakes"),
        ("$.x", "missing", "Ignore", "hides mistakes"),
        ("header:date", "header", None, "leave date out of headers.include"),
        ("body.lines[*]", "value", None, "rules concern JSON bodies"),
    ],
)
def test_other_kinds(path: str, kind: str, type_: str | None, why: str) -> None:
    found = suggestion(path, kind, texts("a", "b"))
    assert found.type == type_
    assert why in found.why
