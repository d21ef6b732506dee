"""The audit log as a file: one entry a line, JSON, so that it can be kept where the store's writers cannot reach.

Law of this file: a line that is not to the byte what would be written for what it says was edited. A file does not
know its own end: lines cut off at its end show only by a head that was noted.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from proxy.evidence.chain import Chain, Fault, Link

MOST_BYTES: Final = 64 * 1024
"""Bytes of a line that are read; no entry is as long."""


class _Damaged(msgspec.Struct, frozen=True):
    """What stands for a row that no entry can be read from."""

    number: int
    damaged: bool = True


def line(number: int, link: Link | None) -> bytes:
    """One row of the log, as a line."""
    return msgspec.json.encode(_Damaged(number) if link is None else link) + b"\n"


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """A file for its owner only that takes its name when all of it is on disk, and is gone if it does not come so far.
    Raises OSError.
    """
    file = tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise


def verify_file(path: Path, chain: Chain) -> Iterator[Fault]:
    """What is wrong with an export. `chain` is new; it knows the head afterwards. Raises OSError."""
    with path.open("rb") as file:
        while text := file.readline(MOST_BYTES):
            yield from chain.take(*_read(text))
            while text and len(text) == MOST_BYTES and not text.endswith(b"\n"):
                text = file.readline(MOST_BYTES)
    yield from chain.lacks()


def _read(text: bytes) -> tuple[int | None, Link | None]:
    try:
        link = msgspec.json.decode(text, type=Link)
        return link.number, link if line(link.number, link) == text else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _number(text), None


def _number(text: bytes) -> int | None:
    try:
        return msgspec.json.decode(text, type=_Damaged).number
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
