"""`strangler override` on a running strangler between two real systems; each test leaves no override behind."""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator

import msgspec
import pytest
from click.testing import CliRunner, Result

from proxy.cli import main
from proxy.control.answers import StatusAnswer
from proxy.control.client import fetch
from proxy.evidence.chain import Chain, Link
from proxy.routing.override import Override
from proxy.store.audit import open_audit
from tests.end_to_end.deployment import Deployment, eventually, origin, talk
from tests.runtime.serving import serve
from tests.runtime.tables import text
from tests.support.polling import wait_until
from tests.support.process import Processes

TOKEN = "0123456789abcdef"
REASON = ("--for", "5m", "--reason", "why not", "--by", "jo")

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Two workers before two systems that answer differently."""
    folder = tmp_path_factory.mktemp("override")
    (folder / "token").write_text(f"{TOKEN}\n")
    processes = Processes(folder)
    try:
        table = text(legacy=origin(processes), candidate=origin(processes, "wrong"))
        yield serve(processes, folder / "deployment", table, *("--workers", "2", "--token-file", str(folder / "token")))
    finally:
        processes.close()


@pytest.fixture
def run(pair: Deployment) -> Iterator[Run]:
    """Runs `strangler override ARGUMENTS` there, with the token."""
    environ = {"STRANGLER_ADMIN_URL": f"http://127.0.0.1:{pair.admin}", "STRANGLER_TOKEN": TOKEN}

    def override(*arguments: str, **more: str) -> Result:
        return CliRunner(env=environ | more).invoke(main, ["override", *arguments])

    yield override
    for each in status(pair).overrides:
        override("clear", *([each.subject] if each.subject else ["--all"]))


def status(pair: Deployment) -> StatusAnswer:
    return fetch(f"http://127.0.0.1:{pair.admin}", "/api/v1/status", StatusAnswer)[0]


def answered(pair: Deployment, path: str) -> str:
    """The system that answers."""
    wire = f"GET {path} HTTP/1.1\r\nHost: a\r\nX-Merchant-Id: m\r\nConnection: close\r\n\r\n"
    return "candidate" if b'"10.01"' in talk(pair.port, wire.encode()) else "legacy"


def both(pair: Deployment, path: str) -> set[str]:
    """The systems that answer ten requests, which come to one worker or the other."""
    return {answered(pair, path) for _ in range(10)}


def stages(pair: Deployment) -> dict[str, str]:
    return {route.name: route.stage for route in status(pair).routes}


async def logged(pair: Deployment, number: int) -> list[Link]:
    """The youngest entries of the audit log, oldest first, which is whole."""
    async with open_audit(pair.store) as log:
        assert [fault async for fault in log.verify(Chain())] == []
        return [link for _, link in reversed(await log.latest(number)) if link is not None]


def test_a_route_is_moved_at_once_in_all_workers_and_back_again(pair: Deployment, run: Run) -> None:
    before = status(pair).table
    assert before is not None
    put = run("refund", "candidate", *REASON)
    assert (put.exit_code, put.stderr) == (0, "")
    assert both(pair, "/v1/refunds/1") == {"candidate"}
    assert both(pair, "/v1/other") == {"legacy"}
    eventually(lambda: len(status(pair).overrides) == 1, "the status names it")
    told = status(pair)
    assert told.table is not None
    assert put.stdout == f"route table {told.table.hash} is in force, acknowledged by all workers\n"
    assert told.table.file_hash == before.hash != told.table.hash
    assert {each.table_hash for each in told.processes if each.role == "worker"} == {told.table.hash}
    ended = run("clear", "refund", "--by", "kim")
    assert ended.stdout == f"route table {before.hash} is in force, acknowledged by all workers\n"
    assert both(pair, "/v1/refunds/1") == {"legacy"}


def test_a_group_is_moved_as_one(pair: Deployment, run: Run) -> None:
    assert run("checkout", "canary", "--weight", "100", *REASON).exit_code == 0
    assert both(pair, "/v1/capture") == {"candidate"}
    eventually(lambda: stages(pair)["create"] == "canary", "the status has heard of it")
    assert stages(pair) == {"create": "canary", "capture": "canary", "refund": "legacy", "rest": "legacy"}
    assert {route.name: route.weight for route in status(pair).routes}["create"] == 100.0


def test_the_kill_switch_goes_over_what_came_before(pair: Deployment, run: Run) -> None:
    run("refund", "candidate", *REASON)
    assert both(pair, "/v1/refunds/1") == {"candidate"}
    assert run("--all", "legacy", *REASON).exit_code == 0
    assert both(pair, "/v1/refunds/1") == {"legacy"}
    assert run("clear", "--all").exit_code == 0
    assert both(pair, "/v1/refunds/1") == {"candidate"}


def test_what_is_in_force_already_is_told_and_json_is_the_answer(run: Run) -> None:
    run("refund", "candidate", *REASON)
    again = run("refund", "candidate", *REASON, "--json")
    answer = json.loads(again.stdout)
    assert (again.exit_code, answer["changed"], answer["late"]) == (0, False, [])
    assert f"route table {answer['hash']} was in force already" in run("refund", "candidate", *REASON).stdout


def test_it_ends_by_itself(pair: Deployment, run: Run) -> None:
    assert run("refund", "candidate", "--for", "300ms", "--reason", "why not").exit_code == 0
    assert answered(pair, "/v1/refunds/1") == "candidate"
    wait_until(lambda: answered(pair, "/v1/refunds/1") == "legacy", "it has ended", 5)
    eventually(lambda: not status(pair).overrides, "the status has heard of it")


def test_who_did_what_and_why_is_in_the_audit_log(pair: Deployment, run: Run) -> None:
    run("refund", "shadow", *REASON, "--ticket", "PAY-1")
    run("clear", "refund", "--by", "kim")

    def is_logged() -> bool:
        return [link.actor for link in asyncio.run(logged(pair, 2))] == ["jo", "kim"]

    wait_until(is_logged, "both are in the log")
    put, ended = asyncio.run(logged(pair, 2))
    assert [(each.action, each.subject, each.reason, each.ticket) for each in (put, ended)] == [
        ("override", "refund", "why not", "PAY-1"),
        ("override-ended", "refund", "why not", "PAY-1"),
    ]
    assert (put.before, put.after) == (ended.after, ended.before)
    details = msgspec.json.decode(put.details, type=Override)
    assert (details.stage, details.by, details.ends - details.begins) == ("shadow", "jo", 300.0)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("nowhere", "legacy"), "the table has no route and no group named 'nowhere'"),
        (("a/../b c", "legacy"), "the table has no route and no group named 'a/../b c'"),
        (("checkout", "canary"), "a canary needs a weight"),
        (("refund", "candidate", "--weight", "5"), "only a canary has a weight"),
        (("create", "legacy"), "create belongs to the group checkout, which moves as one: override the group"),
        (("rest", "candidate"), "stage candidate needs backendRefs.candidate, and rest has none"),
        (("refund", "canary", "--weight", "5"), "stage canary needs canary.hashOn, and refund has none"),
        (("refund", "candidate", "--for", "200h"), "The request is not understood: "),
    ],
)
def test_what_cannot_be_is_refused_with_exit_1(
    pair: Deployment, run: Run, arguments: tuple[str, ...], reason: str
) -> None:
    before = both(pair, "/v1/refunds/1")
    done = run(*REASON, *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {reason}")
    assert both(pair, "/v1/refunds/1") == before


def test_the_end_of_what_is_not_there_is_refused(run: Run) -> None:
    for arguments, what in ((("refund",), "refund"), (("--all",), "all routes")):
        done = run("clear", *arguments)
        assert (done.exit_code, done.stderr) == (1, f"error: there is no override of {what}\n")


@pytest.mark.parametrize("token", ["", TOKEN + "x", "0" * 16])
def test_without_the_token_it_is_refused(pair: Deployment, run: Run, token: str) -> None:
    for arguments in (("refund", "candidate", *REASON), ("clear", "refund")):
        done = run(*arguments, STRANGLER_TOKEN=token)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "This needs the token" in done.stderr
    assert status(pair).overrides == ()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("refund",),
        ("refund", "candidate", "more", *REASON),
        ("refund", "nonsense", *REASON),
        ("refund", "candidate", "--reason", "why not"),
        ("refund", "candidate", "--for", "5m"),
        ("refund", "candidate", "--reason", "why not", "--for", "soon"),
        ("refund", "canary", "--weight", "0", *REASON),
        ("refund", "canary", "--weight", "101", *REASON),
        ("--all", *REASON),
        ("--all", "refund", "legacy", *REASON),
        ("clear",),
        ("clear", "refund", "more"),
        ("clear", "--all", "refund"),
    ],
)
def test_what_is_not_said_right_is_exit_2_and_asks_nobody(arguments: tuple[str, ...]) -> None:
    done = CliRunner(env={"STRANGLER_ADMIN_URL": "http://127.0.0.1:1"}).invoke(main, ["override", *arguments])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Error: " in done.stderr


def test_nobody_there_is_exit_3() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = CliRunner(env={"STRANGLER_ADMIN_URL": url}).invoke(main, ["override", "refund", "legacy", *REASON])
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (3, "", 1)
