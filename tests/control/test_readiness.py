from datetime import UTC, datetime

import msgspec
import pytest

from proxy.control.readiness import Readiness, readiness
from proxy.control.state import ProcessState, ProcessStatus, Role, StatusDocument

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def document(*processes: tuple[Role, ProcessState, str | None]) -> StatusDocument:
    statuses = (
        ProcessStatus(role, index, 100 + index, state, 0, table, NOON)
        for index, (role, state, table) in enumerate(processes)
    )
    return StatusDocument("0.1.0", NOON, processes=tuple(statuses))


WORKER, RUNNER = Role.WORKER, Role.RUNNER
ACCEPTING, STARTING, DOWN, DRAINING = (
    ProcessState.ACCEPTING,
    ProcessState.STARTING,
    ProcessState.DOWN,
    ProcessState.DRAINING,
)


def test_one_accepting_worker_is_enough() -> None:
    told = readiness(document((WORKER, ACCEPTING, "ab"), (WORKER, DOWN, "ab")))
    assert told == Readiness(True, "1 of 2 workers accept requests", workers=2, accepting=1)


def test_a_runner_that_is_down_does_not_matter() -> None:
    assert readiness(document((WORKER, ACCEPTING, "ab"), (RUNNER, DOWN, None))).ready


@pytest.mark.parametrize(
    ("processes", "reason"),
    [
        ([], "no worker has been started yet"),
        ([(RUNNER, ProcessState.RUNNING, "ab")], "no worker has been started yet"),
        ([(RUNNER, ACCEPTING, "ab")], "no worker has been started yet"),
        ([(WORKER, STARTING, None)], "none of 1 workers has acknowledged a route table yet"),
        ([(WORKER, ACCEPTING, None)], "none of 1 workers has acknowledged a route table yet"),
        (
            [(WORKER, DOWN, "ab"), (WORKER, DRAINING, "ab")],
            "none of 2 workers accepts requests: worker 0 is down, worker 1 is draining",
        ),
    ],
)
def test_not_ready_says_why(processes: list[tuple[Role, ProcessState, str | None]], reason: str) -> None:
    told = readiness(document(*processes))
    assert (told.ready, told.reason, told.accepting) == (False, reason, 0)


def test_one_that_is_about_to_end_is_not_ready_though_its_workers_accept() -> None:
    told = readiness(msgspec.structs.replace(document((WORKER, ACCEPTING, "ab")), is_leaving=True))
    assert told == Readiness(False, "it is about to end; send new connections elsewhere", workers=1, accepting=1)


def test_the_reason_stays_short_with_many_workers() -> None:
    assert len(readiness(document(*[(WORKER, DOWN, "ab")] * 500)).reason) < 300
