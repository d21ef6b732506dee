"""What is found before any process starts. What runs after: test_supervisor.py; the exit codes: cli/test_serve.py."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.config.errors import ConfigErrors
from proxy.runtime.keeping import Kept
from proxy.runtime.serve import ServeOptions, Serving, serve
from proxy.runtime.sockets import Endpoint, EnvironmentFault
from tests.end_to_end.deployment import ROUTES
from tests.runtime.children import port_of

ANY = Endpoint("127.0.0.1", 0)


@pytest.fixture
def taken() -> Iterator[Endpoint]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield Endpoint("127.0.0.1", port_of(sock))


@pytest.fixture
def routes(tmp_path: Path, free_port: int) -> Path:
    """A table whose backends are unreachable."""
    path = tmp_path / "routes.yaml"
    path.write_text(ROUTES.format(primary=free_port, shadow=free_port, stage="shadow"))
    return path


def options(routes: Path, **changes: object) -> ServeOptions:
    folder = routes.parent
    usual = {
        "config": routes,
        "listen": ANY,
        "admin": ANY,
        "workers": 1,
        "store": f"sqlite:///{folder / 'strangler.db'}",
        "key_file": None,
        "require_backends": True,
    }
    return ServeOptions(**(usual | changes))  # type: ignore[arg-type]


async def faulty(given: ServeOptions) -> str:
    """The fault that ends it; it never gets as far as to announce itself."""

    def announce(_: Serving) -> None:
        raise AssertionError("it serves")

    with pytest.raises(EnvironmentFault) as raised:
        await serve(given, announce)
    return str(raised.value)


async def test_the_configuration_comes_before_the_environment(tmp_path: Path, taken: Endpoint) -> None:
    (tmp_path / "routes.yaml").write_text("spec: 5")
    with pytest.raises(ConfigErrors) as raised:
        await serve(options(tmp_path / "routes.yaml", listen=taken), lambda _: None)
    assert len(raised.value.errors) > 1
    assert not (tmp_path / "strangler.db").exists()


async def test_the_command_lines_address_wins(routes: Path, taken: Endpoint) -> None:
    assert await faulty(options(routes, listen=taken)) == (
        f"cannot listen on {taken} for payments: Address already in use. "
        "Stop what listens there, or choose another address."
    )


async def test_without_one_the_files_address_is_used(routes: Path, taken: Endpoint) -> None:
    listeners = f"listeners: [{{address: 127.0.0.1, port: {taken.port}}}]"
    routes.write_text(routes.read_text().replace("spec:\n", f"spec:\n  {listeners}\n"))
    assert f"cannot listen on {taken} for payments" in await faulty(options(routes, listen=None))


async def test_an_admin_address_in_use_is_told_as_such(routes: Path, taken: Endpoint) -> None:
    assert f"cannot listen on {taken} for the admin API" in await faulty(options(routes, admin=taken))


async def test_the_store_is_made_and_its_key_beside_it(routes: Path, free_port: int) -> None:
    fault = await faulty(options(routes))
    assert {path.name for path in routes.parent.iterdir()} >= {"strangler.db", "strangler.db.key"}
    lines = fault.split("; ")
    assert [line.partition(f" (http://127.0.0.1:{free_port}) is unreachable: ")[0] for line in lines] == [
        "backend monolith",
        "backend payments",
    ]


async def test_a_key_file_of_ones_own_is_used(routes: Path) -> None:
    await faulty(options(routes, key_file=routes.parent / "own.key"))
    assert (routes.parent / "own.key").exists()
    assert not (routes.parent / "strangler.db.key").exists()


async def test_a_store_that_cannot_be_had_is_a_fault(routes: Path) -> None:
    (routes.parent / "file").touch()
    store = f"sqlite:///{routes.parent / 'file' / 'strangler.db'}"
    assert f"{routes.parent / 'file'}" in await faulty(options(routes, store=store))


async def test_a_start_that_came_to_nothing_leaves_no_last_good_table(routes: Path) -> None:
    """It has carried no payment; the next try, which a service manager makes by itself, is refused just so."""
    (routes.parent / "strangler.db").mkdir()
    for _ in range(2):
        assert "strangler.db" in await faulty(options(routes, require_backends=False))
    routes.write_text("spec: 5")
    with pytest.raises(ConfigErrors):
        await serve(options(routes), lambda _: None)


async def test_where_payments_were_carried_before_neither_file_nor_store_is_a_fault(routes: Path) -> None:
    """What ends this one comes after both: a backend that has to be there."""
    Kept(routes.parent / "strangler.db").keep_text(routes.read_text())
    (routes.parent / "strangler.db").mkdir()
    routes.write_text("spec: 5")
    assert (await faulty(options(routes))).startswith("backend monolith (")


async def test_a_token_that_can_be_guessed_is_a_fault_before_all_others(routes: Path) -> None:
    (routes.parent / "token").write_text("short")
    routes.write_text("spec: 5")
    assert "fewer than 16 characters" in await faulty(options(routes, token_file=routes.parent / "token"))


async def test_what_is_no_handover_is_a_fault(routes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANGLER_HANDOVER", "nonsense")
    assert "is not what a strangler hands over" in await faulty(options(routes))
    assert "STRANGLER_HANDOVER" not in os.environ
