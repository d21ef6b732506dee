"""Pieces of bodies that were cut to be shown."""

import pytest

from proxy.redaction.fragment import cleaned, is_nameless, names_nothing, without_half_words


def clean(text: str) -> str:
    return text.replace("secret", "x")


@pytest.mark.parametrize(
    ("shown", "media", "expected"),
    [
        ('"a secret\\n"', "text/plain", '"a x\\n"'),
        ('"nothing \\u0041 here"', "text/plain", '"nothing \\u0041 here"'),
        ('"a secret and half of a wor…', "text/plain", '"a x and half of a…'),
        ("…alf of a secret", "text/plain", "… of a x"),
        ('"paid with 4111 1111 1111 1…', "text/plain", '"paid with…'),
        ('"to DE89 3704 0044 05…', "text/plain", '"to…'),
        ('"a=1&holder=Ann Le…', "application/x-www-form-urlencoded", '"a=1&holder=…'),
        ("…n Lee</name><b>1</b>", "text/xml", "…</name><b>1</b>"),
        ('"<name>Ann L…', "text/html", '"<name>…'),
    ],
)
def test_cleaned(shown: str, media: str, expected: str) -> None:
    assert cleaned(shown, media, clean) == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ('"mail ann@exam…', '"mail…'),
        ("…nn@example.com paid", "… paid"),
        ("…1111 1111 paid", "… paid"),
        ("whole", "whole"),
        ("…", "…"),
    ],
)
def test_without_half_words(shown: str, expected: str) -> None:
    assert without_half_words(shown) == expected


def test_values_whose_names_are_elsewhere() -> None:
    assert names_nothing("4111,123", "text/csv")
    assert names_nothing(" 739\n", "application/xml")
    assert not names_nothing("<cvc>739</cvc>", "application/xml")
    assert not names_nothing("739", "text/plain")


def test_what_only_a_number_tells() -> None:
    assert is_nameless([3, 1], "text/csv")
    assert is_nameless([5, "content"], "multipart/form-data")
    assert not is_nameless([3, "amount"], "text/csv")
    assert not is_nameless([3, 1], "application/json")
