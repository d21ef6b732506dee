"""`strangler findings` on a real store."""

import json
import time
from collections.abc import Callable

import pytest
from click.testing import Result

from comparators import Difference, Kind
from tests.store.made import NOON, record

Fill = Callable[..., None]
Run = Callable[..., Result]

CENT = Difference("$.amount", Kind.VALUE, '"10.00"', '"10.01"', value_class="one-unit")
NULL = Difference("$.amount", Kind.TYPE, '"10.00"', "null", value_class="string-to-null")


def listed(run: Run, *arguments: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run("findings", "list", *arguments, "--json").stdout)["findings"]
    return found


def first_id(run: Run) -> str:
    field = listed(run)[0]["field"]
    assert isinstance(field, dict)
    return str(field["id"])


def test_one_entry_a_cause_with_its_examples(fill: Fill, run: Run) -> None:
    fill(*(record(f"x{number}", CENT, at=NOON + number) for number in range(9)), record("n", NULL))
    found = run("findings", "list", "create-payment").stdout
    assert found.count("$.amount") == 2
    assert "value, one-unit  breaking" in found
    assert "in 9 exchanges, 90 % of those compared (at most 99.5 %)" in found
    assert found.count("strangler show x") == 5
    assert "strangler show n" in found


def test_ten_thousand_mismatches_of_one_cause_are_one_finding(fill: Fill, run: Run) -> None:
    for start in range(0, 10_000, 500):
        fill(*(record(f"x{number}", CENT) for number in range(start, start + 500)))
    [finding] = listed(run)
    field = finding["field"]
    assert isinstance(field, dict)
    assert (field["count"], field["share"], finding["compared"]) == (10_000, 1.0, 10_000)


def test_two_causes_are_never_one(fill: Fill, run: Run) -> None:
    other = Difference("$.amount", Kind.VALUE, '"10.00"', '"1000"', value_class="scale")
    fill(record("x1", CENT), record("x2", NULL), record("x3", other), record("x4", CENT, NULL))
    assert len(listed(run)) == 3


def test_accept_fix_and_reopen(fill: Fill, run: Run) -> None:
    fill(record("x1", CENT))
    name = first_id(run)
    done = run("findings", "accept", name[:6], "--reason", "PAY-12", "--until", "30d", "--by", "alice")
    assert done.exit_code == 0
    assert "open -> accepted until" in done.stdout
    assert "audit entry 1" in done.stdout
    assert "accepted until" in run("findings", "list").stdout
    assert "accepted or fixed 1, unexplained 0" in run("report").stdout
    fixed = json.loads(run("findings", "fix", name, "--reason", "4.2 is out", "--json").stdout)
    assert (fixed["finding"], fixed["decided"]["decision"], fixed["audit"]) == (name, "fix", 2)
    fill(record("x2", CENT, at=time.time() + 60))
    assert "REGRESSED" in run("report").stdout
    assert "REGRESSED" in run("findings", "list").stdout
    assert "regressed -> open" in run("findings", "reopen", name, "--reason", "still there").stdout
    assert "finding-reopened" in run("audit", "list").stdout
    assert run("audit", "verify").exit_code == 0


def test_a_dry_run_changes_nothing(fill: Fill, run: Run) -> None:
    fill(record("x1", CENT))
    done = run("findings", "fix", first_id(run), "--reason", "out", "--dry-run")
    assert "open -> fixed; dry run: nothing was changed" in done.stdout
    assert "fixed" not in run("findings", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("accept", "abcd", "--reason", "x", "--until", "2020-01-01"), "is over"),
        (("accept", "abcd", "--reason", "x", "--until", "soon"), "say a day like"),
        (("accept", "abcd", "--reason", "x", "--until", "2999-01-01T10:00:00"), "with its zone"),
        (("accept", "abcd", "--reason", "x"), "Missing option '--until'"),
        (("fix", "abcd"), "Missing option '--reason'"),
        (("fix", "abcd", "--reason", "x"), "no finding has an id that begins with abcd"),
        (("fix", "nonsense", "--reason", "x"), "an id is 32 hexadecimal digits"),
    ],
)
def test_what_cannot_be_is_refused(fill: Fill, run: Run, arguments: tuple[str, ...], says: str) -> None:
    fill(record("x1", Difference("$.never", Kind.VALUE, "1", "2")))
    done = run("findings", *arguments)
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())


def test_a_reason_that_no_entry_takes_is_refused_whole(fill: Fill, run: Run) -> None:
    fill(record("x1", CENT))
    assert run("findings", "fix", first_id(run), "--reason", "x" * 1_001).exit_code == 2
    assert run("findings", "fix", first_id(run), "--reason", "<b>\n\x1b[31m").exit_code == 0
    assert "\x1b" not in run("findings", "list").stdout


def test_no_store_is_exit_3(run: Run) -> None:
    assert run("findings", "list").exit_code == 3
    assert run("findings", "fix", "abcd", "--reason", "x").exit_code == 3


def test_what_seems_gone_is_said_with_what_to_do(fill: Fill, run: Run) -> None:
    fill(*(record(f"x{number}", CENT, at=NOON) for number in range(20)))
    fill(*(record(f"y{number}", at=NOON + 120) for number in range(50)))
    assert "seems gone" in run("findings", "list").stdout


def test_nothing_to_list(fill: Fill, run: Run) -> None:
    fill(record("x1"))
    assert run("findings", "list").stdout.strip() == "no findings."
    assert "this store has them on create-payment" in run("findings", "list", "nope").stdout
