"""What a database or its driver raises, told apart and put into one line for the operator.

Law of this file: who is at fault is read from codes where there are codes (SQLSTATE, MySQL's numbers), from SQLite's
own words where there are none. What is not known to be a record's fault is an outage, so that nothing is thrown away
because of an error that nobody foresaw.
"""

from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from proxy.store.errors import StoreError
from proxy.store.url import Database, Place

FAULTS: Final = (SQLAlchemyError, OSError)
"""All that a store in trouble raises, besides StoreError. TimeoutError is an OSError."""

_DATABASE_SIDE: Final = ("sqlalchemy", "asyncpg", "asyncmy", "sqlite3", "aiosqlite")
_VALUES: Final = (ValueError, TypeError, OverflowError, DataError, IntegrityError)
_TOO_LARGE: Final = frozenset({1153, 1301})
"""MySQL's numbers for what is larger than it takes; it calls them operational errors."""

_LOST: Final = ("ConnectionDoesNotExistError", "InterfaceError", "InternalClientError")
"""What asyncpg calls a connection that ended."""

_Line = Callable[[str, str], StoreError]


def concerns_record(error: BaseException) -> bool:
    """Whether what was to be written is at fault, and not the database."""
    if isinstance(error, StoreError | OSError):
        return False
    causes = list(_causes(error))
    if any(isinstance(each, _VALUES) or _number(each) in _TOO_LARGE for each in causes):
        return True
    if any(_state(each)[:2] in ("22", "23") for each in causes) or _is_of_sqlite(causes):
        return True
    return _library(error) not in _DATABASE_SIDE


def is_conflict(error: BaseException) -> bool:
    """Whether another writer was in the way, so that nothing was written."""
    return any(
        isinstance(each, IntegrityError)
        or "locked" in str(each)
        or _state(each) in ("40001", "40P01", "55P03")
        or _number(each) in (1205, 1213)
        for each in _causes(error)
    )


def unusable(place: Place, error: BaseException) -> StoreError:
    """The line for what was raised."""
    if isinstance(error, StoreError):
        return error
    causes = list(_causes(error))
    why = _why(causes)
    for each in causes:
        line = _BY_STATE.get(_state(each)) or _BY_NUMBER.get(_number(each))
        if line is not None:
            return line(place.shown, why)
    return _by_words(place, causes, why)


def _by_words(place: Place, causes: list[BaseException], why: str) -> StoreError:
    if place.database is not Database.SQLITE:
        is_lost = any(isinstance(each, OSError) or type(each).__name__ in _LOST for each in causes)
        return (_down if is_lost or _number(causes[-1]) >= 2000 else _unknown_server)(place.shown, why)
    for words, line in _BY_WORDS:
        if words in why:
            return line(place.shown, why)
    what = f"the store {place.shown} cannot be used: {why}"
    return StoreError(what, "the file or its disk", "move it away or use --store")


def _locked(shown: str, _: str) -> StoreError:
    return StoreError(f"the store {shown} is locked", "another process holds it", "end that process, then try again")


def _readonly(shown: str, why: str) -> StoreError:
    return StoreError(f"the store {shown} cannot be written: {why}", "file permissions", "fix them or use --store")


def _full(shown: str, why: str) -> StoreError:
    what = f"the store {shown} has no room left: {why}"
    return StoreError(what, "the disk of the database", "make room; `strangler db prune` removes what is old")


def _down(shown: str, why: str) -> StoreError:
    what = f"the store {shown} does not answer: {why}"
    return StoreError(what, "the database server or the way to it", "start it, or correct host and port in --store")


def _refused(shown: str, why: str) -> StoreError:
    what = f"the store {shown} does not let us in: {why}"
    return StoreError(what, "user or password", "correct them; name the password as ${VAR} or by password-file")


def _missing(shown: str, why: str) -> StoreError:
    what = f"the store {shown} is no database of that server: {why}"
    return StoreError(what, "the server or --store", "create the database, or name another; the tables make themselves")


def _forbidden(shown: str, why: str) -> StoreError:
    what = f"the store {shown} may not be used so: {why}"
    return StoreError(
        what, "the user's rights", "grant them (docs/store.md), or run `strangler db upgrade` as an owner"
    )


def _standby(shown: str, why: str) -> StoreError:
    what = f"the store {shown} is read-only: {why}"
    return StoreError(what, "the server is a replica, or set so", "name the primary server in --store")


def _crowded(shown: str, why: str) -> StoreError:
    what = f"the store {shown} takes no more connections: {why}"
    return StoreError(what, "the database server's limit", "raise it, or end other clients")


def _unknown_server(shown: str, why: str) -> StoreError:
    what = f"the store {shown} cannot be used: {why}"
    return StoreError(what, "the database server", "see its log, or use another with --store")


_BY_STATE: Final[dict[str, _Line]] = {
    "28P01": _refused,
    "28000": _refused,
    "3D000": _missing,
    "42501": _forbidden,
    "53100": _full,
    "53300": _crowded,
    "57P01": _down,
    "57P02": _down,
    "57P03": _down,
    "25006": _standby,
    "55P03": _locked,
}
_BY_NUMBER: Final[dict[int, _Line]] = {
    1045: _refused,
    1698: _refused,
    1049: _missing,
    1044: _forbidden,
    1142: _forbidden,
    1021: _full,
    1114: _full,
    1040: _crowded,
    1203: _crowded,
    1290: _standby,
    1836: _standby,
    1205: _locked,
    1053: _down,
    1927: _down,
}
_BY_WORDS: Final[tuple[tuple[str, _Line], ...]] = (
    ("locked", _locked),
    ("readonly", _readonly),
    ("unable to open", _readonly),
    ("disk is full", _full),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it stands for, the driver's own last. Each once."""
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in seen:
        seen.append(found)
        yield found
        found = getattr(found, "orig", None) or found.__cause__


def _library(error: BaseException) -> str:
    return type(error).__module__.partition(".")[0]


def _state(error: BaseException) -> str:
    return str(getattr(error, "sqlstate", None) or "") if _library(error) == "asyncpg" else ""


def _number(error: BaseException) -> int:
    number = error.args[0] if _library(error) == "asyncmy" and error.args else 0
    return number if isinstance(number, int) else 0


def _why(causes: list[BaseException]) -> str:
    """The driver's words, without the statement and the values that SQLAlchemy adds."""
    last = causes[-1]
    if _number(last) and len(last.args) > 1:
        return str(last.args[1])
    if isinstance(last, TimeoutError):
        return "no answer in time"
    if isinstance(last, OSError) and last.strerror:
        return last.strerror
    words = str(last.args[0] if last.args else last) or type(last).__name__
    return words.partition("\n")[0]


def _is_of_sqlite(causes: list[BaseException]) -> bool:
    """Whether SQLite's library found fault with values: it has no codes, only classes."""
    return any(
        isinstance(each, DBAPIError)
        and type(each).__name__ in ("ProgrammingError", "InterfaceError")
        and type(each.orig).__module__ == "sqlite3"
        for each in causes
    )
