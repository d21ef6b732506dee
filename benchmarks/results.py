"""From figures to Markdown. Law of this file: a pure function; every figure is a median with its spread."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks import bulk, comparison, growth, load, ratios, states
from benchmarks.contest import Entry, Sizes
from benchmarks.growth import Step
from benchmarks.lane import Sample
from benchmarks.memory import Memory
from benchmarks.states import Row

ASKED = 0.10
"""How far p50 of the primary path may move, as a share."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that is written down. `steps`: by axis; `compare`, `store`: the JSON that compare.py and store.py
    printed, if they ran.
    """

    date: str
    seconds: float
    command: str
    machine: Sequence[str]
    upstream: str
    sizes: Sizes
    state_sizes: Sizes
    entries: Sequence[Entry]
    missing: Mapping[str, str]
    baseline: str
    rows: Sequence[Row]
    growth_sizes: Sizes
    steps: Mapping[str, Sequence[Step]]
    memory: Sequence[Memory]
    compare: str | None
    store: str | None


def markdown(report: Report) -> str:
    tables = [_contest(report), _states(report), _growth(report), _compare(report.compare), _store(report.store)]
    parts = [_head(report), *tables, _method(report)]
    return "\n\n".join(part for part in parts if part) + "\n"


def spread(values: Iterable[float], digits: int = 0) -> str:
    """`median (min–max)`."""
    known = list(values)
    return f"{median(known):.{digits}f} ({min(known):.{digits}f}–{max(known):.{digits}f})" if known else "–"


def percent(values: Iterable[float]) -> str:
    """`median (min–max)` of shares, as signed percentages."""
    known = list(values)
    return f"{median(known):+.1%} ({min(known):+.1%} – {max(known):+.1%})" if known else "–"


def quartiles(values: Sequence[float]) -> str:
    """`[first – third quartile]` of shares, as signed percentages; of less than two there are none."""
    if len(values) < 2:
        return ""
    first, _, third = quantiles(values, method="inclusive")
    return f"[{first:+.1%} – {third:+.1%}]"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _head(report: Report) -> str:
    facts = [f"Date: {report.date}; it took {report.seconds / 60:.1f} minutes", f"Command: `{report.command}`"]
    facts += [*report.machine, f"Upstream: {report.upstream}"]
    return "# Benchmarks\n\n" + "\n".join(f"- {fact}" for fact in facts)


def _contest(report: Report) -> str:
    base = next((entry for entry in report.entries if entry.contestant.name == report.baseline), None)
    header = ["contestant", "version", "what it does", "proxy CPU µs/request", f"× {report.baseline}", "all processes"]
    header += ["requests/s", "p50 µs paced", "p99 µs paced", "proxy CPU paced", "all processes paced", "errors"]
    rows = [_contest_row(entry, base) for entry in report.entries]
    absent = [f"- `{name}` did not take part: {reason}" for name, reason in report.missing.items()]
    judged = list(ratios.rows(report.entries))
    parts = [f"## What a request costs\n\n{table(header, rows)}" if rows else "", "\n".join(absent)]
    parts += [table(ratios.HEADER, judged)] if judged else []
    counted = [
        f"- `{each.contestant.name}` counted: {_counted(each.counted)}" for each in report.entries if each.counted
    ]
    parts.append("\n".join(counted))
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
    header = ["state", "p50 µs", "p99 µs", "p50 off", "p99 off", "change of p50", "quartiles", "min – max"]
    header += [f"< {ASKED:.0%}", "change at full speed", "proxy CPU µs/request", "errors", "counted by the shadow side"]
    return "## The primary path while the shadow misbehaves\n\n" + table(header, map(_state_row, report.rows))


def _state_row(row: Row) -> list[str]:
    changes = states.changes(row.paced, row.paced_off)
    return [
        f"**{row.state.name}**: {states.WORDS[row.state.name]}",
        spread(sample.timing.p50 for sample in row.paced),
        spread(sample.timing.p99 for sample in row.paced),
        spread(sample.timing.p50 for sample in row.paced_off),
        spread(sample.timing.p99 for sample in row.paced_off),
        f"{median(changes):+.1%}",
        quartiles(changes),
        f"{min(changes):+.1%} – {max(changes):+.1%}",
        "yes" if median(changes) < ASKED else "**no**",
        percent(states.changes(row.full, row.full_off)),
        spread((sample.proxy_us for sample in row.paced), 1),
        str(_errors(row.paced, row.full)),
        _counted(row.counted),
    ]


def _growth(report: Report) -> str:
    parts = []
    if report.steps:
        header = ["of what", "proxy CPU µs/request", "× the first", f"≤ {growth.FLAT}", "requests/s", "errors"]
        parts.append(table(header, [_step_row(step, axis[0]) for axis in report.steps.values() for step in axis]))
    if report.memory:
        parts.append(table(["memory", "MB", "target", "within target"], map(_memory_row, report.memory)))
    return "\n\n".join(["## What grows", *parts]) if parts else ""


def _step_row(step: Step, first: Step) -> list[str]:
    against = growth.ratios(step, first)
    return [
        step.words,
        spread((sample.proxy_us for sample in step.samples), 1),
        "1" if step is first else spread(against, 2),
        "–" if step is first else "yes" if median(against) <= growth.FLAT else "**no**",
        spread(sample.timing.per_second for sample in step.samples),
        str(_errors(step.samples)),
    ]


def _memory_row(row: Memory) -> list[str]:
    return [row.words, spread(row.values, 1), f"< {row.target:g}", "yes" if max(row.values) < row.target else "**no**"]


def _compare(text: str | None) -> str:
    if text is None:
        return ""
    figures = table(["what", "figures"], comparison.rows(text))
    return f"## One comparison, alone\n\nFrom `python -m {comparison.COMPARE}`.\n\n{figures}"


def _store(text: str | None) -> str:
    if text is None:
        return ""
    figures = table(["what", "figures"], comparison.rows(text))
    return f"## One exchange, kept; and what a report asks for\n\nFrom `python -m {comparison.STORE}`.\n\n{figures}"


def _method(report: Report) -> str:
    full = " ".join(load.command(report.sizes.full, "URL"))
    paced = " ".join(load.command(report.sizes.paced, "URL"))
    seconds, times = report.state_sizes.paced.seconds, report.state_sizes.rounds // 2
    grown = " ".join(load.command(report.growth_sizes.full, "URL"))
    return f"""## How it was measured

