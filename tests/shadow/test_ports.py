import inspect

from proxy.shadow.ports import Counters
from proxy.telemetry.registry import Registry


def test_the_registry_counts_as_the_runner_asks() -> None:
    asked, given = inspect.signature(Counters.inc), inspect.signature(Registry.inc)
    assert [(p.name, p.default) for p in asked.parameters.values()] == [
        (p.name, p.default) for p in given.parameters.values()
    ]


def test_what_the_runner_counts_is_declared() -> None:
    from proxy.shadow.runner import COMPARISONS, DROPPED, SHADOW
    from proxy.telemetry.metrics import FAMILIES

    assert [FAMILIES[name].labels for name in (SHADOW, COMPARISONS, DROPPED)] == [
        ("route", "outcome"),
        ("route", "verdict"),
        ("reason",),
    ]
