"""The templates of reports: everything that is filled in is escaped, and what is not there is an error.

Law of this file: a value from the wire reaches a page only as text: through autoescape, and `clean` of signs that a
reader or a parser would obey (control characters, marks that turn the direction of writing).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from proxy.cli.words import moment, percent, printable, seconds

FOLDER: Final = Path(__file__).parent / "templates"

FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "clean": printable,
    "moment": moment,
    "number": lambda number: f"{number:,}",
    "percent": percent,
    "seconds": seconds,
}


def filled(name: str, filters: Mapping[str, Callable[..., Any]], **values: object) -> str:
    """The template of this name with these values; `filters` besides FILTERS."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update({**FILTERS, **filters})
    return environment.get_template(name).render(values)
