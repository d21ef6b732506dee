"""Changes of the table in force, given out to real workers; what goes to the audit log is the test's to read."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from proxy.control.state import Role
from proxy.evidence.entry import Entry
from proxy.messages import Stage
from proxy.routing.override import Override
from proxy.runtime import changing
from proxy.runtime.changing import PROLONGED, Changes, Outcome
from proxy.runtime.child import Process
from proxy.runtime.configuration import Configuration
from proxy.runtime.keeping import Kept
from tests.runtime.children import listening, start
from tests.runtime.tables import BROKEN, text


class Bench:
    """Changes over the files of one folder. `entries`: what was recorded, in order; `time`: Unix seconds."""

    def __init__(self, folder: Path) -> None:
        self.file, self.kept, self.time = folder / "routes.yaml", Kept(folder / "strangler.db"), time.time()
        self.file.write_text(text())
        self.configuration = Configuration(self.file, self.kept, lambda: self.time)
        self.entries: list[Entry] = []
        self.processes: list[Process] = []
        self.changes = Changes(self.configuration, lambda: self.processes, self._record)

    def override(self, subject: str | None, stage: Stage, weight: float | None = None) -> Override:
        return Override(subject, stage, weight, self.time, self.time + 60, "jo", "why not", "PAY-1")

    @property
    def noted(self) -> list[tuple[str, ...]]:
        return [(each.action, each.actor, each.subject, each.reason, each.before, each.after) for each in self.entries]

    async def _record(self, entry: Entry) -> None:
        self.entries.append(entry)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_a_new_file_is_taken_and_noted_with_both_hashes(bench: Bench) -> None:
    before = bench.changes.hash
    bench.file.write_text(text(stage="candidate"))
    outcome = await bench.changes.reload("jo")
    assert outcome == Outcome(bench.configuration.table.hash)
    assert bench.noted == [("reload", "jo", "", "", before, outcome.hash)]
    assert outcome.hash != before


async def test_a_file_that_says_the_same_is_no_news(bench: Bench) -> None:
    bench.file.write_text("# another comment\n" + text())
    assert await bench.changes.reload("jo") == Outcome(bench.changes.hash)
    assert bench.entries == []


async def test_what_is_in_force_is_not_given_out_again(bench: Bench, tmp_path: Path) -> None:
    async with worker(tmp_path, bench.configuration) as process:
        bench.processes = [process]
        loaded_at = bench.configuration.loaded_at
        assert await bench.changes.reload("jo") == Outcome(bench.changes.hash)
        assert bench.configuration.loaded_at == loaded_at
        bench.file.write_text(text() + "# another comment\n")
        assert await bench.changes.reload("jo") == Outcome(bench.changes.hash)
        assert bench.configuration.loaded_at > loaded_at


async def test_a_worker_that_has_not_taken_it_is_told_again(bench: Bench, tmp_path: Path) -> None:
    async with worker(tmp_path, bench.configuration) as process:
        bench.file.write_text(text(stage="candidate"))
        await bench.changes.reload("jo")  # while nobody was there
        assert process.status.table_hash != bench.changes.hash
        bench.processes = [process]
        assert await bench.changes.reload("kim") == Outcome(bench.changes.hash)
        assert process.status.table_hash == bench.changes.hash


async def test_a_broken_file_is_refused_said_and_noted(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    before = bench.changes.hash
    bench.file.write_text(BROKEN)
    outcome = await bench.changes.reload("jo")
    assert (outcome.hash, outcome.trouble) == (before, bench.configuration.fault)
    assert "the new routes.yaml is not used: " in caplog.text
    [(action, actor, _, reason, *hashes)] = bench.noted
    assert (action, actor, hashes) == ("reload-refused", "jo", [before, before])
    assert "spec.backends" in reason


async def test_an_override_and_its_end_are_noted_with_all_that_was_said(bench: Bench) -> None:
    before, given = bench.changes.hash, bench.override("checkout", Stage.CANARY, 10.0)
    put = await bench.changes.override(given)
    ended = await bench.changes.clear("checkout", "kim")
    assert (ended.hash, put.trouble, ended.trouble) == (before, None, None)
    assert bench.noted == [
        ("override", "jo", "checkout", "why not", before, put.hash),
        ("override-ended", "kim", "checkout", "why not", put.hash, before),
    ]
    assert [each.ticket for each in bench.entries] == ["PAY-1"] * 2
    assert msgspec.json.decode(bench.entries[0].details, type=Override) == replace(given, reason="")


async def test_all_routes_are_noted_as_a_star(bench: Bench) -> None:
    await bench.changes.override(bench.override(None, Stage.LEGACY))
    assert bench.entries[0].subject == "*"


async def test_what_is_refused_is_not_noted(bench: Bench) -> None:
    before = bench.changes.hash
    for outcome in (
        await bench.changes.override(bench.override("nowhere", Stage.LEGACY)),
        await bench.changes.clear("refund", "jo"),
        await bench.changes.clear(None, "jo"),
    ):
        assert outcome.hash == before
        assert outcome.trouble is not None
    assert outcome.trouble == "there is no override of all routes"
    assert bench.entries == []


async def test_what_cannot_be_kept_is_refused(bench: Bench) -> None:
    bench.kept.overrides_file.mkdir()
    outcome = await bench.changes.override(bench.override("refund", Stage.CANDIDATE))
    assert outcome.trouble == "it could not be kept on disk, and would not survive a restart: Is a directory"
    bench.kept.overrides_file.rmdir()
    await bench.changes.override(bench.override("refund", Stage.CANDIDATE))
    bench.kept.overrides_file.unlink()
    bench.kept.overrides_file.mkdir()
    outcome = await bench.changes.clear("refund", "jo")
    assert outcome.trouble == "its end could not be kept on disk: Is a directory"
    assert [each.action for each in bench.entries] == ["override"]


async def test_an_override_ends_when_its_time_is_over_and_not_before(bench: Bench) -> None:
    before = bench.changes.hash
    await bench.changes.override(bench.override("refund", Stage.CANDIDATE))
    bench.time += 59
    await bench.changes.expire()
    assert bench.changes.hash != before
    bench.time += 1
    await bench.changes.expire()
    assert bench.changes.hash == before
    assert bench.noted[-1][:3] == ("override-ended", "strangler: its time was over", "refund")


async def test_an_override_does_not_end_while_that_gave_requests_back_to_a_candidate_whose_breaker_is_open(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.file.write_text(text(stage="candidate"))
    await bench.changes.reload("jo")
    bench.changes.is_open = lambda route: route == "refund"
    put = await bench.changes.override(bench.override("refund", Stage.LEGACY))
    for _ in range(3):
        bench.time += PROLONGED
        await bench.changes.expire()
        assert bench.changes.hash == put.hash
    assert "override of refund does not end: the breaker of refund is open; it goes on for 60 s" in caplog.text
    [kept] = bench.kept.overrides()
    assert kept.ends == bench.time + PROLONGED, "a restart has the longer one"
    bench.changes.is_open = lambda route: route == "create"
    bench.time += PROLONGED
    await bench.changes.expire()
    assert bench.changes.hash != put.hash
    assert bench.configuration.overrides == ()


async def test_an_override_towards_the_candidate_ends_whatever_its_breaker_says(bench: Bench) -> None:
    bench.changes.is_open = lambda route: True
    before = bench.changes.hash
    await bench.changes.override(bench.override("refund", Stage.CANDIDATE))
    bench.time += 60
    await bench.changes.expire()
    assert bench.changes.hash == before


async def test_an_upgrade_is_noted(bench: Bench) -> None:
    await bench.changes.note_upgrade(4711)
    [(action, _, _, reason, before, after)] = bench.noted
    assert (action, reason, before) == ("upgrade", "process 4711 took over", after)


async def test_changes_come_one_after_the_other(bench: Bench) -> None:
    """Each begins with the table that the one before it left."""
    bench.file.write_text(text(name="other"))
    await asyncio.gather(
        bench.changes.reload("jo"),
        bench.changes.override(bench.override("refund", Stage.CANDIDATE)),
        bench.changes.override(bench.override("checkout", Stage.CANARY, 10.0)),
        bench.changes.clear("refund", "jo"),
    )
    hashes = [(each.before, each.after) for each in bench.entries]
    assert [before for before, _ in hashes[1:]] == [after for _, after in hashes[:-1]]
    assert len(set(hashes)) == 4


@asynccontextmanager
async def worker(folder: Path, configuration: Configuration) -> AsyncIterator[Process]:
    with listening() as payments:
        told = msgspec.structs.replace(start(folder, payments), document=configuration.document)
        process = Process(Role.WORKER, 0, told, lambda *_: None, lambda: None)
        living = asyncio.create_task(process.keep_alive())
        try:
            async with asyncio.timeout(15):
                await process.ready.wait()
                yield process
        finally:
            process.stop(0.0)
            process.kill()
            await asyncio.wait({living}, timeout=10)


async def test_it_is_in_force_when_every_worker_has_said_so_and_who_has_not_is_named(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with worker(tmp_path, bench.configuration) as process:
        bench.processes = [process]
        assert process.status.table_hash == bench.changes.hash
        put = await bench.changes.override(bench.override("refund", Stage.CANDIDATE))
        assert (process.status.table_hash, put.late) == (put.hash, ())
        monkeypatch.setattr(changing, "PATIENCE", 0.05)
        os.kill(process.status.pid or 0, signal.SIGSTOP)
        late = await bench.changes.clear("refund", "jo")
        assert (late.trouble, late.late) == (None, ("worker-0",))
        assert f"not everybody has taken route table {late.hash}: worker-0" in caplog.text
        os.kill(process.status.pid or 0, signal.SIGCONT)
        await process.acknowledged(late.hash)


async def test_a_worker_that_starts_later_begins_with_the_table_in_force(bench: Bench, tmp_path: Path) -> None:
    async with worker(tmp_path, bench.configuration) as process:
        bench.processes = [process]
        put = await bench.changes.override(bench.override("refund", Stage.CANDIDATE))
        os.kill(process.status.pid or 0, signal.SIGKILL)
        await process.gone.wait()
        await process.ready.wait()
        assert process.status.table_hash == put.hash
