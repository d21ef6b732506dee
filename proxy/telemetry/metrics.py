"""Every metric family there is: name, labels, help, kind, and how processes add up.

Law of this file: a name that is not in `FAMILIES` is not measured. Names and labels are fixed by the contract with
those who scrape them; a label holds one of few values (a route's name, a system), never a path, an id or a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

OVERFLOW_LABEL = "_other"
"""Stands in each label of the one series that takes what a full family can't tell apart."""

BOUNDS: tuple[float, ...] = (
    *(0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025),
    *(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
"""Upper bounds of a histogram's buckets, inclusive, in seconds; one more bucket, without bound, follows them."""


class Kind(StrEnum):
    """The Prometheus type of a family."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Gather(StrEnum):
    """What the gauges of several processes make together. Counters and histograms are always summed."""

    SUM = "sum"
    MAX = "max"
    MIN = "min"


@dataclass(frozen=True, slots=True)
class Family:
    """One declared metric. `limit`: how many series (distinct label values) one process, or one total, may hold."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    gather: Gather = Gather.SUM
    limit: int = 2_000

    @property
    def overflow(self) -> tuple[str, ...]:
        """The label values of the series that takes what is over the limit."""
        return (OVERFLOW_LABEL,) * len(self.labels)


def _named(*families: Family) -> Mapping[str, Family]:
    return MappingProxyType({family.name: family for family in families})


FAMILIES: Mapping[str, Family] = _named(
    Family(
        "strangler_requests_total",
        Kind.COUNTER,
        ("route", "system", "code_class"),
        "Requests answered, by route, by the system that answered and by class of status (2xx).",
        limit=10_000,
    ),
    Family(
        "strangler_request_duration_seconds",
        Kind.HISTOGRAM,
        ("route", "system"),
        "Seconds from a request's head to the end of its answer.",
    ),
    Family(
        "strangler_overhead_seconds",
        Kind.HISTOGRAM,
        (),
        "Seconds that the proxy itself added to a request.",
    ),
    Family(
        "strangler_shadow_total",
        Kind.COUNTER,
        ("route", "outcome"),
        "Copies of exchanges, by what became of them.",
    ),
    Family(
        "strangler_comparisons_total",
        Kind.COUNTER,
        ("route", "verdict"),
        "Comparisons of legacy with candidate, by verdict.",
    ),
    Family(
        "strangler_noise_total",
        Kind.COUNTER,
        ("route", "outcome"),
        "Copies to a second legacy, the noise control, by what became of them.",
    ),
    Family(
        "strangler_dropped_total",
        Kind.COUNTER,
        ("reason",),
        "Things given up so that payments go on, by reason.",
    ),
    Family(
        "strangler_claims_total",
        Kind.COUNTER,
        ("event",),
        "What became of claims: bound by plan, pin or owner, denied and why, made alone, without a key.",
    ),
    Family(
        "strangler_unknown_outcomes_total",
        Kind.COUNTER,
        ("route",),
        "Writes that were sent and got no true answer.",
    ),
    Family(
        "strangler_claims_up",
        Kind.GAUGE,
        (),
        "1 while every worker reaches the claims service, else 0.",
        gather=Gather.MIN,
    ),
    Family(
        "strangler_claims_alone",
        Kind.GAUGE,
        (),
        "Claims that workers made alone and the service does not have yet.",
    ),
    Family(
        "strangler_pins",
        Kind.GAUGE,
        (),
        "Keys that are bound.",
        gather=Gather.MAX,
    ),
    Family(
        "strangler_inflight",
        Kind.GAUGE,
        (),
        "Requests that wait for the end of their answer.",
    ),
    Family(
        "strangler_tunnels",
        Kind.GAUGE,
        (),
        "Connections that carry another protocol since their 101, as WebSocket: bytes in both directions.",
    ),
    Family(
        "strangler_loop_lag_seconds",
        Kind.HISTOGRAM,
        (),
        "Seconds by which a worker's loop was late, looked at 20 times a second.",
    ),
    Family(
        "strangler_tasks",
        Kind.GAUGE,
        (),
        "Tasks that run in the workers' loops; connections and requests have none of their own.",
    ),
    Family(
        "strangler_channel_up",
        Kind.GAUGE,
        (),
        "1 while every worker's channel to a shadow runner is up, else 0: copies are then dropped and counted.",
        gather=Gather.MIN,
    ),
    Family(
        "strangler_breaker_open",
        Kind.GAUGE,
        ("route",),
        "1 while a route's breaker is open in any process, else 0.",
        gather=Gather.MAX,
    ),
    Family(
        "strangler_backend_healthy",
        Kind.GAUGE,
        ("backend", "address"),
        "1 while an address of a backend answers its health checks in every worker, else 0.",
        gather=Gather.MIN,
    ),
    Family(
        "strangler_config_info",
        Kind.GAUGE,
        ("hash",),
        "1 for the hash of each route table in use.",
        gather=Gather.MAX,
        limit=16,
    ),
    Family(
        "strangler_config_last_reload_successful",
        Kind.GAUGE,
        (),
        "1 if the last load of the configuration succeeded in every process, else 0.",
        gather=Gather.MIN,
    ),
)

DROPPED = "strangler_dropped_total"
SERIES_LIMIT = "metric-series-limit"
"""Reason for `DROPPED`: a family was full, so a count lost its labels (or a gauge its value)."""
MISUSE = "metric-misuse"
"""Reason for `DROPPED`: our own mistake: an undeclared name, wrong labels, or a value that can't be measured."""


def declare(name: str, *labels: str) -> str:
    """Returns `name`, for a module to keep as its constant.

    KeyError if there is no such family; ValueError if its labels are others, or in another order.
    """
    family = FAMILIES[name]
    if family.labels != labels:
        raise ValueError(f"{name} has the labels {family.labels}, not {labels}")
    return name
