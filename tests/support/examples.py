"""How many examples are tried: few in `make test`, all that a test states in `make test-all` (STRANGLER_STATED=1).

Law of this file: a property is never left out; only how often it is tried changes.
"""

import os

STATED = os.environ.get("STRANGLER_STATED") == "1"
_SHARE = 4


def examples(stated: int) -> int:
    """The number of examples of a property that states so many."""
    return stated if STATED else max(10, stated // _SHARE)
