import re

import pytest

from proxy.cli.report_markdown import MOST_FIELDS, cell, code, markdown, plain
from tests.cli.reports import EVIL, cause, hostile, report, route


def without_code(text: str) -> str:
    """What is left when code spans are taken out, as CommonMark finds them: a fence closes with as many backticks."""
    return re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)


def test_what_a_pull_request_shows() -> None:
    found = markdown(report(route(cause(), name="create"), route(name="calm", mismatch=0)))
    for line in (
        "## Shadow report: 7 unexplained mismatches on 1 route",
        "| `create` | 100 | 86 | 7 | 7 | 0 | 0 | **7** | 13 % |",
        "| `calm` | 93 | 86 | 7 | 0 | 0 | 0 | 0 | 3 % |",
        "**1. `$.amount`** value, one-unit · breaking · open  ",
        '| `"10.00"` | `"10.01"` |',
    ):
        assert line in found.splitlines()


def test_hostile_values_stay_in_code_or_are_escaped() -> None:
    for line in markdown(hostile()).splitlines():
        left = re.sub(r"\\.", "", without_code(line))
        assert "script" not in left or "<" not in left
        assert "](" not in left
        assert "@" not in left
        assert "http:" not in left
        assert not line.startswith("# ")


@pytest.mark.parametrize("text", [EVIL, "`", "``a`", " ", "", "a|b", "ends with `"])
def test_a_code_span_holds_anything(text: str) -> None:
    assert without_code(code(text)) == ""
    assert "\n" not in code(text)


def test_a_bar_does_not_end_a_cell() -> None:
    assert cell("a|b") == "`a\\|b`"
    assert code("a|b") == "`a|b`"


def test_plain_text_means_nothing() -> None:
    assert plain("*a* [b](c) <d> http://e www.f @g 1_0") == (r"\*a\* \[b\](c) \<d\> http\://e www\.f \@g 1\_0")


def test_many_causes_are_bounded() -> None:
    found = markdown(report(route(*(cause(f"$.f{number}") for number in range(10_000)))))
    assert f"{10_000 - MOST_FIELDS:,} causes more" in found
    assert len(found) < 10_000
