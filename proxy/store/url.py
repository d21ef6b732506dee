"""Store URLs as users write them, and how each database is reached.

    sqlite:///strangler.db                      a file in the working folder; four slashes for an absolute path
    postgresql://user@host/strangler            or postgres://
    mysql://user@host/strangler                 or mariadb://

Law of this file: what is not known is refused, never half understood; and a password is in no text that is made here.
It is best named, not written: `${VAR}` in the place of user or password, or the option `password-file`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from proxy.store.errors import StoreError
from proxy.store.tls import TlsError, mysql_tls, postgresql_tls

EXAMPLE: Final = "sqlite:///strangler.db"
EXAMPLES: Final = f"{EXAMPLE}, postgresql://user@host/database or mysql://user@host/database"
CONNECT_SECONDS: Final = 5
"""Seconds within which a server must take a connection."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TLS_OPTIONS: Final = {
    "postgresql": ("sslmode", "sslrootcert", "sslcert", "sslkey"),
    "mysql": ("ssl-mode", "ssl-ca", "ssl-cert", "ssl-key"),
}


class Database(StrEnum):
    """Which database a store is in; the value is SQLAlchemy's name for it. MariaDB goes as MySQL."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    MYSQL = "mysql"


_SCHEMES: Final = {
    "sqlite": Database.SQLITE,
    "postgresql": Database.POSTGRESQL,
    "postgres": Database.POSTGRESQL,
    "mysql": Database.MYSQL,
    "mariadb": Database.MYSQL,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is. `shown`: for people, without a password; `path`: an SQLite file, else what a server is asked
    for; `arguments`: the driver's own.
    """

    database: Database
    shown: str
    path: Path | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    name: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False)


def parse_url(url: str, environ: Mapping[str, str] = os.environ) -> Place:
    """The place that a store URL names. Raises StoreError."""
    scheme, sign, rest = url.partition("://")
    if not sign or not scheme:
        raise _refused(f"{_safe(url)!r} is no store URL", f"write {EXAMPLES}")
    database = _SCHEMES.get(scheme)
    if database is None:
        raise _refused(f"a store at {_safe(scheme)}:// is not supported", f"write {EXAMPLES}")
    return _file(url, rest) if database is Database.SQLITE else _server(url, database, environ)


def sqlite_path(url: str) -> Path | None:
    """The file of a store URL, None if a server has the store. Raises StoreError."""
    return parse_url(url).path


def claims_url(store: str) -> str:
    """Where claims are kept that go with a store: on a server in the same database, else beside an SQLite file in one
    of their own, so that they never wait for evidence to be written. Raises StoreError.
    """
    path = sqlite_path(store)
    return store if path is None else f"sqlite:///{path}.claims"


def shown(url: str) -> str:
    """The URL for people: without a password, and without options. Never raises."""
    try:
        return parse_url(url, _Anything()).shown
    except StoreError:
        return _safe(url)


def has_password(url: str) -> bool:
    """Whether a password stands in the URL as it is, so that it must not be on a command line."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return "@" in url
    return bool(password) and not _VARIABLE.fullmatch(password or "")


class _Anything(dict[str, str]):
    """An environment in which each variable is set, for what is only shown."""

    def __missing__(self, name: str) -> str:
        return name


def _file(url: str, rest: str) -> Place:
    if not rest.startswith("/") or "?" in rest:
        raise _refused(f"{_safe(url)!r} is no store URL", f"write {EXAMPLE}, three slashes and no options")
    path = unquote(rest[1:])
    if not path or path.endswith("/") or ":memory:" in path or "\0" in path:
        raise _refused(f"{url!r} names no file", f"several processes share the store, so name a file: {EXAMPLE}")
    return Place(Database.SQLITE, path, Path(path))


def _server(url: str, database: Database, environ: Mapping[str, str]) -> Place:
    example = f"{database}://user@host/database"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        raise _refused(f"{_safe(url)!r} is no store URL", f"write {example}") from None
    name = unquote(parts.path[1:])
    if not host or not name or {"/", "@"} & set(name) or parts.fragment:
        raise _refused(f"{_safe(url)!r} names no host or no database", f"write {example}")
    user = _filled(parts.username, environ)
    where = f"{database}://{f'{user}@' if user else ''}{host}{f':{port}' if port else ''}/{name}"
    password = _password(where, _filled(parts.password, environ), options.pop("password-file", None), environ)
    return Place(database, where, None, user, password, host, port, name, _arguments(where, database, options))


def _arguments(where: str, database: Database, options: dict[str, str]) -> dict[str, Any]:
    known = _TLS_OPTIONS[database]
    for name in options:
        if name not in known:
            raise _refused(f"{where} has the unknown option {name!r}", f"known are password-file, {', '.join(known)}")
    try:
        if database is Database.POSTGRESQL:
            return {"timeout": CONNECT_SECONDS, **postgresql_tls(options)}
        return {"connect_timeout": CONNECT_SECONDS, "charset": "utf8mb4", **mysql_tls(options)}
    except TlsError as fault:
        raise _refused(f"{where} cannot be reached by TLS as asked: {fault}", "correct the option") from None


def _filled(part: str | None, environ: Mapping[str, str]) -> str | None:
    """A part of the URL, with `${VAR}` replaced. What is not set is an error that names the variable."""
    if part is None:
        return None
    for name in _VARIABLE.findall(part):
        if environ.get(name) is None and not isinstance(environ, _Anything):
            raise _refused(f"the store URL names ${{{name}}}, which is not set", f"set the variable {name}")
    return _VARIABLE.sub(lambda found: environ[found[1]], unquote(part))


def _password(where: str, written: str | None, file: str | None, environ: Mapping[str, str]) -> str | None:
    if file is None or isinstance(environ, _Anything):
        return written
    if written is not None:
        raise _refused(f"{where} has a password and a password-file", "leave one of them out")
    try:
        return Path(file).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise StoreError(
            f"the password-file {file} of {where} cannot be read: {why}", "the file", "correct it"
        ) from None


def _safe(text: str) -> str:
    """What is no URL, without all that could be a password."""
    if "@" not in text:
        return text.partition("?")[0]
    scheme, sign, _ = text.partition("://")
    place = text.rpartition("@")[2].partition("?")[0]
    return f"{scheme}://…@{place}" if sign else f"…@{place}"


def _refused(what: str, remedy: str) -> StoreError:
    return StoreError(what, "the option --store or STRANGLER_STORE", remedy)
