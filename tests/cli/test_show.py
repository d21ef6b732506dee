"""`strangler show` on a real store."""

import json
from dataclasses import replace

from comparators import Difference, Kind
from proxy.cli.show import MOST_SHOWN
from proxy.messages import System
from tests.cli.conftest import Fill, Run
from tests.store.made import AMOUNT, EXCUSED, inconclusive, observation, record, unsent


def test_everything_about_one_exchange(run: Run, fill: Fill) -> None:
    fill(record("x1", AMOUNT, EXCUSED, Difference("$.note", Kind.MISSING, "null", None)))
    result = run("show", "x1")
    assert result.exit_code == 0
    for words in (
        "x1  create-payment, 2023-11-15 12:00:00 UTC",
        "legacy answered the client; stage shadow",
        "POST /v1/payments?n=1",
        "Host: pay.example",
        "201 Created  (20 ms, backend monolith)",
        '{"amount": "10.01"}',
        '$.lines[3].amount  value\n  legacy     "10.00"\n  candidate  "10.01"',
        "excused by Ignore $..request_id",
        "$.note  missing\n  legacy     null\n  candidate  (absent)",
        "in the words of DeepDiff\nValue of root['body']['amount'] changed",
    ):
        assert words in result.stdout


def test_json_has_bodies_whole(run: Run, fill: Fill) -> None:
    long = b"x" * (MOST_SHOWN + 10)
    fill(record("x1", AMOUNT, shadow=observation(System.CANDIDATE, long)))
    found = json.loads(run("show", "x1", "--json").stdout)
    assert found["exchange"]["candidate"]["outcome"]["body"] == {"text": long.decode()}
    assert found["exchange"]["request"]["headers"][0] == ["Host", "pay.example"]
    assert found["explanation"]
    assert "--json prints all" in run("show", "x1").stdout


def test_without_two_answers(run: Run, fill: Fill) -> None:
    fill(inconclusive("x1"), unsent("x2"))
    failed, alone = run("show", "x1").stdout, run("show", "x2").stdout
    assert "inconclusive: shadow failed: timeout" in failed
    assert "no answer: timeout, no answer in 10 s (the request may have been sent; 10 s, backend payments)" in failed
    assert "Nothing to explain" in failed
    assert "was not asked" in alone
    assert json.loads(run("show", "x2", "--json").stdout)["explanation"] is None


def test_a_match_whose_content_was_not_kept_says_so(run: Run, fill: Fill) -> None:
    fill(replace(record("x1"), is_whole=False))
    assert "match\nlegacy answered the client" in run("show", "x1").stdout
    assert "one of many with this outcome: its fields and bodies were not kept" in run("show", "x1").stdout
    found = json.loads(run("show", "x1", "--json").stdout)
    assert (found["exchange"]["isWhole"], found["explanation"]) == (False, None)


def test_an_unknown_id_is_a_usage_error(run: Run, fill: Fill) -> None:
    fill(record("x1"))
    result = run("show", "nope")
    assert result.exit_code == 2
    assert "nope is not in this store" in result.stderr


def test_bytes_never_command_the_terminal(run: Run, fill: Fill) -> None:
    fill(record("x1", AMOUNT, shadow=observation(System.CANDIDATE, b"\x1b[2J\xff")))
    assert "\x1b" not in run("show", "x1").stdout
