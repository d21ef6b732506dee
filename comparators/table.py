"""text/csv -> a value (RFC 4180).

Law of this file: a table is the list of its rows, and the first row is `$[0]`. If it can name columns (each cell there
once, none empty, none a number, and `header=absent` isn't said), rows of its width are objects by column,
`$[3].amount`; other rows are lists, `$[3][1]`. Cells are strings, exactly; a byte order mark is in the first cell of
`$[0]` and in no name. The order of rows counts unless a rule says otherwise.
"""

import csv
from io import StringIO

from comparators.answers import Reading
from comparators.codings import Unreadable
from comparators.document import Json
from comparators.numbers import number
from comparators.readable import MAX_PARTS, Malformed, told

_MARK = "\ufeff"


def read_table(body: bytes, how: Reading) -> Json:
    """Raises Malformed for what is no text or breaks off in a quoted cell, Unreadable for too many cells."""
    text = told(body, how)
    bare = text.removeprefix(_MARK)
    if text.count(",") + text.count("\n") > MAX_PARTS:
        raise Unreadable(f"a table of more than {MAX_PARTS} cells")
    try:
        rows = [*csv.reader(StringIO(bare, newline=""), strict=True)]
    except csv.Error as error:
        raise Malformed(f"no CSV: {error}") from None
    names = rows[0] if rows else []
    named = _are_names(names) and not how.is_headless
    table = [
        _row(names, row) if named and place and len(row) == len(names) else [*row] for place, row in enumerate(rows)
    ]
    return table if len(text) == len(bare) else _marked(table)


def _marked(table: list[Json]) -> list[Json]:
    first = table[0] if table else None
    head = first if isinstance(first, list) and first else [""]
    return [[f"{_MARK}{head[0]}", *head[1:]], *table[1:]]


def _row(names: list[str], row: list[str]) -> Json:
    return dict(zip(names, row, strict=True))


def _are_names(cells: list[str]) -> bool:
    return len({*cells}) == len(cells) and all(cell and number(cell) is None for cell in cells)