- GET of a 1,024 byte JSON payment over keep-alive. Every contestant has one worker (thread, process) and one upstream.
- At full speed: `{full}`.
- Paced, about {report.sizes.paced.rate} requests/s: `{paced}`.
  `think.lua` lets each connection wait before it asks; wrk's clock starts after the wait.
- CPU: user + system of the processes from `/proc/PID/stat`, divided by wrk's count of requests. "Proxy": the processes
  that stand between client and answer (of ours, the worker). "All processes": also supervisor, control and shadow
  runner, read only when they have worked off what the load left behind.
- Contestants: {report.sizes.rounds} rounds, each in the opposite order of the one before. A ratio is one of medians.
- States: A B B A with a shadow-off proxy up beside it, loads of {seconds} s, paced × {times}, some at full speed
  × {report.state_sizes.full_rounds // 2}; all of that {report.state_sizes.sittings} times, each with two proxies that
  were started afresh. A change of p50 is that of one A B B A; the median of them is judged. p50, p99 and CPU: paced.
- What grows: our worker in stage legacy, all steps up at once, in turn as the contestants, at full speed
  × {report.growth_sizes.full_rounds}: `{grown}`. A ratio is that of one round. Idle connections have had one
  answer each and are shown to be open at the end.
- Memory: of the worker, from `/proc/PID/status`. Added: the peak while a body streams less what was held before; the
  reader of each body stands still for {bulk.STALL} s half-way. Idle: what is held after a short load.
- Figures are medians with (min–max). Errors: answers other than 2xx and 3xx, socket errors, time-outs."""


def _counted(counts: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {count:.0f}" for name, count in sorted(counts.items())) or "nothing"


def _proxy(samples: Sequence[Sample]) -> float:
    return median(sample.proxy_us for sample in samples)


def _errors(*groups: Sequence[Sample]) -> int:
    return sum(sample.timing.errors for group in groups for sample in group)
