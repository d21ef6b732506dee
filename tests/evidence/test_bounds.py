import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from proxy.evidence.bounds import lower_bound, upper_bound

CONFIDENCES = (0.5, 0.9, 0.95, 0.99, 0.9967, 0.999999)
COUNTS = [
    *((successes, trials) for trials in range(1, 13) for successes in range(trials + 1)),
    *((successes, 1_000) for successes in (0, 1, 2, 9, 10, 500, 998, 999, 1_000)),
    *((successes, 1_000_000) for successes in (0, 1, 9_000, 10_000, 500_000, 999_999, 1_000_000)),
    (3, 10_000_000),
]


def scipy_upper(successes: int, trials: int, confidence: float) -> float:
    return 1.0 if successes == trials else float(stats.beta.ppf(confidence, successes + 1, trials - successes))


def scipy_lower(successes: int, trials: int, confidence: float) -> float:
    return 0.0 if successes == 0 else float(stats.beta.ppf(1 - confidence, successes, trials - successes + 1))


@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_the_bounds_are_scipys(confidence: float) -> None:
    for successes, trials in COUNTS:
        assert upper_bound(successes, trials, confidence) == pytest.approx(
            scipy_upper(successes, trials, confidence), abs=1e-9
        )
        assert lower_bound(successes, trials, confidence) == pytest.approx(
            scipy_lower(successes, trials, confidence), abs=1e-9
        )


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.9999))
@settings(deadline=None)
def test_the_bounds_are_scipys_anywhere(counts: tuple[int, int], confidence: float) -> None:
    assert upper_bound(*counts, confidence) == pytest.approx(scipy_upper(*counts, confidence), abs=1e-9)
    assert lower_bound(*counts, confidence) == pytest.approx(scipy_lower(*counts, confidence), abs=1e-9)


def test_small_bounds_are_exact_in_their_digits() -> None:
    """A gate asks for shares of a thousandth and less."""
    assert upper_bound(0, 5_000, 0.95) == pytest.approx(1 - 0.05 ** (1 / 5_000), rel=1e-10)
    assert upper_bound(1, 10_000_000, 0.95) == pytest.approx(scipy_upper(1, 10_000_000, 0.95), rel=1e-9)


@pytest.mark.parametrize(("trials", "share"), [*itertools.product((5, 40, 300), (0.001, 0.03, 0.5, 0.97))])
def test_the_bounds_hold_as_often_as_they_say(trials: int, share: float) -> None:
    """Summed over all outcomes, not drawn."""
    seen = stats.binom(trials, share)
    above = math.fsum(seen.pmf(k) for k in range(trials + 1) if upper_bound(k, trials, 0.95) >= share)
    below = math.fsum(seen.pmf(k) for k in range(trials + 1) if lower_bound(k, trials, 0.95) <= share)
    assert min(above, below) >= 0.95 - 1e-12


def test_nothing_tried_says_nothing() -> None:
    assert (lower_bound(0, 0, 0.95), upper_bound(0, 0, 0.95)) == (0.0, 1.0)


@pytest.mark.parametrize(("successes", "trials", "confidence"), [(2, 1, 0.9), (-1, 1, 0.9), (0, 1, 0.0), (0, 1, 1.0)])
def test_what_cannot_be_is_refused(successes: int, trials: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="is no count|lies between"):
        upper_bound(successes, trials, confidence)
    with pytest.raises(ValueError, match="is no count|lies between"):
        lower_bound(successes, trials, confidence)
