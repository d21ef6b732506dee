"""wrk as the load: run it, read what it says. Law of this file: times are µs, and no error is dropped from the count.

Two loads. At full speed each connection asks again at once (closed loop): the cost of a request. Paced, each connection
first thinks for a random while (think.lua): the latency at one rate for all. wrk's clock starts after the thinking.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
THINK = "benchmarks/think.lua"
UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 60e6, "h": 3600e6}


@dataclass(frozen=True, slots=True)
class Load:
    """`rate`: requests a second over all connections, None for as fast as it goes."""

    seconds: int
    connections: int = 32
    rate: int | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """What wrk saw. Latencies in µs; `errors` are answers other than 2xx and 3xx plus socket errors and time-outs."""

    requests: int
    per_second: float
    p50: float
    p99: float
    errors: int


def command(load: Load, url: str) -> list[str]:
    """What is run, in the root of the project. The mean wait is connections / rate; it varies by a quarter each way."""
    base = ["wrk", "-t1", f"-c{load.connections}", f"-d{load.seconds}s", "--latency"]
    if load.rate is None:
        return [*base, url]
    mean = 1000 * load.connections / load.rate
    return [*base, "-s", THINK, url, "--", str(round(mean * 0.75)), str(round(mean * 1.25))]


def run(load: Load, url: str) -> Timing:
    """Drive `url`; RuntimeError with wrk's own words if it could not."""
    done = subprocess.run(command(load, url), cwd=ROOT, capture_output=True, text=True, timeout=load.seconds + 30)
    if done.returncode != 0:
        raise RuntimeError(f"wrk ended with {done.returncode}: {(done.stderr or done.stdout).strip()[:500]}")
    return parse(done.stdout)


def parse(text: str) -> Timing:
    """wrk 4's report with --latency; ValueError if it is not one."""
    return Timing(
        requests=int(_find(r"(\d+) requests in ", text)),
        per_second=float(_find(r"Requests/sec:\s+([\d.]+)", text)),
        p50=_microseconds(_find(r"^\s+50%\s+(\S+)", text)),
        p99=_microseconds(_find(r"^\s+99%\s+(\S+)", text)),
        errors=_errors(text),
    )


def _find(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise ValueError(f"not a report of wrk --latency, {pattern!r} is missing: {text[:300]!r}")
    return match[1]


def _microseconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)([a-z]+)", text)
    if match is None or match[2] not in UNITS:
        raise ValueError(f"not a time of wrk: {text!r}")
    return float(match[1]) * UNITS[match[2]]


def _errors(text: str) -> int:
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return (int(bad[1]) if bad else 0) + (sum(map(int, sockets.groups())) if sockets else 0)
