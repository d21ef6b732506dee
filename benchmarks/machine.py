"""What it was measured on. Law of this file: facts that matter to a figure, none that name the machine or its owner."""

import os
import platform
from pathlib import Path


def describe() -> list[str]:
    """One fact a line."""
    return [
        f"CPU: {cpu_model()}, {os.cpu_count()} cores",
        f"Memory: {memory_gib():.0f} GiB",
        f"System: {platform.system()} {platform.release()}, {distribution()}",
        f"Python: {platform.python_version()}",
        f"Load average at the start: {os.getloadavg()[0]:.2f}",
    ]


def cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown distribution")
    except OSError:
        return "unknown distribution"
