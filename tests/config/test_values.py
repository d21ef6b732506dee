"""The words inside a scalar."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from proxy.config.values import (
    BaseUrl,
    Duration,
    HeaderName,
    Host,
    HostHeader,
    KeySource,
    Name,
    NetworkText,
    Size,
    Tolerance,
    parse_decimal,
    parse_duration,
    parse_family,
    parse_hosts,
    parse_methods,
    parse_minute,
    parse_size,
    parse_url,
)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30.0), ("1m30s", 90.0), ("1500ms", 1.5), ("48h", 172_800.0), ("1h1m1s1ms", 3661.001)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("value", ["", "30", 30, "1.5s", "-1s", "s", "1d", "1s ", "1h1h1h1h1h", None])
def test_a_duration_needs_whole_numbers_with_units(value: object) -> None:
    with pytest.raises(ValueError, match="unit"):
        parse_duration(value)


def test_a_time_out_of_nothing_is_refused_and_a_tolerance_of_nothing_is_not() -> None:
    with pytest.raises(ValidationError, match="longer than 0"):
        TypeAdapter(Duration).validate_python("0s")
    assert TypeAdapter(Tolerance).validate_python("0s") == 0


@pytest.mark.parametrize(
    ("value", "size"), [("64Ki", 65_536), ("10Mi", 10_485_760), ("1Gi", 2**30), ("1k", 1000), (4096, 4096), ("7", 7)]
)
def test_sizes(value: object, size: int) -> None:
    assert parse_size(value) == size


@pytest.mark.parametrize("value", ["", "64KB", "1.5Mi", "-1", True, 1.0, None, "Ki"])
def test_what_is_no_size_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="64Ki"):
        parse_size(value)


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Size).validate_python("0")


def test_a_bare_fraction_is_told_how_to_be_exact() -> None:
    with pytest.raises(ValueError, match=r'exact: "0\.01"'):
        parse_decimal(0.01)


@given(st.decimals(min_value=0, allow_nan=False, allow_infinity=False))
def test_a_quoted_decimal_is_exact(number: Decimal) -> None:
    assert parse_decimal(str(number)) == number


@pytest.mark.parametrize("value", [0.01, "x", "-1", "NaN", "Infinity", True, None])
def test_what_is_no_exact_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="quote"):
        parse_decimal(value)


def test_methods_are_one_or_many_in_capitals() -> None:
    assert parse_methods("POST") == ["POST"]
    assert parse_methods(["GET", "HEAD"]) == ["GET", "HEAD"]
    for wrong in ("get", [], ["GET", 5], None, "TRACE", "CONNECT"):
        with pytest.raises(ValueError):
            parse_methods(wrong)


@pytest.mark.parametrize(
    ("text", "url", "authority"),
    [
        ("http://127.0.0.1:8001", BaseUrl("http", "127.0.0.1", 8001, ""), "127.0.0.1:8001"),
        ("http://h/api/", BaseUrl("http", "h", 80, "/api"), "h"),
        ("https://h:443", BaseUrl("https", "h", 443, ""), "h"),
        ("http://[::1]:9/", BaseUrl("http", "::1", 9, ""), "[::1]:9"),
    ],
)
def test_urls(text: str, url: BaseUrl, authority: str) -> None:
    assert parse_url(text) == url
    assert parse_url(text).authority == authority


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1:80",
        "ftp://h",
        "http://",
        "http://user:secret@h",
        "http://h?x=secret",
        "http://h#secret",
        "http://h:99999",
        "http://h:x",
        "http://h/a b",
        "http://h/é",
        "http://[::1",
        "http://a,b/",
    ],
)
def test_what_is_no_base_url_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_url(text)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Name, ["a", "payment-json", "v1.2"], ["", "-a", "a b", "a/b", "a\n", "a" * 101]),
        (HeaderName, ["X-A", "content-type"], ["", "a b", "a:", "é", "a\n"]),
        (Host, ["127.0.0.1", "::1", "localhost"], ["", "a b", "http://a", "-a"]),
        (HostHeader, ["preserve", "a.example:8080", "[::1]:80"], ["", "a b", "a\r\nX: y", "u@a"]),
        (NetworkText, ["10.0.0.0/8", "127.0.0.1", "::1/128"], ["10.0.0.1/8", "x", "10.0.0.0/33"]),
        (KeySource, ["header:X-A", "jwt:sub", "client"], ["", "x:y", "header:", "clients"]),
    ],
)
def test_names(kind: Any, good: list[str], bad: list[str]) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(kind)
    for value in good:
        assert adapter.validate_python(value) == value
    for value in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


def test_hosts_are_one_or_a_list_in_lower_case() -> None:
    assert parse_hosts("API.example") == ["api.example"]
    assert parse_hosts(["*.a", "[::1]", "10.0.0.1"]) == ["*.a", "[::1]", "10.0.0.1"]


@pytest.mark.parametrize(
    "value", ["", "*", "*.", "a:80", "a b", "*a", "a.*", "http://a", "a.", 5, [], [None], ["a"] * 65]
)
def test_what_is_no_host_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="host"):
        parse_hosts(value)


@pytest.mark.parametrize(("text", "minute"), [("00:00", 0), ("08:30", 510), ("23:59", 1439), ("24:00", 1440)])
def test_times_of_day(text: str, minute: int) -> None:
    assert parse_minute(text) == minute


@pytest.mark.parametrize("value", ["8:30", "24:01", "12:60", "12", "noon", 510, None])
def test_what_is_no_time_of_day_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="time of day"):
        parse_minute(value)


def test_a_family_of_statuses() -> None:
    assert parse_family([422, 400, 422]) == [400, 422]
    assert parse_family([404, "5xx"]) == [404, *range(500, 600)]


@pytest.mark.parametrize("value", [[], [200, 400], ["2xx"], [True], [[400]], ["400"], None, {}])
def test_what_is_no_family_of_errors(value: object) -> None:
    with pytest.raises(ValueError, match="from 400 to 599"):
        parse_family(value)
