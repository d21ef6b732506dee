"""Statements for many rows, compiled once for each database and run on plain tuples.

Law of this file: a row is a tuple in the order of its table's columns, of values that every driver takes as they are.
Nothing here takes two writers into account: whoever writes has the store for itself (engine.py).
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Connection, Dialect, Insert, Table, bindparam, delete, func, insert, select
from sqlalchemy.dialects import mysql, postgresql, sqlite

Value: TypeAlias = str | int | float | bytes | bool | None
Row: TypeAlias = tuple[Value, ...]

TOGETHER: Final = 32
"""Rows of one INSERT of SQLite: each then costs a quarter less. The other drivers do the like by themselves."""

AT_ONCE: Final = 500
"""Keys that are asked for in one statement."""


_BESIDES: Final = 4096
"""Bytes of a statement besides one large value."""

_TWO_EACH: Final = b"\0\n\r\x1a\"'\\"


class TooLarge(ValueError):
    """The record is at fault: the database takes no statement that has it."""


class Merge(StrEnum):
    """What becomes of a column of a row that is there already."""

    KEEP = "keep"
    REPLACE = "replace"
    ADD = "add"
    LEAST = "least"
    GREATEST = "greatest"


Merges: TypeAlias = tuple[tuple[str, Merge], ...]
"""For each column but those of the key; a column that is not named is kept."""


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows of which none is there yet."""
    together = TOGETHER if connection.dialect.name == "sqlite" else 1
    many = len(rows) // together * together if together > 1 else 0
    if many:
        joined = [tuple(chain.from_iterable(rows[first : first + together])) for first in range(0, many, together)]
        connection.exec_driver_sql(_inserting(connection.dialect, table, together), joined)
    if rest := list(rows[many:]):
        connection.exec_driver_sql(_inserting(connection.dialect, table), rest)


def merge_rows(connection: Connection, table: Table, merges: Merges, rows: Sequence[Row]) -> None:
    """Add rows, or merge them into those of the same key."""
    if rows:
        connection.exec_driver_sql(_merging(connection.dialect, table, merges), list(rows))


def most_bytes(connection: Connection) -> int | None:
    """How long a statement may be, None if any length will do."""
    if connection.dialect.name != "mysql":
        return None
    return int(connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one())


def require_room(rows: Iterable[Row], most: int | None) -> None:
    """Raises TooLarge for bytes that no statement of at most so many holds: MySQL ends the connection for one, which
    looks as if it had gone away, however often it is tried.
    """
    for value in chain.from_iterable(rows) if most is not None else ():
        if most is not None and isinstance(value, bytes) and _escaped(value) + _BESIDES > most:
            raise TooLarge(f"{len(value):,} bytes do not go into a statement of {most:,} (max_allowed_packet)")


def _escaped(value: bytes) -> int:
    """Bytes of a value as the driver writes it into a statement."""
    return 2 * len(value) - len(value.translate(None, _TWO_EACH))


def delete_rows(connection: Connection, column: ColumnElement[Any], keys: Sequence[Value]) -> int:
    """Delete the rows of these keys, at most AT_ONCE; gives how many there were."""
    table: Any = column.table
    done = connection.execute(delete(table).where(column.in_(keys)))
    return int(done.rowcount)


def known_rows(
    connection: Connection, key: ColumnElement[Any], keys: Iterable[Value], *others: ColumnElement[Any]
) -> list[Any]:
    """The rows of these keys that are there: the key, and other columns."""
    wanted, found = list(keys), []
    for first in range(0, len(wanted), AT_ONCE):
        statement = select(key, *others).where(key.in_(wanted[first : first + AT_ONCE]))
        found += list(connection.execute(statement))
    return found


@lru_cache(maxsize=256)
def _inserting(dialect: Dialect, table: Table, together: int = 1) -> str:
    statement = _compiled(insert(table).values(_bound(table)), table, dialect)
    if together == 1:
        return statement
    begin, values, row = statement.partition(" VALUES ")
    return begin + values + ", ".join([row] * together)


@lru_cache(maxsize=256)
def _merging(dialect: Dialect, table: Table, merges: Merges) -> str:
    if dialect.name == "mysql":
        mine = mysql.insert(table).values(_bound(table))
        changes = _changes(table, merges, mine.inserted, func.least, func.greatest)
        return _compiled(mine.on_duplicate_key_update(changes), table, dialect)
    module: Any = sqlite if dialect.name == "sqlite" else postgresql
    mine = module.insert(table).values(_bound(table))
    least, greatest = (func.min, func.max) if dialect.name == "sqlite" else (func.least, func.greatest)
    changes = _changes(table, merges, mine.excluded, least, greatest)
    keys = list(table.primary_key.columns)
    return _compiled(mine.on_conflict_do_update(index_elements=keys, set_=changes), table, dialect)


def _bound(table: Table) -> dict[str, Any]:
    return {column.name: bindparam(f"v_{column.name}", type_=column.type) for column in table.columns}


def _changes(table: Table, merges: Merges, given: Any, least: Any, greatest: Any) -> dict[str, ColumnElement[Any]]:
    made = {}
    for name, merge in merges:
        there, new = table.c[name], given[name]
        if merge is Merge.ADD:
            made[name] = there + new
        elif merge is Merge.REPLACE:
            made[name] = new
        elif merge is not Merge.KEEP:
            made[name] = (least if merge is Merge.LEAST else greatest)(there, new)
    return made


def _compiled(statement: Insert, table: Table, dialect: Dialect) -> str:
    compiled: Any = statement.compile(dialect=dialect)
    order = list(compiled.positiontup or ())
    assert order == [f"v_{column.name}" for column in table.columns], order
    return str(compiled)
