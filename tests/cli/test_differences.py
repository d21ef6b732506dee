"""`strangler differences` on a real store."""

import json

from comparators import Difference, Kind
from tests.cli.conftest import Fill, Run
from tests.store.made import AMOUNT, EXCUSED, record

STATUS = Difference("status", Kind.STATUS, "402", None)


def test_one_entry_a_cause(run: Run, fill: Fill) -> None:
    fill(*(record(str(number), AMOUNT, EXCUSED) for number in range(9)), record("s", STATUS, route="other"))
    result = run("differences")
    assert result.exit_code == 0
    assert "create-payment  9 mismatches" in result.stdout
    assert '$.lines[3].amount  value\n    legacy     "10.00"\n    candidate  "10.01"' in result.stdout
    assert "strangler show 8" in result.stdout
    assert "request_id" not in result.stdout
    assert "candidate  (absent)" in result.stdout


def test_one_route_and_a_limit(run: Run, fill: Fill) -> None:
    fill(record("1", AMOUNT), record("s", STATUS, route="other"))
    assert "create-payment" not in run("differences", "other").stdout
    assert run("differences", "--limit", "1").stdout.count("mismatch") == 1
    assert run("differences", "--limit", "0").exit_code == 2


def test_json(run: Run, fill: Fill) -> None:
    fill(record("1", AMOUNT))
    found = json.loads(run("differences", "--json").stdout)
    assert found["schemaVersion"] == 1
    assert found["findings"][0]["causes"] == [["$.lines[*].amount", "value", ""]]
    assert found["findings"][0]["examples"] == ["1"]


def test_none(run: Run, fill: Fill) -> None:
    fill(record("1"))
    result = run("differences", "create-payment")
    assert (result.exit_code, result.stdout) == (0, "no mismatches on route create-payment.\n")
    assert run("differences").stdout == "no mismatches.\n"


def test_a_route_without_exchanges_is_not_a_route_without_mismatches(run: Run, fill: Fill) -> None:
    fill(record("1"), record("2", route="list"))
    said = "no exchanges on route lst; this store has them on create-payment, list.\n"
    assert run("differences", "lst").stdout == said
    found = json.loads(run("differences", "lst", "--json").stdout)
    assert (found["findings"], found["routes"]) == ([], ["create-payment", "list"])


def test_an_empty_store_says_what_to_do(run: Run, fill: Fill) -> None:
    fill()
    for arguments in ((), ("list",)):
        assert run("differences", *arguments).stdout.startswith("no exchanges yet. They come when `strangler serve`")
