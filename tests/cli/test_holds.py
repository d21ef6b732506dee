"""`strangler holds` on real claims."""

import json

import pytest

from proxy.store.claims import save_owners, save_pins, save_unknowns
from proxy.store.url import claims_url
from tests.cli.conftest import Run
from tests.store.test_claims import owner, pin, unknown
from tests.support.claims import opened


@pytest.fixture(autouse=True)
def claimed(store_url: str) -> None:
    with opened(claims_url(store_url)) as store:
        store.within(lambda transaction: save_pins(transaction, {"a": pin("a"), "b": pin("b", route="other")}, ()))
        store.within(lambda transaction: save_owners(transaction, {"a": owner("a")}))
        store.within(lambda transaction: save_unknowns(transaction, [unknown("w:1")]))


@pytest.mark.parametrize(
    ("name", "counts", "code"), [("monolith", [2, 1, 1], 1), ("pay", [1, 0, 1], 1), ("payments", [0, 0, 0], 0)]
)
def test_what_needs_it(run: Run, name: str, counts: list[int], code: int) -> None:
    result = run("holds", name, "--json")
    found = json.loads(result.stdout)
    assert [found["pins"], found["ownedIds"], found["unknownOutcomes"]] == counts
    assert result.exit_code == code
    assert ("IT IS NEEDED" in run("holds", name).stdout) is bool(code)
