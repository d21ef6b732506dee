from benchmarks import contestants, ratios
from benchmarks.contest import Entry
from benchmarks.lane import Sample
from benchmarks.load import Timing
from benchmarks.ratios import AIMS


def sample(proxy: float, fleet: float = 0.0, p99: float = 1.0) -> Sample:
    return Sample(Timing(1000, 1000.0, 1.0, p99, 0), proxy, fleet)


def entry(name: str, full: list[Sample], paced: list[Sample]) -> Entry:
    contestant = next(each for each in contestants.ALL if each.name == name)
    return Entry(contestant, "1", full, paced)


def test_a_ratio_is_that_of_medians_and_is_held_against_its_target() -> None:
    ours = entry("strangler", [sample(20), sample(30), sample(90)], [sample(50, p99=900)])
    theirs = entry("envoy", [sample(40)], [sample(100, p99=800)])
    cost, latency = ratios.rows([ours, theirs])
    assert cost == ["proxy CPU a request", "strangler / envoy", "0.75", "0.50", "≤ 0.75", "yes"]
    assert latency == ["p99, paced", "strangler / envoy", "–", "1.12", "≤ 1.00", "**no**"]


def test_what_the_whole_fleet_costs_is_a_ratio_of_its_own() -> None:
    shadow, envoy = sample(10, fleet=150), sample(100, fleet=100)
    ours, theirs = entry("strangler-shadow", [shadow], [shadow]), entry("envoy-mirror", [envoy], [envoy])
    assert [row[2:] for row in ratios.rows([ours, theirs])] == [
        ["0.10", "0.10", "≤ 0.45", "yes"],
        ["1.50", "1.50", "≤ 1.20", "**no**"],
    ]


def test_a_contestant_that_is_missing_takes_its_ratios_away() -> None:
    assert list(ratios.rows([entry("strangler", [sample(1)], [sample(1)])])) == []


def test_each_aim_names_contestants_that_there_are() -> None:
    names = {each.name for each in contestants.ALL}
    assert {name for aim in AIMS for name in (aim.ours, aim.theirs)} <= names
