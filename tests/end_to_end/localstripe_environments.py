"""Makes the Python environments in which two releases of localstripe run, once, under `.cache/envs`.

Law of this file: an environment is there whole or not at all (built aside, then renamed), two test runs never build the
same one at the same time, and only what a lock file names by hash is installed. localstripe is licensed under the GPL:
it is run as a program of its own and never imported or copied by the code of this project. It comes as a source
archive, so the tool that builds it is pinned as well and installed first.

A lock is made anew with
`echo localstripe==X | uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -`.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOCKS = Path(__file__).parent / "locks"
ENVIRONMENTS = Path(__file__).parents[2] / ".cache" / "envs"

Say = Callable[[str], None]


class NoEnvironment(Exception):
    """An environment could not be made: what was tried, what pip said, and what to do."""


def localstripe_python(release: str, say: Say) -> Path:
    """The Python of the environment with that release of localstripe, which is made if it is not there yet."""
    locks = [LOCKS / "build.lock", LOCKS / f"localstripe-{release}.lock"]
    home = ENVIRONMENTS / f"localstripe-{release}-{_fingerprint(locks)}"
    python = home / "bin" / "python"
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    with _alone(home.with_name(home.name + ".flock"), say):
        if not python.exists():
            say(f"==> making an environment for localstripe {release} from PyPI (once, about ten seconds)")
            _build(home, release, locks)
    return python


def _fingerprint(locks: list[Path]) -> str:
    interpreter = f"{platform.python_implementation()} {platform.python_version()} {platform.machine()}"
    whole = interpreter.encode() + b"".join(lock.read_bytes() for lock in locks)
    return hashlib.sha256(whole).hexdigest()[:12]


@contextmanager
def _alone(path: Path, say: Say) -> Iterator[None]:
    with path.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"==> waiting for another test run that holds {path.name}")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _build(home: Path, release: str, locks: list[Path]) -> None:
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{home.name}-") as aside:
        place = Path(aside) / "environment"
        _run([sys.executable, "-m", "venv", str(place)], release)
        for lock in locks:
            _run([str(place / "bin" / "python"), *_pip_install(lock)], release)
        shutil.rmtree(home, ignore_errors=True)
        place.rename(home)


def _pip_install(lock: Path) -> list[str]:
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    pinned = ["--require-hashes", "--no-deps", "--no-build-isolation", "--use-pep517", "-r", str(lock)]
    return ["-I", "-m", "pip", "install", *quiet, *pinned]


def _run(command: list[str], release: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    try:
        subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=True)
    except subprocess.CalledProcessError as problem:
        said = "\n".join(f"{problem.stdout}{problem.stderr}".strip().splitlines()[-8:])
        raise _unmade(release, f"{problem}; it said:\n{said}") from None
    except subprocess.TimeoutExpired as problem:
        raise _unmade(release, str(problem)) from None


def _unmade(release: str, why: str) -> NoEnvironment:
    return NoEnvironment(
        f"could not make the environment for localstripe {release}. It needs PyPI (or the index that pip is configured "
        f"with): try again when that can be reached. {why}"
    )
