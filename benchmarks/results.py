"""From figures to Markdown. Law of this file: a pure function; every figure is a median with its spread."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import comparison, load, states
from benchmarks.contest import Entry, Sizes
from benchmarks.lane import Sample
from benchmarks.states import Row

ASKED = 0.10
"""How far p50 of the primary path may move, as a share."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that is written down. `compare` is the JSON that compare.py printed, if it ran."""

    date: str
    command: str
    machine: Sequence[str]
    upstream: str
    sizes: Sizes
    state_sizes: Sizes
    entries: Sequence[Entry]
    missing: Mapping[str, str]
    baseline: str
    rows: Sequence[Row]
    compare: str | None


def markdown(report: Report) -> str:
    parts = [_head(report), _contest(report), _states(report), _compare(report.compare), _method(report)]
    return "\n\n".join(part for part in parts if part) + "\n"


def spread(values: Iterable[float], digits: int = 0) -> str:
    """`median (min–max)`."""
    known = list(values)
    return f"{median(known):.{digits}f} ({min(known):.{digits}f}–{max(known):.{digits}f})" if known else "–"


def percent(values: Iterable[float]) -> str:
    """`median (min–max)` of shares, as signed percentages."""
    known = list(values)
    return f"{median(known):+.1%} ({min(known):+.1%} – {max(known):+.1%})" if known else "–"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _head(report: Report) -> str:
    facts = [f"Date: {report.date}", f"Command: `{report.command}`", *report.machine, f"Upstream: {report.upstream}"]
    return "# Benchmarks\n\n" + "\n".join(f"- {fact}" for fact in facts)


def _contest(report: Report) -> str:
    base = next((entry for entry in report.entries if entry.contestant.name == report.baseline), None)
    header = ["contestant", "version", "what it does", "proxy CPU µs/request", f"× {report.baseline}", "all processes"]
    header += ["requests/s", "p50 µs paced", "p99 µs paced", "proxy CPU paced", "all processes paced", "errors"]
    rows = [_contest_row(entry, base) for entry in report.entries]
    absent = [f"- `{name}` did not take part: {reason}" for name, reason in report.missing.items()]
    parts = [f"## What a request costs\n\n{table(header, rows)}" if rows else "", "\n".join(absent)]
    return "\n\n".join(part for part in parts if part)


def _contest_row(entry: Entry, base: Entry | None) -> list[str]:
    ratio = _proxy(entry.full) / _proxy(base.full) if base else None
    return [
        f"**{entry.contestant.name}**",
        entry.version,
        entry.contestant.does,
        spread((sample.proxy_us for sample in entry.full), 1),
        f"{ratio:.2f}" if ratio is not None else "–",
        spread((sample.fleet_us for sample in entry.full), 1),
        spread(sample.timing.per_second for sample in entry.full),
        spread(sample.timing.p50 for sample in entry.paced),
        spread(sample.timing.p99 for sample in entry.paced),
        spread((sample.proxy_us for sample in entry.paced), 1),
        spread((sample.fleet_us for sample in entry.paced), 1),
        str(_errors(entry.full, entry.paced)),
    ]


def _states(report: Report) -> str:
    if not report.rows:
        return ""
    header = ["state", "p50 µs", "p99 µs", "p50 off", "p99 off", "change of p50", f"< {ASKED:.0%}"]
    header += ["change at full speed", "proxy CPU µs/request", "errors", "counted by the shadow side"]
    return "## The primary path while the shadow misbehaves\n\n" + table(header, map(_state_row, report.rows))


def _state_row(row: Row) -> list[str]:
    changes = states.changes(row.paced, row.paced_off)
    return [
        f"**{row.state.name}**: {states.WORDS[row.state.name]}",
        spread(sample.timing.p50 for sample in row.paced),
        spread(sample.timing.p99 for sample in row.paced),
        spread(sample.timing.p50 for sample in row.paced_off),
        spread(sample.timing.p99 for sample in row.paced_off),
        percent(changes),
        "yes" if median(changes) < ASKED else "**no**",
        percent(states.changes(row.full, row.full_off)),
        spread((sample.proxy_us for sample in row.paced), 1),
        str(_errors(row.paced, row.full)),
        ", ".join(f"{name} {count:.0f}" for name, count in sorted(row.counted.items())) or "nothing",
    ]


def _compare(text: str | None) -> str:
    if text is None:
        return ""
    figures = table(["what", "figures"], comparison.rows(text))
    return f"## One comparison, alone\n\nFrom `python {' '.join(comparison.COMMAND)}`.\n\n{figures}"


def _method(report: Report) -> str:
    full = " ".join(load.command(report.sizes.full, "URL"))
    paced = " ".join(load.command(report.sizes.paced, "URL"))
    return f"""## How it was measured

- GET of a 1,024 byte JSON payment over keep-alive. Every contestant has one worker (thread, process) and one upstream.
- At full speed: `{full}`.
- Paced, about {report.sizes.paced.rate} requests/s: `{paced}`.
  `think.lua` lets each connection wait before it asks; wrk's clock starts after the wait.
- CPU: user + system of the processes from `/proc/PID/stat`, divided by wrk's count of requests. "Proxy": the processes
  that stand between client and answer (of ours, the worker). "All processes": also supervisor, control and shadow
  runner, read only when they have worked off what the load left behind.
- Contestants: {report.sizes.rounds} rounds, each in the opposite order of the one before.
- States: A B B A with a shadow-off proxy up beside it, paced × {report.state_sizes.rounds // 2}, at full speed
  × {report.state_sizes.full_rounds // 2}. A change of p50 is that of one A B B A. p50, p99 and CPU: paced.
- Figures are medians with (min–max). Errors: answers other than 2xx and 3xx, socket errors, time-outs."""


def _proxy(samples: Sequence[Sample]) -> float:
    return median(sample.proxy_us for sample in samples)


def _errors(*groups: Sequence[Sample]) -> int:
    return sum(sample.timing.errors for group in groups for sample in group)
