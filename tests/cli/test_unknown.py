"""`strangler unknown` on real claims."""

import json

import pytest

from proxy.store.claims import save_unknowns
from proxy.store.url import claims_url
from tests.cli.conftest import Run
from tests.store.test_claims import unknown
from tests.support.claims import opened


@pytest.fixture(autouse=True)
def claimed(store_url: str) -> None:
    with opened(claims_url(store_url)) as store:
        store.within(lambda transaction: save_unknowns(transaction, [unknown("w:1"), unknown("w:2", 2.0)]))


def test_list_and_resolve(run: Run) -> None:
    result = run("unknown", "list")
    assert result.exit_code == 0
    assert result.stdout.index("w:1") < result.stdout.index("w:2")
    resolve = ("unknown", "resolve", "w:1", "--as", "done", "--reason", "it is in the books")
    assert run(*resolve, "--dry-run").exit_code == 0
    assert len(json.loads(run("unknown", "list", "--json").stdout)["unknown"]) == 2
    assert run(*resolve).exit_code == 0
    assert [row["holder"] for row in json.loads(run("unknown", "list", "--json").stdout)["unknown"]] == ["w:2"]
    assert len(json.loads(run("unknown", "list", "--all", "--json").stdout)["unknown"]) == 2
    again = run(*resolve)
    assert (again.exit_code, "no unknown outcome" in again.stderr) == (1, True)
    assert "unknown-resolved" in run("audit", "list").stdout


def test_what_it_is_resolved_as_is_one_of_three(run: Run) -> None:
    assert run("unknown", "resolve", "w:1", "--as", "perhaps", "--reason", "why").exit_code == 2
