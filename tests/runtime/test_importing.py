"""Twins from a file; the command's test has the rest."""

import asyncio
from pathlib import Path

import pytest

from proxy.evidence.entry import Action, Entry
from proxy.messages import System
from proxy.routing.table import Backend, Entity, RouteTable
from proxy.runtime import importing
from proxy.runtime.importing import Import, ImportFault, imported, read_pairs
from proxy.shadow.book import Book, Side
from proxy.store.engine import Store
from proxy.store.twins import Twins

TABLE = RouteTable("t", (), {"box": Backend("box", "http", "h", 1)}, {}, "h", entities=(Entity("payment", ("$.id",)),))


def test_the_number_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f'{{"entity":"payment","primary":"{number}","twin":"t{number}"}}\n' for number in range(4)]
    (tmp_path / "f").write_text("".join(lines))
    assert len(read_pairs(tmp_path / "f", TABLE, "box")) == 4
    monkeypatch.setattr(importing, "MOST", 3)
    with pytest.raises(ImportFault, match="more than"):
        read_pairs(tmp_path / "f", TABLE, "box")


def test_a_twin_that_is_known_stays(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 's.db'}"
    entry = Entry(0.0, "me", Action.TWINS_IMPORT, "box", "r", None, "", "")
    key = b"0123456789abcdef"

    async def run() -> dict[str, str | None]:
        for twin in ("t1", "t2"):
            names = {("payment", "a"): twin, ("payment", twin): f"of {twin}"}
            await imported(Import(url, key, "box", System.LEGACY, names, entry))
        twins = Twins(Store(url))
        asked = [("payment", name) for name in ("a", "t1", "t2")]
        known = await Book(twins, key, lambda: 0.0).known(Side("box", System.LEGACY), asked)
        await twins.close()
        return {name[1]: row.twin for name, row in known.items()}

    assert asyncio.run(run()) == {"a": "t1", "t1": "of t1", "t2": "of t2"}
