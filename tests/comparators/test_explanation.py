"""DeepDiff's words, within bounds."""

import json
import subprocess
import sys
import time

import pytest

from comparators import explain
from comparators.explanation import MAX_WORDS
from tests.comparators.support import answered


def test_it_says_what_differs_in_status_and_body() -> None:
    words = explain(answered(b'{"a":1.0,"_b":1}'), answered(b'{"a":"1.0","_b":2}', status=201))
    assert "root['status'] changed from 200 to 201" in words
    assert "root['body']['a'] changed from Decimal to str" in words
    assert "root['body']['_b'] changed from 1 to 2" in words


def test_it_says_that_nothing_differs() -> None:
    assert explain(answered(b'{"a":1}'), answered(b'{ "a":1}')) == "No differences in status and body."


def test_a_byte_order_mark_hides_no_json() -> None:
    words = explain(answered(b'\xef\xbb\xbf{"a":1}'), answered(b'{"a":2}'))
    assert "root['body']['a'] changed from 1 to 2" in words


def test_it_counts_repetitions() -> None:
    assert "removed" in explain(answered(b'["charge","charge"]'), answered(b'["charge"]'))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>\n<b>", "root['body']"),
        (b"", "root['body']"),
        (b'"\\ud800"', r"\ud800"),
        (b"[" * 30_000 + b"]" * 30_000, "nested too deeply"),
        (b"[" * 700 + b"]" * 700, "nested too deeply"),
        (b" " * 70_000 + b"1", "candidate: the body is larger than 65536 bytes"),
        (b"[1e99999999999999999999]", "candidate: JSON holds a number"),
    ],
)
def test_what_is_hard_to_explain(body: bytes, words: str) -> None:
    nested = b"[" * 700 + b"1" + b"]" * 700 if body.startswith(b"[[") else b"{}"
    said = explain(answered(nested), answered(body))
    assert words in said
    assert said.encode()


def test_it_is_bounded_in_time_and_words() -> None:
    legacy, candidate = (json.dumps([[number + shift] for number in range(7000)]).encode() for shift in (0, 1))
    begun = time.process_time()
    words = explain(answered(legacy), answered(candidate))
    assert time.process_time() - begun < 10
    assert len(words) == MAX_WORDS
    assert words.endswith("…")


def test_deepdiff_is_loaded_for_those_who_ask_only() -> None:
    code = "import comparators, sys; sys.exit('deepdiff' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
