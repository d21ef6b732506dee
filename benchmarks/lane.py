"""One contestant, up and running, and how it is measured. Law of this file: nobody is measured while it still works.

The CPU of the proxy role is read at once when the load ends; that of the other roles when they have worked off what the
load left them, so that what a shadow defers is charged to the one who deferred it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import cpu, load, payload, processes
from benchmarks.contestant import PROXY, Contestant, Scene

QUIET = 0.35
"""Seconds of a look at whether a lane still works; it is quiet if it used no more than one tick meanwhile. Longer than
the quarter of a second for which our runner gathers records before it stores them.
"""
SETTLE = 8.0
"""Seconds after a load that a lane gets to become quiet: more than our runner takes for a second at full speed."""
REST = 0.05
"""Seconds for one that has nothing left to do once its clients have their answers."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One load on one lane. CPU in µs a request: of the proxy role, and of all roles."""

    timing: load.Timing
    proxy_us: float
    fleet_us: float


@dataclass(frozen=True, slots=True)
class Lane:
    """A contestant at its place, with the pid under which all of its processes hang, and how long it is waited for."""

    contestant: Contestant
    scene: Scene
    pid: int
    patience: float = SETTLE

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.scene.port}{payload.PATH}"

    def used(self) -> dict[str, int]:
        return dict(cpu.by_role(self.pid, self.contestant.role))

    def counts(self) -> dict[str, float]:
        return self.contestant.counts(self.scene)

    def measure(self, demand: load.Load) -> Sample:
        """Load, and wait until the lane is quiet again."""
        before = self.used()
        timing = load.run(self._bearable(demand), self.url)
        at_once = cpu.spent(before, self.used())
        in_the_end = cpu.spent(before, self.settle())
        proxy = at_once.get(PROXY, 0)
        others = sum(spent for role, spent in in_the_end.items() if role != PROXY)
        count = max(timing.requests, 1)
        return Sample(timing, 1000 * proxy / count, 1000 * (proxy + others) / count)

    def warm_up(self, demand: load.Load) -> None:
        """The same, without looking at the figures."""
        load.run(self._bearable(demand), self.url)
        self.settle()

    def _bearable(self, demand: load.Load) -> load.Load:
        most = self.contestant.most
        return demand if demand.rate is None or most is None else replace(demand, rate=min(demand.rate, most))

    def settle(self) -> dict[str, int]:
        """Wait until the lane is quiet, at most `patience` seconds; returns the CPU used by then."""
        if not self.contestant.defers:
            time.sleep(REST)
            return self.used()
        deadline = time.monotonic() + self.patience
        used = self.used()
        while time.monotonic() < deadline:
            time.sleep(QUIET)
            before, used = used, self.used()
            if sum(cpu.spent(before, used).values()) <= 1000 * cpu.TICK:
                break
        return used

    def pids(self, role: str) -> list[int]:
        """The living processes of one role."""
        return [stat.pid for stat in cpu.family(self.pid) if self.contestant.role(cpu.command_line(stat.pid)) == role]


@contextmanager
def opened(contestant: Contestant, parent: Path, legacy: int, candidate: int) -> Iterator[Lane]:
    """Start a contestant in a folder of its own under `parent` and see that it hands on the true answer."""
    folder = parent / f"{contestant.name}-{len(list(parent.iterdir()))}"
    folder.mkdir()
    scene = Scene(folder, processes.free_port(), processes.free_port(), legacy, candidate)
    ports = [scene.port, scene.admin] if contestant.listens_on_admin else [scene.port]
    with processes.started(contestant.name, contestant.command(scene), folder, ports) as pid:
        lane = Lane(contestant, scene, pid)
        _wait_until_ready(lane)
        _prove(lane)
        yield lane


def _wait_until_ready(lane: Lane) -> None:
    """StartError if the contestant does not say within PATIENCE seconds that all of it is up."""
    deadline = time.monotonic() + processes.PATIENCE
    while not lane.contestant.ready(lane.scene):
        if time.monotonic() > deadline:
            raise processes.StartError(f"{lane.contestant.name} listens, but not all of it came up")
        time.sleep(0.1)


def _prove(lane: Lane) -> None:
    """StartError unless one request through the lane gives exactly the upstream's answer."""
    status, body = processes.get(lane.scene.port, payload.PATH)
    if status != 200 or body != payload.SAME:
        raise processes.StartError(f"{lane.contestant.name} answered {status} {body[:200]!r} instead of the payment")
