"""`strangler rules suggest` on a real store."""

import json
from collections.abc import Callable
from dataclasses import replace

from click.testing import Result
from msgspec import structs

from comparators import Difference, Kind
from proxy.config.load import loads
from proxy.store.record import Control, Record
from tests.config.documents import document, route
from tests.store.made import record

Fill = Callable[..., None]
Run = Callable[..., Result]


def noisy(number: int) -> Record:
    """An exchange in which both the candidate and the second legacy made another id than legacy."""
    made = Difference("$.lines[0].trace", Kind.VALUE, f'"req_{number:04x}"', f'"req_f{number:03x}"', value_class="text")
    again = structs.replace(made, candidate=f'"req_a{number:03x}"')
    return replace(record(f"x{number}", made), control=Control("compared", (again,)))


def test_learned_noise_as_rules_that_load(fill: Fill, run: Run) -> None:
    fill(*map(noisy, range(60)))
    found = run("rules", "suggest", "create-payment").stdout
    assert "# value, text: raw 60, noise 60 of 60 pairs, judged noise; finding " in found
    [rule] = [line for line in found.splitlines() if not line.startswith("#")]
    assert rule == '- {path: "$.lines[*].trace", type: Pattern, pattern: "req_[0-9a-f]{4}"}'
    policy = f"  comparePolicies:\n    - name: p\n      rules:\n        {rule}\n"
    assert loads(document(route("a", "compare: p"), spec=policy), environ={}).policies["p"].policy.rules


def test_what_is_not_known_yet_is_said_and_not_suggested(fill: Fill, run: Run) -> None:
    fill(*map(noisy, range(5)))
    found = run("rules", "suggest", "create-payment").stdout
    assert "0 rules" in found
    assert "# not suggested: $.lines[*].trace, value, text: raw 5, noise 5 of 5 pairs, not yet known (about" in found


def test_json(fill: Fill, run: Run) -> None:
    fill(*map(noisy, range(60)))
    found = json.loads(run("rules", "suggest", "create-payment", "--json").stdout)
    [rule] = found["suggestions"]
    assert (rule["type"], rule["path"], rule["fields"]) == (
        "Pattern",
        "$.lines[*].trace",
        [["pattern", "req_[0-9a-f]{4}"]],
    )
    assert rule["noise"]["field"]["noise"]["judgement"] == "noise"


def test_nothing_learned(fill: Fill, run: Run) -> None:
    fill(record("x1"))
    assert "nothing was learned on create-payment" in run("rules", "suggest", "create-payment").stdout
    assert "this store has them on create-payment" in run("rules", "suggest", "nope").stdout
