"""What a restart needs when all else is gone: the last good routes.yaml, the overrides that have not ended, and the
eras in which pins were made.

Law of this file: beside the store, but not in it: the store may be down. A file is replaced whole or not at all, and
one that cannot be read counts as absent, which is said.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from proxy.routing.override import Override
from proxy.runtime.eras import Era
from proxy.store.audit_file import written

MAX_BYTES: Final = 8 * 1024 * 1024

_log = logging.getLogger(__name__)
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[Override, ...])
_eras_decoder = msgspec.json.Decoder(tuple[Era, ...])


@dataclass(frozen=True, slots=True)
class Kept:
    """`beside`: the path that the files are named after."""

    beside: Path

    @property
    def table_file(self) -> Path:
        return self.beside.with_name(f"{self.beside.name}.last-routes.yaml")

    @property
    def overrides_file(self) -> Path:
        return self.beside.with_name(f"{self.beside.name}.overrides.json")

    def text(self) -> str | None:
        """The last good routes.yaml, if there is one."""
        content = _read(self.table_file)
        try:
            return None if content is None else content.decode()
        except UnicodeDecodeError:
            _log.error("%s is not UTF-8; it is not used", self.table_file)
            return None

    def overrides(self) -> tuple[Override, ...]:
        """Those that were in force, ended or not. A file that cannot be read means none, and is said."""
        content = _read(self.overrides_file)
        try:
            return () if content is None else _decoder.decode(content)
        except msgspec.MsgspecError as fault:
            _log.error("%s cannot be used, overrides are lost: %s", self.overrides_file, fault)
            return ()

    @property
    def eras_file(self) -> Path:
        return self.beside.with_name(f"{self.beside.name}.eras.json")

    def eras(self) -> tuple[Era, ...] | None:
        """Those that were; None if they cannot be read, or are not there although claims are."""
        content = _read(self.eras_file)
        if content is None:
            return None if self.beside.with_name(f"{self.beside.name}.claims").exists() else ()
        try:
            return _eras_decoder.decode(content)
        except msgspec.MsgspecError as fault:
            _log.error("%s cannot be used, so nothing is certain for as long as pins last: %s", self.eras_file, fault)
            return None

    def keep_eras(self, eras: tuple[Era, ...]) -> None:
        """OSError if they cannot be written."""
        _replace(self.eras_file, _encoder.encode(eras))

    def keep_text(self, text: str) -> None:
        """OSError if it cannot be written."""
        _replace(self.table_file, text.encode())

    def keep_overrides(self, overrides: tuple[Override, ...]) -> None:
        """OSError if they cannot be written."""
        _replace(self.overrides_file, _encoder.encode(overrides))


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as fault:
        _log.error("%s cannot be read: %s", path, fault.strerror or fault)
        return None


def _replace(path: Path, content: bytes) -> None:
    if _read(path) == content:
        return
    with written(path) as file:
        file.write(content)
