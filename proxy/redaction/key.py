"""The redaction key: where it comes from, and when one of our own making will do.

Law of this file: a key lies apart from what it protects. One that we make lies beside a local SQLite file, which serves
a trial; a store that others can reach asks for a key from elsewhere (PCI DSS 3.5.1.1, 3.6.1, 3.7).
"""

import os
from pathlib import Path

KEY_VARIABLE = "STRANGLER_REDACTION_KEY"
_KEY_BYTES = 32
_LEAST_BYTES = 16


def is_given() -> bool:
    """Whether the environment holds a key."""
    return os.environ.get(KEY_VARIABLE) is not None


def load_key(path: str | Path) -> bytes:
    """The key from the environment variable STRANGLER_REDACTION_KEY, else from the file.

    Raises OSError when the file cannot be read, ValueError when a key has fewer than 16 bytes.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given is not None:
        return _checked(given.encode(), f"the environment variable {KEY_VARIABLE}")
    return _checked(Path(path).read_bytes().strip(), f"the redaction key file {path}")


def load_or_create_key(path: str | Path) -> bytes:
    """The same, and the file is made with mode 0600 if it is absent.

    It is made whole under another name and then linked, so two processes that start at once get the same key.
    """
    file = Path(path)
    if not is_given() and not file.exists():
        _create(file)
    return load_key(file)


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
    if len(key) < _LEAST_BYTES:
        raise ValueError(f"{where} holds {len(key)} bytes; a key needs at least {_LEAST_BYTES}: put a longer one there")
    return key
