"""TLS to a database server, by the options that its own tools know.

    PostgreSQL   sslmode=disable|prefer|require|verify-ca|verify-full  sslrootcert  sslcert  sslkey
    MySQL        ssl-mode=DISABLED|REQUIRED|VERIFY_CA|VERIFY_IDENTITY  ssl-ca  ssl-cert  ssl-key

Law of this file: what was asked for is done, or refused; nothing falls back to clear text but what says so (`prefer`,
and the default of PostgreSQL's tools, which is the same).
"""

import ssl
from collections.abc import Mapping
from typing import Any, Final

_POSTGRESQL: Final = ("disable", "prefer", "require", "verify-ca", "verify-full")
_MYSQL: Final = ("DISABLED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")


class TlsError(Exception):
    """What is wrong with the options."""


def postgresql_tls(options: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of asyncpg's connect."""
    mode = options.get("sslmode", "verify-full" if "sslrootcert" in options else "prefer")
    files = options.get("sslrootcert"), options.get("sslcert"), options.get("sslkey")
    level = _level("sslmode", mode, _POSTGRESQL, files)
    if level < _POSTGRESQL.index("require"):
        return {"ssl": mode}
    return {"ssl": _context(level - 1, *files)}


def mysql_tls(options: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of asyncmy's connect."""
    mode = options.get("ssl-mode", "VERIFY_IDENTITY" if "ssl-ca" in options else "DISABLED")
    files = options.get("ssl-ca"), options.get("ssl-cert"), options.get("ssl-key")
    level = _level("ssl-mode", mode, _MYSQL, files)
    return {"ssl": _context(level, *files)} if level else {}


def _level(name: str, mode: str, modes: tuple[str, ...], files: tuple[str | None, ...]) -> int:
    if mode not in modes:
        raise TlsError(f"{name} is {mode!r}, not one of {', '.join(modes)}")
    level = modes.index(mode)
    if any(files) and level < len(modes) - 3:
        raise TlsError(f"{name}={mode} uses no certificates, and some are named")
    return level


def _context(level: int, authorities: str | None, certificate: str | None, key: str | None) -> ssl.SSLContext:
    """`level` 1: encrypted only, 2: a certificate of these authorities, 3: and of this host."""
    try:
        context = ssl.create_default_context(cafile=authorities)
        context.check_hostname = level == 3
        context.verify_mode = ssl.CERT_NONE if level == 1 else ssl.CERT_REQUIRED
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:
        raise TlsError(f"its certificates cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return context
