from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import load
from benchmarks.contestant import Scene
from benchmarks.contestants import mitmproxy, plain_aiohttp
from benchmarks.lane import Lane
from benchmarks.load import Load, Timing

PACED = Load(1, rate=1000)


@pytest.mark.parametrize(
    ("most", "demand", "expected"),
    [
        (None, PACED, PACED),
        (200, PACED, Load(1, rate=200)),
        (2000, PACED, PACED),
        (200, Load(1), Load(1)),
    ],
)
def test_one_that_cannot_bear_the_rate_is_paced_below_it(
    monkeypatch: pytest.MonkeyPatch, most: int | None, demand: Load, expected: Load
) -> None:
    asked: list[Load] = []

    def run(each: Load, _url: str) -> Timing:
        asked.append(each)
        return Timing(1, 1.0, 1.0, 1.0, 0)

    monkeypatch.setattr(load, "run", run)
    contestant = replace(plain_aiohttp.PLAIN, most=most)
    lane = Lane(contestant, Scene(Path(), 1, 2, 3, 4), 1)
    lane.measure(demand)
    lane.warm_up(demand)
    assert asked == [expected, expected]


def test_the_one_that_is_paced_lower_says_so_in_the_table() -> None:
    assert f"paced at {mitmproxy.PLAIN.most} requests/s" in mitmproxy.PLAIN.does
