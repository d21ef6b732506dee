"""`strangler twins import`."""

import asyncio
from pathlib import Path

import pytest

from proxy.messages import System
from proxy.redaction import load_or_create_key
from proxy.shadow.book import Book, Side
from proxy.store.engine import Store
from proxy.store.twins import Twins
from tests.cli.conftest import Run

ROUTES = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {name: t}
spec:
  backends: [{name: a, url: "http://127.0.0.1:1"}, {name: box, url: "http://127.0.0.1:2", effects: sandbox}]
  entities: [{name: payment, place: [$.id], pattern: "pay_.+"}, {name: user, place: [$.user], identity: same}]
  routes: [{name: r, stage: legacy, backendRefs: {legacy: a}}]
"""
GOOD = '{"entity": "payment", "primary": "pay_a", "twin": "pay_1"}\n\n'


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "routes.yaml").write_text(ROUTES)
    return str(tmp_path / "routes.yaml")


def twin_of(url: str, key: bytes) -> str | None:
    async def asked() -> str | None:
        twins = Twins(Store(url))
        name = ("payment", "pay_a")
        known = await Book(twins, key, lambda: 0.0).known(Side("box", System.LEGACY), [name])
        await twins.close()
        return known[name].twin if name in known else None

    return asyncio.run(asked())


def test_twins_are_imported(run: Run, config: str, tmp_path: Path, store_url: str) -> None:
    (tmp_path / "t.jsonl").write_text(GOOD)
    words = ("twins", "import", str(tmp_path / "t.jsonl"), "--backend", "box", "--reason", "r", "-c", config)
    assert "1 twins can be imported" in run(*words, "--dry-run").stdout
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert twin_of(store_url, load_or_create_key(tmp_path / "strangler.db.key")) == "pay_1"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 3: not"),
        ('{"entity": "payment", "primary": "x", "twin": "pay_2"}', "line 3: not both ids look like"),
        ('{"entity": "user", "primary": "x", "twin": "y"}', "line 3: no entity of this name has twins"),
        ('{"entity": "payment", "primary": "pay_a", "twin": "pay_2"}', "line 3: this id has two twins"),
    ],
)
def test_one_wrong_line_and_nothing_is_taken(run: Run, config: str, tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "t.jsonl").write_text(GOOD + line)
    result = run("twins", "import", str(tmp_path / "t.jsonl"), "--backend", "box", "--reason", "r", "-c", config)
    assert result.exit_code == 1
    assert said in result.stderr
    assert not (tmp_path / "strangler.db").exists()


def test_a_backend_that_nobody_has(run: Run, config: str, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(GOOD)
    result = run("twins", "import", str(tmp_path / "t.jsonl"), "--backend", "bix", "--reason", "r", "-c", config)
    assert result.exit_code == 1
    assert "no backend bix" in result.stderr


def test_an_invalid_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: [")
    words = (
        "twins",
        "import",
        str(tmp_path / "t"),
        "--backend",
        "box",
        "--reason",
        "r",
        "-c",
        str(tmp_path / "bad.yaml"),
    )
    assert run(*words).exit_code == 2
