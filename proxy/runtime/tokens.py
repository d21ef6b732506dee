"""The token of the admin API: whoever shows it may change routes.

Law of this file: it is never on a command line and never in a message.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from proxy.runtime.sockets import EnvironmentFault

VARIABLE: Final = "STRANGLER_TOKEN"
SHORTEST: Final = 16
MAX_BYTES: Final = 4096


def load_token(file: str | None, environ: Mapping[str, str]) -> bytes:
    """From the file, else from STRANGLER_TOKEN; empty if there is neither. EnvironmentFault if it cannot be used."""
    if file is None:
        return _checked(environ.get(VARIABLE, "").strip().encode(), VARIABLE)
    try:
        with Path(file).open("rb") as opened:
            return _checked(opened.read(MAX_BYTES).strip() or b" ", f"the token file {file}")
    except OSError as fault:
        raise EnvironmentFault(f"the token file {file} cannot be read: {fault.strerror or fault}") from None


def _checked(token: bytes, where: str) -> bytes:
    if token and len(token) < SHORTEST:
        raise EnvironmentFault(f"{where} holds a token of fewer than {SHORTEST} characters; make a longer one")
    return token
