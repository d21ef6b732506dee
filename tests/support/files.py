"""Which files belong to the project: those that git has, or would take if they were added now."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which

ROOT = Path(__file__).resolve().parents[2]

_NOT_OURS = frozenset({".git", ".venv", ".cache", "__pycache__", "build", "node_modules"})


def project_files() -> list[Path]:
    """Absolute paths, sorted. Outside a git clone (a source archive): all files but caches and environments."""
    if (ROOT / ".git").exists() and which("git"):
        return sorted(path for path in map(ROOT.joinpath, _listed_by_git()) if path.is_file())
    return sorted(walked(ROOT))


def project_texts() -> list[tuple[str, str]]:
    """(path relative to the root, text) of each file that is UTF-8 text."""
    read = ((path.relative_to(ROOT).as_posix(), _text(path)) for path in project_files())
    return [(path, text) for path, text in read if text is not None]


def walked(folder: Path) -> Iterator[Path]:
    """The files below `folder`, without caches and environments."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NOT_OURS and not name.endswith((".egg-info", "_cache"))]
        yield from (Path(parent, name) for name in names)


def _listed_by_git() -> list[str]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
    return os.fsdecode(listed).rstrip("\0").split("\0")


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
