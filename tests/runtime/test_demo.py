"""The demo's judgement, and what it says when its parts do not come up. The whole of it: end_to_end/test_demo.py."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from comparators import Severity
from examples import servers
from examples.planted import PLANTED
from proxy.runtime import demo
from proxy.runtime.demo import Outcome, emptied, judged, part, running
from proxy.runtime.sockets import Endpoint, EnvironmentFault
from proxy.store.answers import FieldFinding, ReasonCount, Report, RouteReport

ANY = Endpoint("127.0.0.1", 0)


def finding(path: str, kind: str, rule: str | None = None) -> FieldFinding:
    seen = (1, 1.0, 1.0, 0.0, 0.0)
    return FieldFinding("f-0", path, kind, "", rule, Severity.BREAKING, *seen, "x-0", path, "1", "2")


def report(*found: tuple[str, str, str], excused: tuple[FieldFinding, ...] = ()) -> Report:
    """A report with these findings, by route, path and kind."""
    routes: dict[str, list[FieldFinding]] = {}
    for route, path, kind in found:
        routes.setdefault(route, []).append(finding(path, kind))
    reports = tuple(
        RouteReport(name, 1, 0, 1, 0, (), tuple(fields), excused, None, None, ()) for name, fields in routes.items()
    )
    return Report(None, None, None, reports, ())


ALL = [(each.route, each.path, each.kind) for each in PLANTED]


def test_a_report_that_names_all_and_no_other_is_exact() -> None:
    outcome = judged(report(*ALL))
    assert outcome == Outcome(tuple(each.what for each in PLANTED), (), ())
    assert outcome.is_exact


def test_what_a_rule_excuses_is_no_finding() -> None:
    assert judged(report(*ALL, excused=(finding("$.request_id", "value", "Ignore $..request_id"),))).is_exact


def test_a_mistake_that_is_not_named_is_missed() -> None:
    outcome = judged(report(*ALL[1:]))
    assert outcome.found == tuple(each.what for each in PLANTED[1:])
    assert outcome.missed == (f"{' '.join(ALL[0])}: {PLANTED[0].what}",)
    assert not outcome.is_exact


def test_what_was_not_planted_is_told() -> None:
    outcome = judged(report(*ALL, ("read-payment", "$.status", "value")))
    assert (outcome.missed, outcome.others) == ((), ("read-payment $.status value",))
    assert not outcome.is_exact


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_right_finding_at_another_place_is_another_and_one_is_missed(place: int) -> None:
    moved = list(ALL[0])
    moved[place] = "elsewhere"
    outcome = judged(report(*ALL[1:], (moved[0], moved[1], moved[2])))
    assert len(outcome.missed) == len(outcome.others) == 1


def test_nothing_compared_is_nothing_found() -> None:
    assert len(judged(report()).missed) == len(PLANTED)


def test_a_part_that_is_not_there_is_told_with_what_to_do() -> None:
    with pytest.raises(EnvironmentFault, match=r"\(examples\.nonsense\): run `make demo` in a checkout"):
        part("nonsense")


def test_the_folder_is_emptied_and_made(tmp_path: Path) -> None:
    old = tmp_path / "a" / "b" / "old"
    old.parent.mkdir(parents=True)
    old.touch()
    assert emptied(old.parent) == old.parent.resolve()
    assert list(old.parent.iterdir()) == []
    assert emptied(tmp_path / "c" / "d").is_dir()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match=r"file/demo cannot be made: Not a directory: run it where you may"):
        emptied(tmp_path / "file" / "demo")


async def started(folder: Path) -> str:
    """The fault that ends an attempt to run it."""
    said: list[str] = []
    with pytest.raises(EnvironmentFault) as raised:
        async with running(folder, said.append, ANY, ANY):
            raise AssertionError("it runs")
    assert said[0] == "preparing the payments database"
    return str(raised.value)


async def test_a_database_that_cannot_be_prepared_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "nowhere")
    fault = await started(tmp_path)
    assert "No module named 'nowhere'. Its packages come with `make install`." in fault
    assert "\n" not in fault


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that say who they are, and never answer."""
    code = "import os, time; print('mute', os.getpid(), flush=True); time.sleep(60)"
    monkeypatch.setattr(servers, "prepare", lambda database: None)
    monkeypatch.setattr(servers, "command", lambda application, port: [sys.executable, "-c", code])
    monkeypatch.setattr(demo, "START_WITHIN", 0.5)


@pytest.mark.usefixtures("silent")
async def test_a_server_that_does_not_answer_is_told_with_its_last_words_and_ended(tmp_path: Path) -> None:
    fault = await started(tmp_path)
    assert "/healthz did not answer within 0 s. Its log ends: mute " in fault
    for name in ("monolith", "service"):
        pid = int((tmp_path / f"{name}.log").read_text().split()[1])
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_copies_that_were_not_compared_are_told_and_make_it_inexact() -> None:
    good = report(*ALL)
    unclear = replace(good.routes[0], inconclusive=2, reasons=(ReasonCount("shadow-timeout", 2),))
    losses = (
        (replace(good, dropped=(ReasonCount("channel-full", 3),)), "3 dropped: channel-full"),
        (replace(good, routes=(unclear, *good.routes[1:])), f"2 inconclusive on {unclear.route}: shadow-timeout"),
        (replace(good, unaccounted=4), "4 taken, and neither compared nor counted"),
    )
    for lossy, words in losses:
        outcome = judged(lossy)
        assert (outcome.missed, outcome.others, outcome.uncompared) == ((), (), (words,))
        assert not outcome.is_exact
