from dataclasses import replace

import pytest

from proxy.cli.finding_words import headline, noise, often, short, standing, what
from proxy.evidence.findings import Decided, Decision, State
from proxy.evidence.noise import Judgement
from proxy.store.answers import NoiseSeen
from tests.cli.reports import cause, route
from tests.store.made import NOON


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (NoiseSeen(Judgement.NOISE, 96, 1, 0, 170), "raw 97, noise 96 of 170 pairs, judged noise"),
        (NoiseSeen(Judgement.NOT_NOISE, 0, 23, 1, 170), "raw 23, noise 1 of 170 pairs, judged not noise"),
        (NoiseSeen(Judgement.UNKNOWN, 1, 1, 0, 1, 1900), "raw 2, noise 1 of 1 pair, not yet known (about 1,900 more"),
        (NoiseSeen(Judgement.UNKNOWN, 0, 1, 0, 9), "raw 1, noise 0 of 9 pairs, not yet known"),
    ],
)
def test_raw_and_noise_stand_side_by_side(seen: NoiseSeen, words: str) -> None:
    assert noise(seen).startswith(words)


@pytest.mark.parametrize(
    ("state", "decided", "words"),
    [
        (State.OPEN, None, "open"),
        (
            State.ACCEPTED,
            Decided(Decision.ACCEPT, NOON, "bob", "ok", NOON),
            "accepted until 2023-11-15 12:00:00 UTC by",
        ),
        (State.OPEN, Decided(Decision.ACCEPT, NOON, "bob", "ok", NOON), "open; its acceptance by bob: ok has ended"),
        (State.FIXED, Decided(Decision.FIX, NOON, "bob", "4.2"), "fixed at 2023-11-15 12:00:00 UTC by bob: 4.2"),
        (
            State.REGRESSED,
            Decided(Decision.FIX, NOON, "bob", "4.2"),
            "REGRESSED: seen again at 2023-11-15 12:00:50 UTC",
        ),
        (State.OPEN, Decided(Decision.REOPEN, NOON, "bob", "not so"), "open again, by bob: not so"),
    ],
)
def test_where_it_stands_and_by_whose_word(state: State, decided: Decided | None, words: str) -> None:
    assert standing(replace(cause(), state=state, decided=decided)).startswith(words)


def test_the_rest() -> None:
    assert what(cause()) == "value, one-unit"
    assert what(cause(value_class="")) == "value"
    assert often(cause()) == "in 7 exchanges, 7 % of those compared (at most 13 %)"
    assert short("3f2a9c01" * 4) == "3f2a9c013f2a"
    assert headline((route(cause()), route(mismatch=0))) == "7 unexplained mismatches on 1 route"
