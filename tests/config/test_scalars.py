"""What a scalar means in YAML 1.2's core schema, and what variables in it become."""

import math

import pytest

from proxy.config.scalars import Plain, ScalarError, resolve, substitute


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, word) for word in ("yes", "no", "on", "off", "Yes", "y", "n", "NO", "tRUE")),
        *((word, word) for word in ("12:30:45", "2024-01-01", "0b11", "1_000", "0o8", "+0x1", "1Ki", "0.0.0.0", "-")),
        ("true", True),
        ("FALSE", False),
        ("", None),
        ("~", None),
        ("Null", None),
        ("0o17", 15),
        ("010", 10),
        ("-7", -7),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("-.inf", -math.inf),
    ],
)
def test_only_the_words_of_the_core_schema_are_more_than_strings(text: str, value: Plain) -> None:
    found = resolve(text)
    assert (found, type(found)) == (value, type(value))


def test_not_a_number_is_one() -> None:
    found = resolve(".nan")
    assert isinstance(found, float)
    assert math.isnan(found)


def test_a_number_of_thousands_of_digits_is_refused_and_not_computed() -> None:
    with pytest.raises(ScalarError, match="400 digits"):
        resolve("9" * 100_000)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("http://${HOST}:${PORT:-80}/", "http://h:80/"),
        ("${HOST:-x}", "h"),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY}", ""),
        ("${NONE:-}", ""),
        ("${NONE:-a:-b}", "a:-b"),
        ("$${HOST}", "${HOST}"),
        ("$.id and $HOST and {HOST}", "$.id and $HOST and {HOST}"),
        ("${NESTED}", "${HOST}"),
    ],
)
def test_variables(text: str, value: str) -> None:
    assert substitute(text, {"HOST": "h", "EMPTY": "", "NESTED": "${HOST}"}) == value


@pytest.mark.parametrize("text", ["${", "${HOST", "${}", "${1}", "${A-B}", "${HOST:+x}", "a${ HOST}"])
def test_what_looks_like_a_variable_and_is_none_is_refused(text: str) -> None:
    with pytest.raises(ScalarError, match="must be"):
        substitute(text, {"HOST": "h"})


def test_a_variable_that_is_not_set_is_refused_with_its_name() -> None:
    with pytest.raises(ScalarError, match="NONE is not set"):
        substitute("${NONE}", {})


def test_a_variable_that_is_not_text_is_refused() -> None:
    with pytest.raises(ScalarError, match="BYTES is not UTF-8"):
        substitute("${BYTES}", {"BYTES": "\udcff"})
