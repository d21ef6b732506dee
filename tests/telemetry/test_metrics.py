import re
from pathlib import Path

import pytest

from proxy.telemetry.metrics import BOUNDS, DROPPED, FAMILIES, OVERFLOW_LABEL, Family, Gather, Kind, declare

ROOT = Path(__file__).parents[2]

CONTRACT = {
    "strangler_requests_total": ("route", "system", "code_class"),
    "strangler_request_duration_seconds": ("route", "system"),
    "strangler_overhead_seconds": (),
    "strangler_shadow_total": ("route", "outcome"),
    "strangler_comparisons_total": ("route", "verdict"),
    "strangler_noise_total": ("route", "outcome"),
    "strangler_dropped_total": ("reason",),
    "strangler_inflight": (),
    "strangler_tunnels": (),
    "strangler_loop_lag_seconds": (),
    "strangler_tasks": (),
    "strangler_channel_up": (),
    "strangler_breaker_open": ("route",),
    "strangler_backend_healthy": ("backend", "address"),
    "strangler_config_info": ("hash",),
    "strangler_config_last_reload_successful": (),
    "strangler_claims_total": ("event",),
    "strangler_claims_alone": (),
    "strangler_claims_up": (),
    "strangler_pins": (),
    "strangler_unknown_outcomes_total": ("route",),
}


def test_the_families_are_those_of_the_contract() -> None:
    assert {family.name: family.labels for family in FAMILIES.values()} == CONTRACT
    assert all(name == family.name for name, family in FAMILIES.items())


def test_a_kind_follows_the_prometheus_habit_of_its_name() -> None:
    for family in FAMILIES.values():
        assert (family.kind is Kind.COUNTER) == family.name.endswith("_total")
        assert (family.kind is Kind.HISTOGRAM) == family.name.endswith("_seconds")
        assert family.help.endswith(".")
        assert family.limit > 0


def test_one_process_that_failed_to_reload_is_seen() -> None:
    assert FAMILIES["strangler_config_last_reload_successful"].gather is Gather.MIN
    assert FAMILIES["strangler_breaker_open"].gather is Gather.MAX


def test_bounds_rise_from_50_microseconds_to_30_seconds() -> None:
    assert (BOUNDS[0], BOUNDS[-1]) == (0.00005, 30.0)
    assert list(BOUNDS) == sorted(set(BOUNDS))


def test_declare_gives_the_name_back() -> None:
    assert declare("strangler_dropped_total", "reason") == DROPPED


def test_declare_refuses_what_is_not_there() -> None:
    with pytest.raises(KeyError):
        declare("strangler_invented_total")


@pytest.mark.parametrize("labels", [(), ("route",), ("system", "route", "code_class")])
def test_declare_refuses_other_labels(labels: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="has the labels"):
        declare("strangler_requests_total", *labels)


def test_overflow_has_a_value_for_each_label() -> None:
    assert Family("x", Kind.GAUGE, ("a", "b"), "X.").overflow == (OVERFLOW_LABEL, OVERFLOW_LABEL)
    assert Family("x", Kind.GAUGE, (), "X.").overflow == ()


def test_every_metric_named_in_the_source_is_declared() -> None:
    named = re.compile(r'"(strangler_[a-z_]+(?:_total|_seconds|_inflight|_open|_info|_successful))"')
    found = {
        name: path.relative_to(ROOT).as_posix()
        for path in (ROOT / "proxy").rglob("*.py")
        for name in named.findall(path.read_text(encoding="utf-8"))
    }
    assert found, "the pattern finds no metric at all"
    assert {name: path for name, path in found.items() if name not in FAMILIES} == {}
