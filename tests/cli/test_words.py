"""Numbers, times and values as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators import Difference, Kind, Severity
from proxy.cli.words import (
    count,
    difference_lines,
    kind_of,
    moment,
    no_exchanges,
    pair,
    percent,
    printable,
    seconds,
    shown,
    span,
)
from tests.store.made import NOON


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.00042, "0.42 ms"), (0.0349, "34.9 ms"), (0.9996, "1 s"), (1.25, "1.25 s"), (1500.0, "1,500 s")],
)
def test_seconds(value: float, words: str) -> None:
    assert seconds(value) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0 %"), (0.0001, "<0.1 %"), (0.184, "18.4 %"), (0.99999, ">99.9 %"), (1.0, "100 %"), (0.1, "10 %")],
)
def test_percent(share: float, words: str) -> None:
    assert percent(share) == words


def test_counts() -> None:
    assert [count(1, "mismatch"), count(1204, "mismatch"), count(2, "route")] == [
        "1 mismatch",
        "1,204 mismatches",
        "2 routes",
    ]


def test_times() -> None:
    assert moment(NOON) == "2023-11-15 12:00:00 UTC"
    assert span(NOON, NOON + 60) == "2023-11-15 12:00:00 to 12:01:00 UTC"
    assert span(NOON, NOON + 86_400) == "2023-11-15 12:00:00 to 2023-11-16 12:00:00 UTC"


def test_nothing_commands_the_terminal() -> None:
    assert printable("a\x1b[2Jb\r\u202ec\n") == "a�[2Jb��c\n"
    assert shown("[red]a[/red]\nb").plain == "[red]a[/red]⏎b"


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.integers(10, 60))
def test_a_pair_shows_where_it_parts(common: str, one: str, other: str, room: int) -> None:
    legacy, candidate = pair(common + one, common + other, room)
    assert max(len(legacy), len(candidate)) <= room
    if common + one != common + other:
        assert legacy != candidate


def test_what_is_not_there_is_absent() -> None:
    assert pair(None, "null", 20) == ("(absent)", "null")


def test_no_exchanges() -> None:
    assert no_exchanges("a", ()).startswith("no exchanges yet. They come when `strangler serve` carries traffic")
    assert (
        no_exchanges("a\x1b", ("b", "c"))
        == "no exchanges on route a\N{REPLACEMENT CHARACTER}; this store has them on b, c."
    )
    assert no_exchanges("a", [str(number) for number in range(22)]).endswith("18, 19 and 2 more.")


def test_a_kind_says_what_it_means_unless_it_may_break() -> None:
    assert kind_of("value", Severity.BREAKING) == "value"
    assert kind_of("added", Severity.ADDITIVE) == "added, additive"


def test_a_difference_says_where_and_what_and_both_values() -> None:
    difference = Difference("$.a\x1b", Kind.ADDED, None, '"x"', "Ignore $.a")
    assert [line.plain for line in difference_lines(difference)] == [
        "$.a\N{REPLACEMENT CHARACTER}  added, additive  excused by Ignore $.a",
        "  legacy     (absent)",
        '  candidate  "x"',
    ]
