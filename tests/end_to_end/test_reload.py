"""routes.yaml changed under a running strangler, in each of the ways in which files are replaced."""

import asyncio
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from proxy.config.load import loads
from proxy.control.answers import StatusAnswer
from proxy.control.asks import Changed
from proxy.control.client import Refusal, fetch, send
from proxy.store.audit import open_audit
from tests.end_to_end.deployment import Deployment, eventually, origin, talk
from tests.runtime.serving import serve
from tests.runtime.tables import BROKEN, text
from tests.support.polling import wait_until
from tests.support.process import Processes

TOKEN = "0123456789abcdef"
ASK = b"GET /v1/refunds/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


class Mounted:
    """A running strangler whose file is mounted as Kubernetes mounts a ConfigMap."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        self._folder = folder / "etc"
        self._ports = {"legacy": origin(processes), "candidate": origin(processes, "wrong")}
        self._versions = 0
        (folder / "token").write_text(TOKEN)
        self.update(self.table())
        self.file = self._folder / "routes.yaml"
        self.file.symlink_to("..data/routes.yaml")
        options = ("--workers", "2", "-c", str(self.file), "--token-file", str(folder / "token"))
        self.serve: Deployment = serve(processes, folder / "deployment", self.table(), *options)

    def table(self, **changes: str) -> str:
        return text(**self._ports, **changes)

    def update(self, content: str) -> None:
        """A new folder, and the link `..data` replaced in one step; the old folder goes."""
        self._versions += 1
        version = self._folder / f"..2026_{self._versions}"
        version.mkdir(parents=True)
        (version / "routes.yaml").write_text(content)
        (self._folder / "..data_tmp").symlink_to(version.name)
        (self._folder / "..data_tmp").rename(self._folder / "..data")

    def status(self) -> StatusAnswer:
        return fetch(f"http://127.0.0.1:{self.serve.admin}", "/api/v1/status", StatusAnswer)[0]

    def reload(self) -> Changed:
        url = f"http://127.0.0.1:{self.serve.admin}"
        return send(url, "POST", "/api/v1/reload", b"{}", TOKEN, Changed)[0]

    def hashes(self) -> set[str | None]:
        """Those of all that take tables."""
        return {each.table_hash for each in self.status().processes if each.role != "control"}

    def answers(self) -> str:
        return "candidate" if b'"10.01"' in talk(self.serve.port, ASK) else "legacy"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mounted]:
    folder = tmp_path_factory.mktemp("reload")
    processes = Processes(folder)
    try:
        yield Mounted(folder, processes)
    finally:
        processes.close()


@pytest.fixture
def mounted(shared: Mounted) -> Mounted:
    """With its first table in force."""
    shared.update(shared.table())
    shared.reload()
    eventually(lambda: len(shared.hashes()) == 1, "the runner has it too, though it has only the time that is left")
    assert shared.answers() == "legacy"
    return shared


def test_an_update_of_a_config_map_is_taken_by_all_within_a_second(mounted: Mounted) -> None:
    table = mounted.table(stage="candidate")
    mounted.update(table)
    began = time.monotonic()
    eventually(lambda: mounted.hashes() == {loads(table).hash}, "all have acknowledged it")
    assert time.monotonic() - began < 2.0, "one second, and one for a machine that has more to do"
    assert mounted.answers() == "candidate"
    mounted.update(mounted.table())
    eventually(lambda: mounted.answers() == "legacy", "the next one is taken too")


def test_a_broken_file_changes_nothing_and_is_said_everywhere_until_it_is_mended(mounted: Mounted) -> None:
    before = mounted.hashes()
    mounted.update(BROKEN)
    eventually(lambda: "spec.backends: required" in _fault(mounted), "the status says so")
    assert mounted.hashes() == before
    assert mounted.answers() == "legacy"
    assert "the new routes.yaml is not used: " in mounted.serve.serve.stderr
    eventually(lambda: _reloaded(mounted) == 0, "that is counted")
    with pytest.raises(Refusal, match="spec.backends: required"):
        mounted.reload()
    mounted.update(mounted.table())
    eventually(lambda: _fault(mounted) == "", "it is in use again")
    eventually(lambda: _reloaded(mounted) == 1, "that is counted too")


def test_a_hangup_and_a_post_ask_for_a_look_at_once(mounted: Mounted) -> None:
    assert not mounted.reload().changed
    table = mounted.table(name="posted")
    mounted.update(table)
    assert mounted.reload().hash == loads(table).hash
    mounted.update(BROKEN)
    eventually(lambda: _fault(mounted) != "", "it is refused")
    mounted.serve.serve.signal(signal.SIGHUP)
    wanted = ("reload-refused", "strangler: SIGHUP")
    wait_until(lambda: asyncio.run(_last(mounted))[:2] == wanted, "it was looked at once more")
    assert mounted.serve.serve.returncode is None


def test_each_change_is_in_the_audit_log_with_both_hashes(mounted: Mounted) -> None:
    tables = [mounted.table(name=name) for name in ("first", "second")]
    for table in tables:
        mounted.update(table)
        mounted.reload()
    wanted = tuple(loads(table).hash for table in tables)
    wait_until(lambda: asyncio.run(_last(mounted))[2:] == wanted, "it is in the log")
    assert asyncio.run(_last(mounted))[0] == "reload"


def test_a_client_that_keeps_its_connection_sees_the_next_table_and_nothing_else(mounted: Mounted) -> None:
    seen = asyncio.run(_kept_alive(mounted))
    assert seen[0] == "legacy"
    assert seen[-1] == "candidate"
    assert sorted(seen, reverse=True) == seen, "no request goes back to what was in force before"


def test_a_file_that_is_edited_in_place_and_one_that_is_renamed_over_it(mounted: Mounted) -> None:
    """A link that an editor replaces by a file is a file from then on."""
    inside = mounted.file.resolve()
    inside.write_text(mounted.table(name="edited"))
    eventually(lambda: _name(mounted) == "edited", "what was edited is in force")
    link, beside = os.readlink(mounted.file), mounted.file.with_name("next")
    beside.write_text(mounted.table(name="renamed"))
    beside.replace(mounted.file)
    eventually(lambda: _name(mounted) == "renamed", "what was renamed is in force")
    mounted.file.unlink()
    eventually(lambda: "No such file" in _fault(mounted), "it is missed")
    assert mounted.answers() == "legacy"
    mounted.file.symlink_to(link)
    eventually(lambda: _name(mounted) == "edited", "what is back is in force")


def _fault(mounted: Mounted) -> str:
    table = mounted.status().table
    return (table.fault if table else None) or ""


def _name(mounted: Mounted) -> str:
    table = mounted.status().table
    return table.name if table else ""


def _reloaded(mounted: Mounted) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{mounted.serve.admin}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    [value] = [line.split()[1] for line in lines if line.startswith("strangler_config_last_reload_successful ")]
    return float(value)


async def _last(mounted: Mounted) -> tuple[str, ...]:
    """The youngest entry of the audit log: action, by whom, the hashes before and after."""
    async with open_audit(mounted.serve.store) as log:
        [(_, link)] = await log.latest(1)
    assert link is not None
    return link.action, link.actor, link.before, link.after


async def _kept_alive(mounted: Mounted) -> list[str]:
    """The systems that answer on one connection, from before a change until it is in force."""
    reader, writer = await asyncio.open_connection("127.0.0.1", mounted.serve.port)
    seen: list[str] = []
    async with asyncio.timeout(10):
        while seen[-3:] != ["candidate"] * 3:
            writer.write(ASK.replace(b"Connection: close\r\n", b""))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            body = await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
            seen.append("candidate" if msgspec.json.decode(body)["amount"] == "10.01" else "legacy")
            if len(seen) == 5:
                mounted.update(mounted.table(stage="candidate"))
    writer.close()
    return seen
