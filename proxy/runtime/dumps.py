"""No memory of ours on disk: a crash of a process that holds payments tells nothing.

Law of this file: first thing in every process of `serve`. RLIMIT_CORE alone does not stop a core_pattern that is a pipe
(core(5)), so on Linux the process is also made undumpable (prctl(2), PR_SET_DUMPABLE). The price: others of the same
user, root apart, can neither attach a debugger nor read most of /proc/PID; STRANGLER_DUMPABLE=1 lets them.
"""

import ctypes
import os
import resource
import sys
from typing import Final

DUMPABLE_VARIABLE: Final = "STRANGLER_DUMPABLE"
_PR_SET_DUMPABLE: Final = 4


def forbid() -> None:
    """No core dump of this process, and none of those that it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and os.environ.get(DUMPABLE_VARIABLE) != "1":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
