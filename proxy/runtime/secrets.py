"""Secrets that are not in the table: of environment variables, and of files of merchant -> secret.

Law of this file: a secret is only ever given to whoever puts it on a copy; none is logged, and what cannot be read is
said once, by the file's name. A file is looked at again every LOOK_EVERY seconds.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

LOOK_EVERY: Final = 5.0
MAX_BYTES: Final = 16 * 1024 * 1024

_log = logging.getLogger(__name__)


class FoundSecrets:
    """The shadow's Secrets. `folder`: where relative paths start; `clock`: seconds, monotonic."""

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._environ, self._clock = folder, os.environ if environ is None else environ, clock
        self._files: dict[str, tuple[float, dict[str, str]]] = {}

    def of_environment(self, name: str) -> str | None:
        return self._environ.get(name) or None

    def of_merchant(self, file: str, merchant: str) -> str | None:
        """The value for a merchant; None if the file has none or cannot be read."""
        known, now = self._files.get(file), self._clock()
        if known is None or now - known[0] >= LOOK_EVERY:
            known = self._files[file] = (now, self._read(file))
        return known[1].get(merchant)

    def _read(self, file: str) -> dict[str, str]:
        """Nothing of a file that cannot be used: a secret that was taken away must not go on being sent."""
        try:
            with (self._folder / file).open("rb") as opened:
                return msgspec.json.decode(opened.read(MAX_BYTES), type=dict[str, str])
        except OSError as fault:
            _log.error("credentials.map: %s cannot be read, no copy gets a secret of it: %s", file, fault.strerror)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            _log.error("credentials.map: %s is no JSON object of merchant and secret: no copy gets one of it", file)
        return {}
