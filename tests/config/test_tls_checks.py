"""What is wrong with the files that a document names, and what soon will be."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from proxy.config.errors import ConfigError, Severity
from proxy.config.load import inspect_text
from proxy.config.tls_checks import Surroundings
from tests.config.documents import document, route
from tests.support.certificates import Authority

LISTENER = "  listeners: [{port: 1, tls: {certificate: a.pem, key: a.key, clientCA: ca.pem}}]\n"
NOW = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds a CA that ends after 90 days, and the pair `a` of it, which ends after 60."""
    Authority(tmp_path).issue("a", days=60)
    return tmp_path


def problems(text: str, folder: Path, now: datetime = NOW) -> list[ConfigError]:
    return list(inspect_text(text, "t.yaml", {}, Surroundings(folder, now)).problems)


def backend(said: str, url: str = "https://a") -> str:
    return f"\n    - {{name: old, url: '{url}', tls: {{{said}}}}}\n    - {{name: new, url: 'http://b'}}"


def test_nothing_is_said_of_what_is_right(folder: Path) -> None:
    text = document(spec=LISTENER, backends=backend("ca: ca.pem, certificate: a.pem, key: a.key, serverName: a.b"))
    assert problems(text, folder) == []


def test_every_file_that_cannot_be_used_is_an_error_with_its_line(folder: Path) -> None:
    (folder / "a.pem").unlink()
    (folder / "a.key").unlink()
    (folder / "ca.pem").write_text("")
    text = document(spec=LISTENER, backends=backend("ca: gone.pem"))
    found = [f"{each.line}:{each.severity}:{each.path}: {each.message}" for each in problems(text, folder)]
    assert found == [
        f"6:error:spec.backends[0].tls.ca: {folder}/gone.pem cannot be read: No such file or directory",
        f"10:error:spec.listeners[0].tls.certificate: {folder}/a.pem cannot be read: No such file or directory",
        f"10:error:spec.listeners[0].tls.key: {folder}/a.key cannot be read: No such file or directory",
        f"10:error:spec.listeners[0].tls.clientCA: {folder}/ca.pem holds no certificate in PEM form",
    ]


def test_they_are_found_beside_other_errors(folder: Path) -> None:
    (folder / "a.pem").unlink()
    text = document("{name: a, stage: legacy, backendRefs: {legacy: olt}}", route("b", "owner: 5"), spec=LISTENER)
    paths = {each.path for each in problems(text, folder)}
    assert paths == {
        "spec.routes[0].backendRefs.legacy",
        "spec.routes[1].owner",
        "spec.listeners[0].tls.certificate",
    }


def test_a_key_that_does_not_match_is_an_error_of_the_key(folder: Path) -> None:
    (folder / "a.key").write_bytes((folder / "ca.key").read_bytes())
    (found,) = problems(document(spec=LISTENER), folder)
    assert (found.path, found.severity) == ("spec.listeners[0].tls.key", Severity.ERROR)
    assert "does not match the certificate" in found.message


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-1, ["certificate: a.pem is not valid before", "clientCA: ca.pem is not valid before"]),
        (30, []),
        (45.9, []),
        (46.1, ["certificate: a.pem expires on", "in 13 days"]),
        (61, ["certificate: a.pem has expired on"]),
        (77, ["certificate: a.pem has expired on", "clientCA: ca.pem expires on"]),
        (91, ["certificate: a.pem has expired on", "clientCA: ca.pem has expired on"]),
    ],
)
def test_a_certificate_that_ends_is_a_warning_in_time(folder: Path, days: float, said: list[str]) -> None:
    found = problems(document(spec=LISTENER), folder, NOW + timedelta(days=days))
    assert {each.severity for each in found} <= {Severity.WARNING}
    text = " ".join(f"{each.path.removeprefix('spec.listeners[0].tls.')}: {each.message}" for each in found)
    text = text.replace(f"{folder}/", "")
    assert [part for part in said if part not in text] == []
    assert len(found) == sum(": " in part for part in said)


def test_a_chain_ends_with_its_first_and_a_bundle_with_its_last(folder: Path) -> None:
    short = Authority(folder / "short").issue("b", days=5).certificate.read_bytes()
    for name in ("a.pem", "ca.pem"):
        (folder / name).write_bytes((folder / name).read_bytes() + short)
    assert [each.path for each in problems(document(spec=LISTENER), folder)] == ["spec.listeners[0].tls.certificate"]


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, False), (0o604, True), (0o644, True)])
def test_a_key_that_all_can_read_is_a_warning(folder: Path, mode: int, warned: bool) -> None:
    (folder / "a.key").chmod(mode)
    found = problems(document(spec=LISTENER), folder)
    assert [(each.path, each.severity) for each in found] == [("spec.listeners[0].tls.key", Severity.WARNING)] * warned
    assert not warned or f"(mode 0{mode:o})" in found[0].message


def test_a_table_with_warnings_is_served(folder: Path) -> None:
    found = inspect_text(document(spec=LISTENER), "t", {}, Surroundings(folder, NOW + timedelta(days=99)))
    assert found.table is not None
    assert len(found.problems) == 2


def test_what_a_variable_holds_is_not_shown(folder: Path) -> None:
    text = document(spec=LISTENER.replace("a.key", "'${SECRET_PLACE}'"))
    (found,) = inspect_text(text, "t", {"SECRET_PLACE": "hidden.key"}, Surroundings(folder, NOW)).problems
    assert "hidden" not in found.message
    assert "${SECRET_PLACE} cannot be read" in found.message


def test_files_of_an_http_backend_are_not_looked_at(folder: Path) -> None:
    (found,) = problems(document(backends=backend("ca: gone.pem", "http://a")), folder)
    assert found.path == "spec.backends[0].tls"
