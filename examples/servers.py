"""How the two systems are made ready and started, for the demo and the tests: one prepared database, two commands.

Nothing here imports Django or FastAPI; both systems live in processes of their own, started without a shell.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MONOLITH = "examples.monolith.asgi:application"
SERVICE = "examples.service.app:app"


class PrepareError(Exception):
    """The database could not be made; the text says why, in the monolith's own words."""


def prepare(database: Path) -> None:
    """Create the monolith's database at `database`, or bring it up to date, by the monolith's own migrations.

    Takes about a second. Raises PrepareError if the migration fails or lasts longer than a minute.
    """
    command = [sys.executable, "-m", "examples.monolith", "migrate", "--verbosity", "0"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment(database), capture_output=True, text=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise PrepareError(f"the migration of {database} did not end within {late.timeout:.0f} s") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise PrepareError(f"the migration of {database} failed: {last[-500:]}")


def environment(database: Path) -> dict[str, str]:
    """This process's environment with the database's path in it, as both systems need it."""
    return {**os.environ, "STRANGLER_DEMO_DATABASE": str(database.resolve()), "PYTHONUNBUFFERED": "1"}


def command(application: str, port: int) -> list[str]:
    """What starts MONOLITH or SERVICE on loopback at `port`; to be run in ROOT with `environment`."""
    return [
        *(sys.executable, "-m", "uvicorn", application),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--log-level", "warning", "--no-access-log", "--timeout-keep-alive", "75"),
    ]
