"""`strangler serve` as a process, with what a test wants of its table and its options."""

import sys
from pathlib import Path

from tests.end_to_end.deployment import Deployment
from tests.support.ports import free_port
from tests.support.process import Processes


def serve(processes: Processes, folder: Path, routes: str, *options: str) -> Deployment:
    """Starts it, also again in the same folder, and waits until it carries payments; one worker unless `options` say
    otherwise.
    """
    (folder / "store").mkdir(parents=True, exist_ok=True)
    table = folder / "routes.yaml"
    table.write_text(routes)
    port, admin = free_port(), free_port()
    command: list[str | Path] = [
        *(sys.executable, "-m", "proxy", "serve", "-c", table, "--workers", "1"),
        *("--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"),
        *("--store", f"sqlite:///{folder / 'store' / 'strangler.db'}", *options),
    ]
    process = processes(command, lambda process: "carries payments on" in process.stderr, timeout=30)
    return Deployment(folder, port, admin, process)
