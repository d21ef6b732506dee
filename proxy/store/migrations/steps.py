"""What a migration is made of. Law of this file: a step may be repeated, and then does only what is still missing.

PostgreSQL and SQLite take a migration whole or not at all; MySQL commits each statement by itself, so whoever is killed
half-way leaves a part of it behind, and the next upgrade goes on from there. A table of the same name that is not ours
is refused, on all three.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from proxy.store.columns import OPTIONS


class ForeignTable(Exception):
    """There is a table of this name already, and it is not ours."""


def create_table(name: str, *columns: sa.Column[Any], **options: Any) -> None:
    found = sa.inspect(op.get_bind())
    if found.has_table(name):
        if [each["name"] for each in found.get_columns(name)] != [column.name for column in columns]:
            raise ForeignTable(f"it has a table {name} that is not strangler's")
        return
    op.create_table(name, *columns, **(OPTIONS | options))


def create_index(name: str, table: str, columns: list[str]) -> None:
    if name not in {each["name"] for each in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, columns)


def add_column(table: str, column: sa.Column[Any]) -> None:
    if column.name not in {each["name"] for each in sa.inspect(op.get_bind()).get_columns(table)}:
        op.add_column(table, column)
