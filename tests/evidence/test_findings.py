import pytest

from proxy.evidence.findings import Decided, Decision, State, seems_gone, state

NOW = 1_000.0


def accepted(until: float | None) -> Decided:
    return Decided(Decision.ACCEPT, 500.0, "alice", "a cent, agreed", until)


@pytest.mark.parametrize(
    ("decided", "last_seen", "expected"),
    [
        (None, 900.0, State.OPEN),
        (accepted(2_000.0), 900.0, State.ACCEPTED),
        (accepted(1_000.0), 900.0, State.OPEN),  # it has ended
        (accepted(None), 900.0, State.ACCEPTED),
        (Decided(Decision.FIX, 500.0, "bob", "mended"), 400.0, State.FIXED),
        (Decided(Decision.FIX, 500.0, "bob", "mended"), 500.0, State.FIXED),
        (Decided(Decision.FIX, 500.0, "bob", "mended"), 500.1, State.REGRESSED),
        (Decided(Decision.REOPEN, 500.0, "bob", "not so"), 400.0, State.OPEN),
    ],
)
def test_where_a_finding_stands(decided: Decided | None, last_seen: float, expected: State) -> None:
    assert state(decided, last_seen, NOW) is expected


def test_only_what_was_decided_and_still_holds_is_settled() -> None:
    assert [each for each in State if each.is_settled] == [State.ACCEPTED, State.FIXED]


@pytest.mark.parametrize(
    ("seen", "compared", "since", "gone"),
    [
        (10, 100, 0, False),  # it was in the last one
        (10, 100, 20, False),
        (10, 1_100, 1_000, True),
        (1, 1_000, 900, False),  # rare: silence says nothing yet
        (50, 60, 10, True),
        (50, 50, 0, False),
        (5, 5, 5, True),
        (0, 0, 0, False),
    ],
)
def test_what_would_have_shown_by_now_seems_gone(seen: int, compared: int, since: int, gone: bool) -> None:
    assert seems_gone(seen, compared, since) is gone
