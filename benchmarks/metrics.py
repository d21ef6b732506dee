"""What our proxy counted of the shadow side. Law of this file: a state that the benchmark claims shows in these counts.

Source: the Prometheus text format, version 0.0.4, from GET /metrics of the admin port.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from http.client import HTTPException

from benchmarks import processes

LABELS = {
    "strangler_comparisons_total": "verdict",
    "strangler_shadow_total": "outcome",
    "strangler_dropped_total": "reason",
}
"""The counters that are read, and the label by which each is summed."""
SAMPLE = re.compile(r"^(\w+)\{([^}]*)\} (\S+)", re.MULTILINE)


def fetch(admin: int) -> dict[str, float]:
    """The counters as {"verdict match": 12.0, ...}; empty while the admin port does not answer."""
    try:
        status, body = processes.get(admin, "/metrics")
    except (OSError, HTTPException):
        return {}
    return parse(body.decode()) if status == 200 else {}


def parse(text: str) -> dict[str, float]:
    sums: defaultdict[str, float] = defaultdict(float)
    for name, labels, value in SAMPLE.findall(text):
        label = LABELS.get(name)
        match = label and re.search(rf'(?:^|,)\s*{label}="([^"]*)"', labels)
        if match:
            sums[f"{label} {match[1]}"] += float(value)
    return dict(sums)


def gained(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was counted in between; a counter that went backwards was restarted and counts from 0."""
    changes = {name: value - before.get(name, 0.0) for name, value in after.items()}
    return {name: after[name] if change < 0 else change for name, change in changes.items() if change}


def added(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Both counts together."""
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in {**one, **other}}
