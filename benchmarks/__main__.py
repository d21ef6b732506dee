"""`python -m benchmarks`: measure, print while measuring, write RESULTS.md.

Law of this file: order and options, no figures.
Exit codes: 0 measured, 2 usage, 3 something that is needed is not there (wrk), 130 interrupted.
"""

import argparse
import shlex
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from benchmarks import comparison, contest, contestants, install, machine, results, states, upstreams
from benchmarks.contest import Sizes
from benchmarks.contestant import Missing
from benchmarks.contestants import strangler
from benchmarks.load import Load
from benchmarks.processes import StartError

HERE = Path(__file__).parent
RATE = 1000
COMPARISON = "compare"
QUICK = [contestant.name for contestant in contestants.ALL] + ["legacy", "fast", "slow", "channel-full"]
NAMES = [contestant.name for contestant in contestants.ALL] + [state.name for state in states.ALL] + [COMPARISON]


def sizes_of(quick: bool, rate: int) -> tuple[Sizes, Sizes]:
    """For the contestants and for the states. Of the states many short loads, since a machine drifts within seconds."""
    short, paced = Load(1), Load(1, rate=rate)
    if quick:
        return Sizes(2, 2, short, short, paced), Sizes(2, 0, short, short, paced)
    return Sizes(3, 3, short, Load(2), Load(2, rate=rate)), Sizes(6, 2, short, short, paced)


def options_from(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Us and others, one machine, one run.")
    parser.add_argument(
        "--quick", action="store_true", help="about 2 minutes instead of 8: fewer states, a wider spread"
    )
    parser.add_argument(
        "--only", action="append", choices=NAMES, help="just this contestant, state or `compare`; may be repeated"
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
        install.install_debian(missing)
    elif missing:
        say(f"missing Debian packages: {' '.join(missing)} (--install fetches them with apt-get)")
    return install.which("wrk") is not None


def measure(options: argparse.Namespace, arguments: list[str], folder: Path) -> results.Report:
    race_sizes, state_sizes = sizes_of(options.quick, options.rate)
    chosen = set(options.only or (QUICK if options.quick else NAMES))
    began = machine.describe()
    with upstreams.standing(folder) as standing:
        wanted = [contestant for contestant in contestants.ALL if contestant.name in chosen]
        entries, missing = contest.race(wanted, standing, folder, race_sizes, say)
        compared = comparison.run() if COMPARISON in chosen else None
        rows = measure_states(chosen, standing, folder, state_sizes, missing)
    return results.Report(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        command=shlex.join(["python", "-m", "benchmarks", *arguments]),
        machine=began,
        upstream=standing.software,
        sizes=race_sizes,
        state_sizes=state_sizes,
        entries=entries,
        missing=missing,
        baseline=contestants.BASELINE,
        rows=rows,
        compare=compared,
    )


def measure_states(
    chosen: set[str], standing: upstreams.Upstreams, folder: Path, sizes: Sizes, missing: dict[str, str]
) -> list[states.Row]:
    """The rows of the chosen states; what could not be measured goes into `missing` with its reason."""
    wanted = [state for state in states.ALL if state.name in chosen]
    found = strangler.find_compiled() if wanted else ""
    if isinstance(found, Missing):
        missing.update({state.name: found.reason for state in wanted})
        return []
    return list(states.measure(wanted, standing, folder, sizes, missing, say)) if wanted else []


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
