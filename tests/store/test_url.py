"""Store URLs."""

from pathlib import Path

import pytest

from proxy.store.errors import StoreError
from proxy.store.url import sqlite_path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///strangler.db", "strangler.db"),
        ("sqlite:///data/strangler.db", "data/strangler.db"),
        ("sqlite:////var/lib/strangler.db", "/var/lib/strangler.db"),
        ("sqlite:///with%20space.db", "with space.db"),
    ],
)
def test_files(url: str, path: str) -> None:
    assert sqlite_path(url) == Path(path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "strangler.db",
        "sqlite://",
        "sqlite:///",
        "sqlite://host/x.db",
        "sqlite:///:memory:",
        "sqlite:///x.db?mode=ro",
        "sqlite:///x/",
    ],
)
def test_what_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="--store"):
        sqlite_path(url)


def test_other_databases_are_not_supported_yet() -> None:
    with pytest.raises(StoreError, match=r"postgresql.* not supported yet"):
        sqlite_path("postgresql://localhost/strangler")
