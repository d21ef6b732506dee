"""`python -m benchmarks.soak --minutes 30`: mixed faults for a long time, and nothing grows.

Law of this file: what is promised is asserted: memory and open files flat, no task left, loop lag p99 below 50 ms, no
process restarted, no client told a thing that is not so. Exit codes: 0 it holds, 1 it does not, 3 something needed is
not there.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path

from benchmarks import processes
from benchmarks.soak_clients import CROSSED, come_and_go
from benchmarks.soak_readings import Reading, growth, quantile, read

HERE = Path(__file__).parent
LAG = 0.05
GROWN = 4 << 20
"""Bytes that a process may have grown by from the second third to the last: what an allocator keeps to itself."""
FILES = 3
"""Open files that may differ once all is quiet: kept connections that come and go."""
CROSSINGS = 0.005
"""Share of conversations in which an honest write may meet a connection that its upstream ends at that moment."""
PLACES = 24
EVERY = 2.0
QUIET = 5.0
"""Seconds after the last client until all that it left behind has to be gone."""
ROUTES = """apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: soak}}
spec:
  defaults: {{timeouts: {{connect: 1s, request: 1s, idle: 1s}}}}
  backends:
    - {{name: legacy, url: "http://127.0.0.1:{upstream}", effects: live}}
    - {{name: candidate, url: "http://127.0.0.1:{upstream}", effects: live}}
  routes:
    - name: all
      stage: shadow
      matches: [{{path: {{type: PathPrefix, value: /}}}}]
      backendRefs: {{legacy: legacy, candidate: candidate}}
      shadow: {{timeout: 2s}}
"""


def serve(stack: ExitStack, folder: Path) -> tuple[int, int]:
    """Starts upstream and proxy; the ports of payments and of the admin API."""
    upstream, port, admin = (processes.free_port() for _ in range(3))
    for name in ("upstream", "proxy"):
        (folder / name).mkdir()
    (folder / "proxy" / "routes.yaml").write_text(ROUTES.format(upstream=upstream))
    said = [sys.executable, str(HERE / "soak_upstream.py"), "--port", str(upstream)]
    ours = [
        "env",
        f"PYTHONPATH={HERE.parent}",
        "STRANGLER_DUMPABLE=1",
        sys.executable,
        "-m",
        "proxy",
        "serve",
        "--workers",
        "1",
    ]
    ours += ["-c", str(folder / "proxy" / "routes.yaml")]
    ours += ["--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"]
    ours += ["--store", f"sqlite:///{folder / 'proxy' / 'strangler.db'}"]
    stack.enter_context(processes.started("upstream", said, folder / "upstream", [upstream]))
    stack.enter_context(processes.started("strangler", ours, folder / "proxy", [port, admin]))
    return port, admin


async def soak(port: int, admin: int, minutes: float) -> tuple[list[Reading], Counter[str]]:
    """A reading when all is quiet before, many while clients come and go, and one when all is quiet after."""
    told: Counter[str] = Counter()
    stopping = asyncio.Event()
    warm = Counter[str]()
    await _for_a_while(port, 2.0, warm)
    readings = [await _look(admin)]
    places = [asyncio.create_task(come_and_go(port, seed, told, stopping)) for seed in range(1, PLACES + 1)]
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        await asyncio.sleep(EVERY)
        readings.append(await _look(admin))
        if len(readings) % 15 == 0:
            print(line(readings, told), flush=True)
    stopping.set()
    await asyncio.gather(*places)
    await asyncio.sleep(QUIET)  # the time in which all has to be gone
    return [*readings, await _look(admin)], told


async def _for_a_while(port: int, seconds: float, told: Counter[str]) -> None:
    """Clients of each kind, so that what is made once has been made; then quiet."""
    stopping = asyncio.Event()
    places = [asyncio.create_task(come_and_go(port, seed, told, stopping)) for seed in range(1, PLACES + 1)]
    await asyncio.sleep(seconds)
    stopping.set()
    await asyncio.gather(*places)
    await asyncio.sleep(QUIET)


async def _look(admin: int) -> Reading:
    return await asyncio.to_thread(read, admin)


def line(readings: Sequence[Reading], told: Counter[str]) -> str:
    now, before = readings[-1], readings[-15]
    memory = " ".join(f"{role} {size / (1 << 20):.0f}" for role, size in sorted(now.memory.items()))
    lag = quantile(0.99, before.lag, now.lag) * 1000
    wrong = sum(count for word, count in told.items() if word.startswith("wrong"))
    return (
        f"{told.total():>8} conversations, {wrong} wrong · MiB: {memory} · worker: {now.files['worker']} files, "
        f"{now.tasks} tasks, lag p99 ≤ {lag:g} ms"
    )


def faults(readings: Sequence[Reading], told: Counter[str]) -> list[str]:
    """What does not hold; the first and the last reading are those when all was quiet."""
    first, last = readings[0], readings[-1]
    found = [f"{word} ({count} times)" for word, count in told.most_common() if word.startswith("wrong")][:10]
    for role in sorted(first.memory):
        grown = growth([each.memory.get(role, 0) for each in readings[1:-1]])
        if grown > GROWN:
            found.append(f"{role} grew by {grown / (1 << 20):.1f} MiB from the second third to the last")
        if abs(last.files.get(role, 0) - first.files[role]) > FILES:
            found.append(f"{role} had {first.files[role]} files open before and {last.files.get(role, 0)} after")
    if last.tasks > first.tasks:
        found.append(f"the worker ran {first.tasks} tasks before and {last.tasks} after")
    if (late := quantile(0.99, first.lag, last.lag)) > LAG or not last.lag:
        found.append(f"loop lag p99 is up to {late * 1000:g} ms, over {LAG * 1000:g}")
    if told[CROSSED] > CROSSINGS * told.total():
        found.append(f"{told[CROSSED]} honest writes met an ending connection, of {told.total()} conversations")
    if last.restarts:
        found.append(f"processes were restarted {last.restarts} times")
    return found


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.soak", description="Mixed faults; nothing may grow.")
    parser.add_argument("--minutes", type=float, default=30.0)
    minutes = parser.parse_args(arguments).minutes
    try:
        with tempfile.TemporaryDirectory(prefix="strangler-soak-") as folder, ExitStack() as stack:
            port, admin = serve(stack, Path(folder))
            readings, told = asyncio.run(soak(port, admin, minutes))
    except (processes.StartError, OSError, HTTPException) as fault:
        print(f"the soak could not go on: {fault}", file=sys.stderr)
        return 3
    for word, count in sorted(told.items()):
        print(f"{count:>8} {word[:150]}")
    print(line(readings if len(readings) > 15 else [readings[0]] * 14 + list(readings), told))
    found = faults(readings, told)
    for fault_found in found:
        print(f"does not hold: {fault_found}", file=sys.stderr)
    print("all holds" if not found else f"{len(found)} things do not hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
