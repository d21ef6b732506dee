"""`strangler serve` as a real process with the routes that a test writes, and what its worker takes of the machine.

Law of this file: lane N is one backend and one route, `/N/`; what goes over one lane shares no connection with another.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.end_to_end.deployment import Deployment
from tests.support.ports import free_port
from tests.support.process import Processes

_HEAD = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: siege}}
spec:
  limits: {{{limits}}}
  defaults: {{timeouts: {{{timeouts}}}}}
"""
_ROUTE = """\
    - name: lane-{lane}
      stage: {stage}
      matches: [{{path: {{type: PathPrefix, value: "/{lane}"}}}}]
      backendRefs: {{legacy: lane-{lane}, candidate: lane-{lane}}}
"""


def routes(
    ports: Sequence[int],
    *,
    limits: str = "",
    timeouts: str = "connect: 1s, request: 5s, idle: 5s",
    pool: str = "maxConnections: 200",
    stage: str = "legacy",
) -> str:
    """routes.yaml with one lane for each port of 127.0.0.1; the words are those of the file."""
    backends = "".join(
        f'    - {{name: lane-{lane}, url: "http://127.0.0.1:{port}", effects: live, pool: {{{pool}}}}}\n'
        for lane, port in enumerate(ports)
    )
    rules = "".join(_ROUTE.format(lane=lane, stage=stage) for lane in range(len(ports)))
    head = _HEAD.format(limits=limits, timeouts=timeouts)
    return f"{head}  backends:\n{backends}  routes:\n{rules}"


def serve(run_process: Processes, folder: Path, text: str) -> Deployment:
    """Starts one worker with these routes and waits until it is ready."""
    (folder / "store").mkdir(parents=True)
    (folder / "routes.yaml").write_text(text)
    port, admin = free_port(), free_port()
    command: list[str | Path] = [
        *(sys.executable, "-m", "proxy", "serve", "-c", folder / "routes.yaml", "--workers", "1"),
        *("--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"),
        *("--store", f"sqlite:///{folder / 'store' / 'strangler.db'}"),
    ]
    process = run_process(command, lambda each: "carries payments on" in each.stderr, timeout=30)
    return Deployment(folder, port, admin, process)


def resident(pid: int) -> int:
    """Bytes of memory that a process holds (RSS)."""
    return _kilobytes(pid, "VmRSS:") * 1024


def most_resident(pid: int) -> int:
    """Bytes of memory that a process held at its largest."""
    return _kilobytes(pid, "VmHWM:") * 1024


def forget_peak(pid: int) -> None:
    """Makes `most_resident` start again from what the process holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def descriptors(pid: int) -> int:
    """Files and sockets that a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def _kilobytes(pid: int, field: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))
