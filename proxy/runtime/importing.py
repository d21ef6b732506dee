"""Twins that a person knows, for a sandbox that was cloned: from a file into the store.

Law of this file: all lines are right or none is taken; a twin that is known already stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Final

import msgspec

from proxy.evidence.entry import Entry
from proxy.messages import System
from proxy.routing.entities import Entity, Identity
from proxy.routing.table import RouteTable
from proxy.shadow.book import Book, Name, Side
from proxy.store.audit import append
from proxy.store.engine import Store
from proxy.store.twins import Twins

MOST: Final = 1_000_000
_BATCH: Final = 1_000


class ImportFault(ValueError):
    """A line that cannot be taken; the text says which and why, and holds no id."""


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    entity: str
    primary: str
    twin: str


@dataclass(frozen=True, slots=True)
class Import:
    """What is imported: for one backend, pairs of an entity with the id that `system` gave it."""

    store: str
    key: bytes
    backend: str
    system: System
    pairs: Mapping[Name, str]
    entry: Entry


def read_pairs(file: Path, table: RouteTable, backend: str) -> dict[Name, str]:
    """The pairs of a file, one JSON object a line. Raises ImportFault, or OSError for the file."""
    if backend not in table.backends:
        raise ImportFault(f"the route table has no backend {backend}; it has {', '.join(table.backends)}")
    entities = {entity.name: entity for entity in table.entities}
    pairs: dict[Name, str] = {}
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                name, twin = _pair(number, line, entities)
                if pairs.setdefault(name, twin) != twin:
                    raise ImportFault(f"line {number}: this id has two twins")
            if len(pairs) > MOST:
                raise ImportFault(f"more than {MOST:,} twins are more than the store keeps")
    return pairs


def _pair(number: int, line: bytes, entities: Mapping[str, Entity]) -> tuple[Name, str]:
    try:
        said = msgspec.json.decode(line, type=_Line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ImportFault(f'line {number}: not {{"entity": …, "primary": …, "twin": …}}: {error}') from None
    entity = entities.get(said.entity)
    if entity is None or entity.identity is Identity.SAME:
        known = ", ".join(name for name, each in entities.items() if each.identity is Identity.TWIN) or "none"
        raise ImportFault(f"line {number}: no entity of this name has twins; there is {known}")
    if not entity.is_id(said.primary) or not entity.is_id(said.twin):
        raise ImportFault(f"line {number}: not both ids look like one of {entity.name}: {entity.pattern}")
    return (said.entity, said.primary), said.twin


async def imported(what: Import) -> None:
    """Bring the pairs to the store, and an entry to the audit log. Raises StoreError."""
    twins = Twins(Store(what.store))
    book = Book(twins, what.key, time)
    side, items = Side(what.backend, what.system), list(what.pairs.items())
    try:
        for start in range(0, len(items), _BATCH):
            await book.learn(side, dict(items[start : start + _BATCH]))
            await book.save()
    finally:
        await twins.close()
    await append(what.store, what.entry)
