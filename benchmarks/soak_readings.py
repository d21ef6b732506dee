"""What the soak reads of the fleet while it runs. Law of this file: figures come from /proc and from GET /metrics."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import processes

LAG = re.compile(r'^strangler_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)
TASKS = re.compile(r"^strangler_tasks(?:\{\})? (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One look: bytes and open files of each process, tasks and buckets of lag of the worker. `restarts`: of all."""

    memory: Mapping[str, int]
    files: Mapping[str, int]
    tasks: int
    lag: Mapping[float, int] = field(default_factory=dict)
    restarts: int = 0


def read(admin: int) -> Reading:
    """OSError or HTTPException while the admin port does not answer."""
    fleet = json.loads(processes.get(admin, "/api/v1/status")[1])["processes"]
    pids = {each["role"]: int(each["pid"]) for each in fleet if each["pid"]}
    text = processes.get(admin, "/metrics")[1].decode()
    found = TASKS.search(text)
    return Reading(
        memory={role: _resident(pid) for role, pid in pids.items()},
        files={role: len(list(Path(f"/proc/{pid}/fd").iterdir())) for role, pid in pids.items()},
        tasks=int(float(found[1])) if found else 0,
        lag=buckets(text),
        restarts=sum(each["restarts"] for each in fleet),
    )


def buckets(text: str) -> dict[float, int]:
    """The cumulative counts of the lag's histogram, by upper bound in seconds."""
    return {float(bound): int(float(count)) for bound, count in LAG.findall(text)}


def quantile(share: float, before: Mapping[float, int], after: Mapping[float, int]) -> float:
    """The upper bound, in seconds, of the bucket that holds this quantile of what was observed in between."""
    gained = {bound: after[bound] - before.get(bound, 0) for bound in sorted(after)}
    total = max(gained.values(), default=0)
    return next((bound for bound, count in gained.items() if total and count >= share * total), 0.0)


def growth(readings: Sequence[int]) -> int:
    """By how much the middle of the last third is above the middle of the third before it: a leak grows all the time,
    a cache that fills does so at first.
    """
    third = len(readings) // 3
    if third == 0:
        return 0
    middle = [sorted(each)[third // 2] for each in (readings[-2 * third : -third], readings[-third:])]
    return middle[1] - middle[0]


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) * 1024
