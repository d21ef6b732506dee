from pathlib import Path

import pytest

from benchmarks import growth, payload
from benchmarks.contestants import strangler
from benchmarks.growth import Step
from benchmarks.lane import Sample
from benchmarks.load import Timing
from proxy.config.load import load
from proxy.routing.route import PathKind


def step(*costs: float) -> Step:
    return Step("a step", [Sample(Timing(1000, 1000.0, 1.0, 1.0, 0), cost, 0.0) for cost in costs])


def test_a_ratio_is_that_of_one_round_so_that_a_drift_of_the_machine_is_in_both() -> None:
    assert growth.ratios(step(22, 44, 11), step(20, 40, 10)) == pytest.approx([1.1, 1.1, 1.1])


@pytest.mark.parametrize("count", growth.ROUTES)
def test_of_so_many_routes_of_three_kinds_the_last_takes_the_payment(tmp_path: Path, count: int) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(strangler.HEAD.format(legacy=1, candidate=2) + growth.routes_of(count))
    table = load(file)
    found = table.find(b"GET", payload.PATH.encode(), ((b"host", b"a"),))
    kinds = {match.path.kind for route in table.routes for match in route.matches}
    assert len(table.routes) == count
    assert found is table.routes[-1]
    assert kinds == ({PathKind.PREFIX} if count == 1 else {PathKind.EXACT, PathKind.TEMPLATE, PathKind.PREFIX})
