"""What is wrong with the files that the tls parts of a document name, and what soon will be.

Law of this file: each file is looked at as a worker will use it, and nothing of it is kept. A file that ends or that
others can read is a warning; one that cannot be used is an error.
"""

import ssl
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path as FilePath
from typing import Final

from proxy.config import x509
from proxy.config.certificates import CertificateFault, load_authority, load_pair, read
from proxy.config.draft import Draft
from proxy.config.errors import Severity
from proxy.config.problems import Problem
from proxy.config.values import parse_url
from proxy.config.yaml_reader import Path

SOON: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where relative paths start, and what time it is."""

    folder: FilePath
    now: datetime


def problems(draft: Draft, around: Surroundings) -> Iterator[Problem]:
    """Errors and warnings about all files of TLS."""
    for place, listener in draft.listeners:
        if (tls := listener.tls) is not None:
            path: Path = ("spec", "listeners", place, "tls")
            yield from _pair(tls.certificate, tls.key, path, around)
            yield from _authority(tls.client_ca, "clientCA", path, around)
    for place, backend in draft.backends:
        url = backend.url or (backend.urls or [""])[0]
        if (of := backend.tls) is not None and url and parse_url(url).scheme == "https":
            path = ("spec", "backends", place, "tls")
            yield from _pair(of.certificate, of.key, path, around)
            yield from _authority(of.ca, "ca", path, around)


def _pair(certificate: str | None, key: str | None, path: Path, around: Surroundings) -> Iterator[Problem]:
    chain = None if certificate is None else around.folder / certificate
    secret = None if key is None else around.folder / key
    unreadable = [*_faults("certificate", chain, path), *_faults("key", secret, path)]
    yield from unreadable
    if unreadable or chain is None or secret is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    broken = list(_said(lambda: load_pair(context, chain, secret), path))
    yield from broken
    if not broken:
        yield from _validity(chain, "certificate", path, around, min)
        yield from _secrecy(secret, path)


def _authority(name: str | None, field: str, path: Path, around: Surroundings) -> Iterator[Problem]:
    if name is None:
        return
    file, context = around.folder / name, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    broken = list(_said(lambda: load_authority(context, file, field), path))
    yield from broken
    if not broken:
        yield from _validity(file, field, path, around, max)


def _faults(field: str, file: FilePath | None, path: Path) -> Iterator[Problem]:
    if file is not None:
        yield from _said(lambda: read(file, field), path)


def _said(attempt: Callable[[], object], path: Path) -> Iterator[Problem]:
    try:
        attempt()
    except CertificateFault as fault:
        yield Problem((*path, fault.field), str(fault))


def _validity(
    file: FilePath,
    field: str,
    path: Path,
    around: Surroundings,
    which: Callable[[list[datetime]], datetime],
) -> Iterator[Problem]:
    """A chain ends with the first of its certificates, what is trusted with the last."""
    terms = [term for der in x509.certificates(read(file, field)) if (term := x509.validity(der))]
    if not terms:
        return
    begin, end = which([begin for begin, _ in terms]), which([end for _, end in terms])
    if around.now < begin:
        said = f"is not valid before {begin:%Y-%m-%d %H:%M} UTC"
    elif around.now >= end:
        said = f"has expired on {end:%Y-%m-%d %H:%M} UTC"
    elif end - around.now < SOON:
        said = f"expires on {end:%Y-%m-%d %H:%M} UTC, in {(end - around.now).days} days"
    else:
        return
    yield Problem((*path, field), f"{file} {said}", Severity.WARNING)


def _secrecy(file: FilePath, path: Path) -> Iterator[Problem]:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & stat.S_IROTH:
        message = f"{file} can be read by every user of this machine (mode {mode:04o}); 0600 or 0640 keeps it secret"
        yield Problem((*path, "key"), message, Severity.WARNING)
