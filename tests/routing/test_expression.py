"""RE2 expressions, and why some are refused."""

import pytest

from proxy.routing.expression import MatchError, compile_regex


def test_an_expression_is_matched_in_linear_time() -> None:
    assert compile_regex("(a*)*b").fullmatch(b"a" * 100_000) is None


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("/a(", "not a RE2 expression: missing \\)"), ("(?=a)", "not a RE2"), ("a" * 1025, "longer than 1024")],
)
def test_what_is_none_is_refused_with_the_reason(pattern: str, message: str) -> None:
    with pytest.raises(MatchError, match=message):
        compile_regex(pattern)
