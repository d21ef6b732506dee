"""What we did wrong, said once, without a clear value.

Law of this file: an exception's text may hold what a client sent, so only its type and its place are said. One defect
can meet every exchange, so each is said once; how often it happened is read from the records.
"""

import logging
from pathlib import Path
from traceback import walk_tb

_MAX_SAID = 1000

logger = logging.getLogger(__name__)


class Defects:
    """Says each defect once in the life of the runner."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] = set()

    def say(self, error: Exception, exchange_id: str) -> None:
        """One line at level ERROR, unless this kind of error in this place was said before."""
        kind, place = type(error).__name__, _place(error)
        if (kind, place) in self._said or len(self._said) >= _MAX_SAID:
            return
        self._said.add((kind, place))
        logger.error("exchange %s could not be judged: %s at %s; said once", exchange_id, kind, place)


def _place(error: Exception) -> str:
    frames = list(walk_tb(error.__traceback__))
    if not frames:
        return "an unknown place"
    frame, line = frames[-1]
    return f"{Path(frame.f_code.co_filename).name}:{line}"
