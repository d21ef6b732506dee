"""User + system seconds of a process and all below it, by role. Law of this file: a reaped child's time is never lost.

Source: /proc/PID/stat (proc(5)), in clock ticks, 10 ms on Linux as Debian builds it.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
Role = Callable[[str], str]
"""From the command line of a process (arguments joined by spaces) to the name under which its time is counted."""


@dataclass(frozen=True, slots=True)
class Stat:
    """Of one process: its parent, its process group, its own ticks, and those of the children that it has reaped."""

    pid: int
    parent: int
    group: int
    own: int
    reaped: int

    @property
    def seconds(self) -> float:
        return (self.own + self.reaped) * TICK


def parse_stat(text: str) -> Stat:
    """One /proc/PID/stat. The name in brackets may itself hold spaces and brackets, so it is cut at the last one."""
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    utime, stime, cutime, cstime = (int(field) for field in fields[11:15])
    return Stat(int(head.split(" ", 1)[0]), int(fields[1]), int(fields[2]), utime + stime, cutime + cstime)


def all_stats() -> Iterator[Stat]:
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                yield parse_stat(Path("/proc", entry, "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue


def family(root: int) -> list[Stat]:
    """The process `root` and all its living descendants."""
    stats = list(all_stats())
    members = {root}
    found = [stat for stat in stats if stat.pid == root]
    grown = True
    while grown:
        more = [stat for stat in stats if stat.parent in members and stat.pid not in members]
        members.update(stat.pid for stat in more)
        found += more
        grown = bool(more)
    return found


def command_line(pid: int) -> str:
    """The arguments joined by spaces; empty for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def by_role(root: int, role: Role) -> Counter[str]:
    """Milliseconds of CPU that the tree under `root` has used so far, by role."""
    used: Counter[str] = Counter()
    for stat in family(root):
        used[role(command_line(stat.pid))] += round(stat.seconds * 1000)
    return used


def spent(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """Milliseconds by role between two readings. A role that lost a process may be below 0; the sum stays right."""
    return {role: after.get(role, 0) - before.get(role, 0) for role in {*before, *after}}
