"""Cookies by name and attributes."""

import pytest

from comparators.answers import Fields
from comparators.cookies import BY_NAME, WITHIN, compare_cookies
from comparators.differences import Findings

DATE, LATER = b"Mon, 06 May 2024 10:00:00 GMT", b"Mon, 06 May 2024 10:00:05 GMT"


def found(
    legacy: list[bytes], candidate: list[bytes], *counted: bytes, dates: tuple[bytes, bytes] | None = None
) -> list[tuple[str, str, str | None]]:
    findings = Findings()
    ours, theirs = fields(legacy, dates and dates[0]), fields(candidate, dates and dates[1])
    compare_cookies(ours, theirs, counted, findings)
    return [(d.path, d.kind.value, d.rule) for d in findings.conclude().differences]


def fields(cookies: list[bytes], date: bytes | None) -> Fields:
    return {b"set-cookie": cookies, **({b"date": [date]} if date else {})}


SID = "header:set-cookie['sid']"


@pytest.mark.parametrize(
    ("legacy", "candidate", "expected"),
    [
        ([b"sid=1; Path=/; HttpOnly"], [b"sid=1;httponly ; path=/"], []),
        ([b"a=1", b"b=2"], [b"b=2", b"a=1"], []),
        ([b"sid=1; SameSite=Lax"], [b"sid=1; samesite=LAX"], []),
        ([b"sid=1; Domain=.Pay.example"], [b"sid=1; domain=pay.example"], []),
        ([b"sid=1"], [b"sid=2"], [(SID, "header", BY_NAME)]),
        ([b"sid=1"], [b"sid="], [(SID, "header", None)]),
        ([b"sid=1"], [], [(SID, "missing", None)]),
        ([], [b"sid=1"], [(SID, "added", None)]),
        ([b"sid=1"], [b"SID=1"], [(SID, "missing", None), ("header:set-cookie['SID']", "added", None)]),
        ([b"sid=1", b"sid=1"], [b"sid=1"], [(SID, "missing", None)]),
        ([b"sid=1; Secure"], [b"sid=1"], [(f"{SID}.secure", "missing", None)]),
        ([b"sid=1"], [b"sid=1; HttpOnly"], [(f"{SID}.httponly", "added", None)]),
        ([b"sid=1; Path=/"], [b"sid=1; Path=/A"], [(f"{SID}.path", "header", None)]),
        ([b"sid=1; Max-Age=60"], [b"sid=1; Max-Age=61"], [(f"{SID}.expires", "header", None)]),
        ([b"sid=1; Max-Age=60"], [b"sid=1"], [(f"{SID}.expires", "header", None)]),
        ([b"sid=1; Max-Age=0"], [b"sid=1; Max-Age=-1"], []),
        (
            [b"sid=1; Max-Age=60; Expires=Mon, 06 May 2024 10:01:00 GMT"],
            [b"sid=1; Expires=Mon, 06 May 2024 10:09:00 GMT; Max-Age=60"],
            [],
        ),
        (
            [b"sid=1; Expires=Mon, 06 May 2024 10:01:00 GMT"],
            [b"sid=1; Expires=Mon, 06-May-2024 10:01:00 GMT"],
            [],
        ),
        (
            [b"sid=1; Expires=Mon, 06 May 2024 10:01:00 GMT"],
            [b"sid=1; Expires=Mon, 06 May 2024 10:01:01 GMT"],
            [(f"{SID}.expires", "header", WITHIN)],
        ),
        (
            [b"sid=1; Expires=Mon, 06 May 2024 10:01:00 GMT"],
            [b"sid=1; Expires=Mon, 06 May 2024 11:01:00 GMT"],
            [(f"{SID}.expires", "header", None)],
        ),
        (
            [b"sid=1; Expires=Mon, 06 May 2024 10:01:00 GMT"],
            [b"sid=1; Max-Age=60"],
            [(f"{SID}.expires", "header", None)],
        ),
        ([b"sid=1; Expires=never"], [b"sid=1"], []),
    ],
)
def test_cookies(legacy: list[bytes], candidate: list[bytes], expected: list[tuple[str, str, str | None]]) -> None:
    assert found(legacy, candidate) == expected


def test_values_of_named_cookies_count() -> None:
    assert found([b"locale=fr"], [b"locale=en"], b"locale") == [("header:set-cookie['locale']", "header", None)]


def test_expires_is_counted_from_the_answers_own_date() -> None:
    legacy = [b"sid=1; Expires=Mon, 06 May 2024 11:00:00 GMT"]
    later = [b"sid=1; Expires=Mon, 06 May 2024 11:00:05 GMT"]
    assert found(legacy, later, dates=(DATE, LATER)) == []
    assert found(legacy, [b"sid=1; Max-Age=3600"], dates=(DATE, LATER)) == []
    assert found(legacy, [b"sid=1; Max-Age=3601"], dates=(DATE, LATER)) == [(f"{SID}.expires", "header", WITHIN)]
    assert found(legacy, [b"sid=1; Max-Age=7200"], dates=(DATE, LATER)) == [(f"{SID}.expires", "header", None)]


@pytest.mark.parametrize("junk", [b"", b";", b"=;=", b"sid=1; =; ;Max-Age=x", b"\xff=\xfe; Expires=\xff"])
def test_junk_is_compared_and_never_raises(junk: bytes) -> None:
    assert found([junk], [junk + b" "]) == []
    assert found([junk], [b"other=1"]) != []
