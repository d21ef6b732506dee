"""The file, the overrides and the table that both make; the files are real, the time is the test's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.config.errors import ConfigErrors
from proxy.messages import Stage
from proxy.routing.override import Override
from proxy.runtime.configuration import Configuration
from proxy.runtime.keeping import Kept
from tests.runtime.tables import BROKEN, text

NOW = 1000.0

Begin = Callable[..., Configuration]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "routes.yaml"
    path.write_text(text())
    return path


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    (tmp_path / "store").mkdir()
    return Kept(tmp_path / "store" / "strangler.db")


@pytest.fixture
def begin(file: Path, kept: Kept) -> Begin:
    """Starts it, at this time, and keeps what it began with, as a strangler does that carries payments."""

    def begun(at: float = NOW) -> Configuration:
        configuration = Configuration(file, kept, lambda: at)
        configuration.keep()
        return configuration

    return begun


def override(subject: str | None, stage: Stage, *, ends: float = NOW + 60, weight: float | None = None) -> Override:
    return Override(subject, stage, weight, NOW, ends, "jo", "why not")


def stages(configuration: Configuration) -> dict[str, str]:
    return {route.name: route.stage.value for route in configuration.table.routes}


def test_it_is_current_while_the_file_holds_the_text_in_force_and_nothing_is_wrong(begin: Begin, file: Path) -> None:
    configuration = begin()
    assert configuration.is_current()
    file.write_text(text() + "\n")
    assert not configuration.is_current()
    file.write_text(BROKEN)
    assert not configuration.take(configuration.look())
    file.write_text(text())
    assert not configuration.is_current(), "its fault has to be taken back"
    assert configuration.take(configuration.look())
    assert configuration.is_current()
    file.unlink()
    assert not configuration.is_current()


def test_a_good_file_is_in_force_and_kept_once_it_is_said_so(file: Path, kept: Kept) -> None:
    """Before that it has carried no payment, and is no last good one."""
    configuration = Configuration(file, kept)
    assert configuration.fault is None
    assert configuration.table is configuration.base
    assert kept.text() is None
    configuration.keep()
    assert kept.text() == configuration.text == text()


def test_a_broken_file_leaves_the_last_good_one_in_force_and_that_is_said(
    begin: Begin, file: Path, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    good = begin()
    file.write_text(BROKEN)
    again = begin()
    assert (again.table.hash, again.text) == (good.table.hash, good.text)
    assert again.fault is not None
    assert again.fault.startswith(f"{file}:4:7: error: spec.backends: ")
    assert f"{file} cannot be used, payments are carried by the last good table: {again.fault}" in caplog.text
    assert kept.text() == text()


def test_a_file_that_is_gone_likewise(begin: Begin, file: Path) -> None:
    good = begin()
    file.unlink()
    again = begin()
    assert again.table.hash == good.table.hash
    assert "No such file or directory" in (again.fault or "")


@pytest.mark.parametrize("last", [None, BROKEN, ""])
def test_without_a_good_one_there_are_the_errors_of_the_file(
    begin: Begin, file: Path, kept: Kept, last: str | None
) -> None:
    if last is not None:
        kept.keep_text(last)
    file.write_text(text(stage="nonsense"))
    with pytest.raises(ConfigErrors) as raised:
        begin()
    assert {error.file for error in raised.value.errors} == {str(file)}
    assert raised.value.errors[0].path == "spec.routes[2].stage"
    assert kept.text() == last


def test_a_table_that_cannot_be_kept_is_used_and_that_is_said(
    begin: Begin, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.table_file.parent.rmdir()
    assert begin().fault is None
    assert f"the last good table cannot be kept at {kept.table_file}: No such file or directory" in caplog.text


def test_a_new_file_is_taken_whole_and_kept(begin: Begin, file: Path, kept: Kept) -> None:
    configuration = begin()
    before, loaded_at = configuration.table, configuration.loaded_at
    file.write_text(text(stage="candidate"))
    assert configuration.take(configuration.look())
    assert stages(configuration)["refund"] == "candidate"
    assert configuration.table.hash != before.hash
    assert configuration.loaded_at > loaded_at
    assert kept.text() == configuration.text == text(stage="candidate")


def test_a_new_file_that_is_broken_changes_nothing_until_it_is_mended(begin: Begin, file: Path, kept: Kept) -> None:
    configuration = begin()
    before = configuration.table
    file.write_text(BROKEN)
    assert not configuration.take(configuration.look())
    assert configuration.table is before
    assert "spec.backends" in (configuration.fault or "")
    assert kept.text() == text()
    file.write_text(text())
    assert configuration.take(configuration.look())
    assert configuration.fault is None
    assert configuration.table.hash == before.hash


def test_a_file_with_other_listeners_is_not_taken_while_it_runs(begin: Begin, file: Path) -> None:
    """A worker that restarts would listen otherwise than the rest."""
    configuration = begin()
    file.write_text(text().replace("spec:\n", "spec:\n  listeners: [{address: 127.0.0.1, port: 1}]\n"))
    assert not configuration.take(configuration.look())
    assert "spec.listeners changed: that takes a restart" in str(configuration.fault)


def test_an_override_is_put_over_the_file_and_over_files_that_come(begin: Begin, file: Path, kept: Kept) -> None:
    configuration = begin()
    assert configuration.put(override("refund", Stage.CANDIDATE)) is None
    assert stages(configuration)["refund"] == "candidate"
    assert configuration.base.hash != configuration.table.hash
    assert kept.overrides() == configuration.overrides == (override("refund", Stage.CANDIDATE),)
    file.write_text(text(name="other"))
    assert configuration.take(configuration.look())
    assert (configuration.table.name, stages(configuration)["refund"]) == ("other", "candidate")
    file.write_text(text(stage="candidate"))
    assert configuration.take(configuration.look())
    assert configuration.table.hash == configuration.base.hash, "the file has come to agree"


def test_one_of_the_same_subject_is_replaced(begin: Begin) -> None:
    configuration = begin()
    configuration.put(override("refund", Stage.CANDIDATE))
    configuration.put(override("checkout", Stage.CANARY, weight=10.0))
    configuration.put(override("refund", Stage.SHADOW))
    assert [(each.subject, each.stage) for each in configuration.overrides] == [
        ("checkout", Stage.CANARY),
        ("refund", Stage.SHADOW),
    ]
    assert stages(configuration) == {"create": "canary", "capture": "canary", "refund": "shadow", "rest": "legacy"}


def test_one_that_cannot_be_is_refused_with_the_reason(begin: Begin, kept: Kept) -> None:
    configuration = begin()
    assert configuration.put(override("nowhere", Stage.LEGACY)) == "the table has no route and no group named 'nowhere'"
    assert (configuration.overrides, kept.overrides()) == ((), ())


def test_one_that_cannot_be_kept_is_not_in_force(begin: Begin, kept: Kept) -> None:
    configuration = begin()
    before = configuration.table
    kept.overrides_file.mkdir()
    with pytest.raises(IsADirectoryError):
        configuration.put(override("refund", Stage.CANDIDATE))
    assert configuration.table is before
    assert configuration.overrides == ()


def test_one_that_is_cleared_is_over_also_after_a_restart(begin: Begin) -> None:
    configuration = begin()
    before = configuration.table.hash
    configuration.put(override(None, Stage.CANDIDATE))
    assert configuration.clear("refund") is None
    assert configuration.clear(None) == override(None, Stage.CANDIDATE)
    assert configuration.table.hash == before
    assert begin().overrides == ()


def test_one_whose_end_cannot_be_kept_goes_on(begin: Begin, kept: Kept) -> None:
    configuration = begin()
    configuration.put(override("refund", Stage.CANDIDATE))
    kept.overrides_file.unlink()
    kept.overrides_file.mkdir()
    with pytest.raises(IsADirectoryError):
        configuration.clear("refund")
    assert stages(configuration)["refund"] == "candidate"


def test_a_restart_keeps_what_is_in_force_and_takes_nothing_that_has_ended(begin: Begin) -> None:
    configuration = begin()
    configuration.put(override("refund", Stage.CANDIDATE, ends=NOW + 10))
    configuration.put(override("checkout", Stage.CANARY, ends=NOW + 20, weight=50.0))
    assert begin(NOW + 9).table.hash == configuration.table.hash
    later = begin(NOW + 10)
    assert [each.subject for each in later.overrides] == ["checkout"]
    assert stages(later) == {"create": "canary", "capture": "canary", "refund": "legacy", "rest": "legacy"}


def test_overrides_hold_over_the_last_good_table_too(begin: Begin, file: Path) -> None:
    configuration = begin()
    configuration.put(override("refund", Stage.CANDIDATE))
    file.write_text(BROKEN)
    assert begin().table.hash == configuration.table.hash


def test_an_override_of_what_a_later_file_no_longer_has_does_no_harm(begin: Begin, file: Path) -> None:
    configuration = begin()
    configuration.put(override("checkout", Stage.CANARY, weight=50.0))
    configuration.put(override("refund", Stage.CANDIDATE))
    without_key = text().replace(', canary: {weight: 5, hashOn: ["header:X-Merchant-Id"]}', "")
    file.write_text(without_key.replace("name: refund", "name: refunds"))
    assert configuration.take(configuration.look())
    assert set(stages(configuration).values()) == {"legacy"}


def test_those_whose_time_is_over_are_named_and_can_be_prolonged(file: Path, kept: Kept) -> None:
    time = [NOW]
    configuration = Configuration(file, kept, lambda: time[0])
    short, long = override("refund", Stage.CANDIDATE, ends=NOW + 10), override(None, Stage.LEGACY, ends=NOW + 20)
    configuration.put(short)
    configuration.put(long)
    assert configuration.ended() == ()
    time[0] = NOW + 10
    assert configuration.ended() == (short,)
    configuration.prolong(short, 60.0)
    assert configuration.ended() == ()
    assert kept.overrides() == configuration.overrides == (replace(short, ends=NOW + 70), long)
