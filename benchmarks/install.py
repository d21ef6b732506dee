"""What the benchmarks need and may have to fetch. Law of this file: nothing from Debian is installed unasked.

Peers from PyPI go into environments of their own under .cache/envs, from locks pinned by hash; those are ours to make.
So is our own compiled form, in .cache/compiled.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVS = ROOT / ".cache" / "envs"
COMPILED = ROOT / ".cache" / "compiled"
SOURCES = ("setup.py", "pyproject.toml", "README.md", "proxy", "comparators")
LOCKS = Path(__file__).with_name("locks")
DEBIAN = {"wrk": "wrk", "nginx": "nginx", "haproxy": "haproxy"}
"""Command -> the Debian package that has it."""


class InstallError(RuntimeError):
    """An installation failed: what, and the installer's last words."""


def which(name: str) -> str | None:
    """The path of a command; Debian keeps servers in sbin, which not everybody has on the path."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


def missing_debian() -> list[str]:
    """The Debian packages that are wanted and not there."""
    return [package for command, package in DEBIAN.items() if which(command) is None]


def install_debian(packages: list[str]) -> None:
    """apt-get, as root; on a machine with systemd the nginx and haproxy services may then be started by Debian."""
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]):
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
        _run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)], os.environ.copy())
        stamp.write_text(digest)
    return folder / "bin"


def compiled() -> Path:
    """The folder, for PYTHONPATH, of our package with its hot files compiled (setup.py); made anew when a source is
    another. InstallError if it cannot be made: there is no C compiler, or no mypyc.
    """
    stamp, digest = COMPILED / "sources.sha256", _digest()
    if stamp.exists() and stamp.read_text() == digest:
        return COMPILED
    print("compiling the hot files into .cache/compiled (a minute) ...", file=sys.stderr, flush=True)
    shutil.rmtree(COMPILED, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="compile-") as folder:
        for name in SOURCES:
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, Path(folder) / name)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
        flags = ["--no-deps", "--no-build-isolation", "--target", str(COMPILED)]
        _run([*pip, *flags, folder], {**os.environ, "STRANGLER_COMPILE": "1"})
    stamp.write_text(digest)
    return COMPILED


def _digest() -> str:
    """Of all that the compiled form is made of, and of the Python that it is made for."""
    found = hashlib.sha256(sys.version.encode())
    for name in SOURCES:
        source = ROOT / name
        for path in sorted(source.rglob("*.py")) if source.is_dir() else [source]:
            found.update(path.read_bytes())
    return found.hexdigest()


def _run(command: list[str], env: dict[str, str]) -> None:
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise InstallError(f"{command[0]} {command[1]} failed: {done.stderr.strip()[-400:]}")
