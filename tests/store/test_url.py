"""Store URLs."""

from pathlib import Path

import pytest

from proxy.store.connecting import driver_url
from proxy.store.errors import StoreError
from proxy.store.url import Database, claims_url, has_password, parse_url, shown, sqlite_path


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


def test_servers() -> None:
    place = parse_url("postgres://me@db.example:6432/strangler")
    assert (place.database, place.path, place.shown) == (
        Database.POSTGRESQL,
        None,
        "postgresql://me@db.example:6432/strangler",
    )
    assert (place.user, place.password, place.host, place.port, place.name) == (
        *("me", None, "db.example"),
        *(6432, "strangler"),
    )
    place = parse_url("mariadb://db/strangler")
    assert (place.database, place.shown) == (Database.MYSQL, "mysql://db/strangler")
    assert place.arguments["charset"] == "utf8mb4"


PASSWORD = "p%40ss:w/rd"


def secret(url: str, environ: dict[str, str] | None = None) -> tuple[str | None, str]:
    place = parse_url(url, environ or {})
    return place.password, f"{place} {place!r} {place.shown} {driver_url(place)} {driver_url(place)!r}"


def test_a_password_is_used_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("p@ss\n")
    ways = [
        secret("postgresql://me:p%40ss@db/x"),
        secret("mysql://me:${MY_PASSWORD}@db/x", {"MY_PASSWORD": "p@ss"}),
        secret(f"postgresql://me@db/x?password-file={file}"),
    ]
    for password, texts in ways:
        assert password == "p@ss"
        assert "p@ss" not in texts
        assert "p%40ss" not in texts
    assert secret("postgresql://${WHO}@db/x", {"WHO": "me"})[0] is None


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{PASSWORD}@db/x",
        f"postgresql://me:{PASSWORD}@db:port/x",
        f"postgresql://me:{PASSWORD}@db",
        f"mysql://me:{PASSWORD}@db/x?nonsense=1",
        f"mysql://me:{PASSWORD}@db/x?ssl-ca=/absent",
        f"oracle://me:{PASSWORD}@db/x",
        f"me:{PASSWORD}@db/x",
        f"postgresql://me:{PASSWORD}@[db/x",
        f"postgresql://me:{PASSWORD}?more@db/x",
        f"postgresql://me:12?{PASSWORD}@db/x",
        f"postgresql://me:12/{PASSWORD}@db",
        f"pg://me:{PASSWORD}?more@db/x",
        f"sqlite://me:{PASSWORD}@db/x",
        f"postgresql://me:{PASSWORD}@db/x?password-file=/absent",
    ],
)
def test_no_error_and_no_showing_has_a_password(url: str) -> None:
    texts = [shown(url)]
    try:
        parse_url(url, {})
    except StoreError as error:
        texts.append(str(error))
    for text in texts:
        assert PASSWORD not in text
        assert "p@ss" not in text
        assert "ss:w" not in text


def test_showing_never_fails_and_leaves_options_out() -> None:
    assert shown("postgresql://me:${UNSET}@db/x?sslmode=require") == "postgresql://me@db/x"
    assert shown("sqlite:///a.db") == "a.db"
    assert shown("nonsense") == "nonsense"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("oracle://db/x", r"oracle:// is not supported.*postgresql://"),
        ("postgresql://db", "names no host or no database"),
        ("postgresql:///x", "names no host or no database"),
        ("mysql://db/x?sslmode=require", "unknown option 'sslmode'.*password-file, ssl-mode"),
        ("postgresql://db/x?sslmode=sometimes", "sslmode is 'sometimes', not one of disable, prefer"),
        ("postgresql://me:${UNSET}@db/x", r"names \$\{UNSET\}, which is not set"),
        ("postgresql://me:pw@db/x?password-file=f", "a password and a password-file"),
        ("postgresql://me@db/x?password-file=/absent", "password-file /absent .* cannot be read: No such file"),
    ],
)
def test_what_is_wrong_is_said(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        parse_url(url, {})


@pytest.mark.parametrize(
    ("url", "has"),
    [
        ("sqlite:///a.db", False),
        ("postgresql://me@db/x", False),
        ("postgresql://me:${PW}@db/x", False),
        ("postgresql://me:pw@db/x", True),
        ("postgresql://me:pw${PW}@db/x", True),
        ("postgresql://me:p@[w@db/x", True),
    ],
)
def test_a_password_that_must_not_be_on_a_command_line(url: str, has: bool) -> None:
    assert has_password(url) is has


def test_claims_lie_beside_the_store_in_a_file_of_their_own() -> None:
    assert claims_url("sqlite:////var/lib/strangler.db") == "sqlite:////var/lib/strangler.db.claims"
    server = "postgresql://db.example/strangler"
    assert claims_url(server) == server
    with pytest.raises(StoreError):
        claims_url("redis://a")
