"""`python -m benchmarks`: measure, print while measuring, write RESULTS.md.

Law of this file: order and options, no figures.
Exit codes: 0 measured, 2 usage, 3 something that is needed is not there (wrk), 130 interrupted.
"""

import argparse
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPException
from pathlib import Path
from types import FrameType
from typing import TypeVar

from benchmarks import (
    comparison,
    contest,
    contestants,
    growth,
    install,
    machine,
    memory,
    results,
    states,
    upstreams,
)
from benchmarks.contest import Sizes
from benchmarks.contestant import Missing
from benchmarks.contestants import strangler
from benchmarks.load import Load
from benchmarks.processes import StartError

HERE = Path(__file__).parent
RATE = 1000
COMPARISON, STORE, MEMORY = "compare", "store", "memory"
GROWING = [*growth.AXES, MEMORY]
CONTESTANTS, STATES = [each.name for each in contestants.ALL], [each.name for each in states.ALL]
QUICK = [*CONTESTANTS, "legacy", "fast", "slow", "channel-full", *GROWING]
NAMES = [*CONTESTANTS, *STATES, *GROWING, COMPARISON, STORE]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often each table is measured. Short loads, since a machine drifts within seconds, and often."""

    contest: Sizes
    states: Sizes
    growth: Sizes


def plan_of(quick: bool, rate: int) -> Plan:
    short, paced = Load(1), Load(1, rate=rate)
    if quick:
        small = Sizes(2, 2, short, short, paced)
        return Plan(small, Sizes(2, 0, short, short, paced), small)
    contests = Sizes(4, 4, short, short, paced)
    return Plan(contests, Sizes(4, 2, short, short, paced, sittings=4), Sizes(0, 4, short, short, paced))


def options_from(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Us and others, one machine, one run.")
    parser.add_argument(
        "--quick", action="store_true", help="about 3 minutes instead of 18: fewer states, a wider spread"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=NAMES,
        help="just this contestant, state, growth, `compare` or `store`; may be repeated",
    )
    parser.add_argument(
        "--rate", type=int, default=RATE, help="requests a second of the paced load (default %(default)s)"
    )
    parser.add_argument("--install", action="store_true", help="apt-get the Debian packages that are missing")
    parser.add_argument("--output", type=Path, help="default benchmarks/RESULTS.md; nothing is written with --only")
    options = parser.parse_args(arguments)
    if not 100 <= options.rate <= 20_000:
        parser.error("--rate must be between 100 and 20000")
    return options


def say(line: str) -> None:
    print(line, flush=True)


def debian_is_there(asked: bool) -> bool:
    """See to the Debian packages: install them if asked, else name them. False if nothing can be measured without."""
    missing = install.missing_debian()
    if missing and asked:
        install_debian(missing)
    elif missing:
        say(f"missing Debian packages: {' '.join(missing)} (--install fetches them with apt-get)")
    return install.which("wrk") is not None


def install_debian(packages: list[str]) -> None:
    """What cannot be installed is told, and then missed by those who need it."""
    try:
        install.install_debian(packages)
    except install.InstallError as error:
        say(f"Debian packages were not installed: {error}")


def measure(options: argparse.Namespace, arguments: list[str], folder: Path) -> results.Report:
    plan = plan_of(options.quick, options.rate)
    chosen = set(options.only or (QUICK if options.quick else NAMES))
    began, clock = machine.describe(), time.monotonic()
    with upstreams.standing(folder) as standing:
        wanted = [contestant for contestant in contestants.ALL if contestant.name in chosen]
        entries, missing = contest.race(wanted, standing, folder, plan.contest, say)
        compared = comparison.run(comparison.COMPARE) if COMPARISON in chosen else None
        stored = comparison.run(comparison.STORE) if STORE in chosen else None
        ours = compiled_names(chosen, missing)
        rows = measure_states(ours, standing, folder, plan.states, missing)
        steps = measure_steps(ours, standing, folder, plan.growth, missing)
        held = measure_memory(ours, standing, folder, plan.growth, missing)
    return results.Report(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        seconds=time.monotonic() - clock,
        command=shlex.join(["python", "-m", "benchmarks", *arguments]),
        machine=began,
        upstream=standing.software,
        sizes=plan.contest,
        state_sizes=plan.states,
        entries=entries,
        missing=missing,
        baseline=contestants.BASELINE,
        rows=rows,
        growth_sizes=plan.growth,
        steps=steps,
        memory=held,
        compare=compared,
        store=stored,
    )


def compiled_names(chosen: set[str], missing: dict[str, str]) -> set[str]:
    """Those of the chosen that measure our compiled form; none, and their reason in `missing`, if there is none."""
    wanted = chosen.intersection([*STATES, *GROWING])
    found = strangler.find_compiled() if wanted else ""
    if isinstance(found, Missing):
        missing.update(dict.fromkeys(wanted, found.reason))
        return set()
    return wanted


def measure_states(
    chosen: set[str], standing: upstreams.Upstreams, folder: Path, sizes: Sizes, missing: dict[str, str]
) -> list[states.Row]:
    """The rows of the chosen states; what could not be measured goes into `missing` with its reason."""
    wanted = [state for state in states.ALL if state.name in chosen]
    return list(states.measure(wanted, standing, folder, sizes, missing, say)) if wanted else []


def measure_steps(
    chosen: set[str], standing: upstreams.Upstreams, folder: Path, sizes: Sizes, missing: dict[str, str]
) -> dict[str, list[growth.Step]]:
    """The rows of the chosen axes of growth."""
    found = {}
    for name in [name for name in growth.AXES if name in chosen]:
        steps = attempt(name, missing, partial(growth.AXES[name], standing, folder, sizes, say))
        if steps is not None:
            found[name] = steps
    return found


def measure_memory(
    chosen: set[str], standing: upstreams.Upstreams, folder: Path, sizes: Sizes, missing: dict[str, str]
) -> list[memory.Memory]:
    if MEMORY not in chosen:
        return []
    return attempt(MEMORY, missing, lambda: list(memory.measure(standing, folder, sizes, say))) or []


def attempt(name: str, missing: dict[str, str], work: Callable[[], Result]) -> Result | None:
    """What `work` gives; None, and the reason in `missing`, if a process or a connection failed it."""
    try:
        return work()
    except (StartError, OSError, HTTPException, RuntimeError) as error:
        missing[name] = str(error)
        say(f"{name:14} not measured: {error}")
        return None


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Ctrl-C and SIGTERM end the run: every process that was started is ended on the way out."""
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    options = options_from(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        if not debian_is_there(options.install):
            say("without wrk nothing can be measured")
            return 3
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            report = measure(options, arguments, Path(folder))
    except (install.InstallError, StartError) as error:
        say(f"not measured: {error}")
        return 3
    except KeyboardInterrupt:
        say("interrupted; nothing was written")
        return 130
    write(results.markdown(report), options.output or (None if options.only else HERE / "RESULTS.md"))
    return 0


def write(text: str, output: Path | None) -> None:
    say("\n" + text)
    if output is not None:
        output.write_text(text)
        say(f"written: {output}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
