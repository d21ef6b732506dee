"""What stands where a secret stood: a keyed token, so that equal values stay equal and nothing can be guessed back.

Law of this file: no unkeyed hash of a value ever leaves it, and a token holds no decimal digit, so that it can never be
taken for a card number again.
"""

import hmac
import os
import re
from pathlib import Path

KEY_VARIABLE = "STRANGLER_REDACTION_KEY"
_KEY_BYTES = 32
_LETTERS = str.maketrans("0123456789", "ghjkmnpqrs")
_TOKEN = re.compile(r"(?:pan|secret|body)_[a-hjkmnp-s]{16}\Z")


class Tokens:
    """Makes tokens from one key: 64 bits of HMAC-SHA-256, spelled in letters."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError(f"the redaction key has {len(key)} bytes; it needs at least 16")
        self._hmac = hmac.new(key, digestmod="sha256")

    def card(self, digits: str) -> str:
        return self._make("pan", digits.encode())

    def secret(self, value: bytes) -> str:
        return self._make("secret", value)

    def body(self, body: bytes) -> str:
        return self._make("body", body)

    def _make(self, kind: str, value: bytes) -> str:
        state = self._hmac.copy()
        state.update(kind.encode() + b"\0" + value)
        return f"{kind}_{state.hexdigest()[:16].translate(_LETTERS)}"


def is_token(text: str) -> bool:
    """Whether the whole text is one of our tokens already."""
    return _TOKEN.match(text) is not None


def load_or_create_key(path: str | Path) -> bytes:
    """The key from the environment variable STRANGLER_REDACTION_KEY, else from the file, which is made with mode 0600.

    The file is made whole under another name and then linked, so two processes that start at once get the same key.
    Raises OSError when the file can neither be read nor made, ValueError when a key has fewer than 16 bytes.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given is not None:
        return _checked(given.encode(), f"the environment variable {KEY_VARIABLE}")
    file = Path(path)
    if not file.exists():
        _create(file)
    return _checked(file.read_bytes().strip(), f"the redaction key file {file}")


def _create(file: Path) -> None:
    draft = file.with_name(f".{file.name}.{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(os.urandom(_KEY_BYTES).hex().encode() + b"\n")
            handle.flush()
            os.fsync(handle.fileno())
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _checked(key: bytes, where: str) -> bytes:
    if len(key) < 16:
        raise ValueError(f"{where} holds {len(key)} bytes; a key needs at least 16: put a longer one there")
    return key
