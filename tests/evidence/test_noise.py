import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from proxy.evidence.noise import CONFIDENCE, EXPLAINED, Judgement, Samples, is_above, is_explained, judge, pairs_needed


def independent(pairs: int, candidate: float, control: float) -> Samples:
    """What is seen where both differ by chance, each for itself, at the rates given."""
    both = candidate * control
    return Samples(*(round(pairs * rate) for rate in (both, candidate - both, control - both)), pairs)


@pytest.mark.parametrize(
    ("samples", "judgement"),
    [
        (Samples(0, 0, 0, 0), Judgement.UNKNOWN),
        (Samples(3, 0, 0, 3), Judgement.UNKNOWN),
        (Samples(60, 0, 0, 60), Judgement.NOISE),  # an id that each answer makes anew
        (Samples(0, 60, 0, 60), Judgement.NOT_NOISE),  # legacy is of one mind there
        (Samples(0, 6, 0, 5_000), Judgement.UNKNOWN),
        (Samples(0, 7, 0, 5_000), Judgement.NOT_NOISE),
        (Samples(0, 0, 50, 5_000), Judgement.NOISE),  # the candidate never differs
        (independent(2_000, 0.5, 0.5), Judgement.NOISE),
        (independent(2_000, 0.6, 0.5), Judgement.NOT_NOISE),  # noisy, and wrong besides
        (independent(50, 0.5, 0.5), Judgement.UNKNOWN),
        (independent(1_000, 0.01, 0.009), Judgement.UNKNOWN),
        (independent(60_000, 0.009, 0.009), Judgement.NOISE),
        (independent(1_000_000, 0.01, 0.009), Judgement.NOT_NOISE),  # a thousandth more, and it shows
        (Samples(1_000, 30, 0, 1_030), Judgement.NOT_NOISE),
    ],
)
def test_judgements(samples: Samples, judgement: Judgement) -> None:
    assert judge(samples) is judgement


@given(st.integers(1, 60), st.integers(1, 60))
def test_above_is_mcnemars_exact_test(candidate: int, control: int) -> None:
    tested = stats.binomtest(candidate, candidate + control, 0.5, alternative="greater").pvalue
    assert is_above(Samples(0, candidate, control, 200)) is bool(tested < 1 - CONFIDENCE)


@pytest.mark.parametrize("pairs", [8, pytest.param(16, marks=pytest.mark.slow)])
@pytest.mark.parametrize("rates", [(0.5, 0.3, 0.1), (0.6, 0.3, 0.0), (0.0, 0.2, 0.1), (0.7, 0.2, 0.02)])
def test_a_cause_that_legacy_does_not_explain_is_seldom_called_noise(
    pairs: int, rates: tuple[float, float, float]
) -> None:
    """Summed over all outcomes: at most as often as the confidence allows."""
    both, candidate, control = rates
    assert both + control < EXPLAINED * (both + candidate) + 1e-9
    seen = stats.multinomial(pairs, [both, candidate, control, 1 - both - candidate - control])
    wrong = math.fsum(
        seen.pmf([a, b, c, pairs - a - b - c])
        for a in range(pairs + 1)
        for b in range(pairs + 1 - a)
        for c in range(pairs + 1 - a - b)
        if is_explained(Samples(a, b, c, pairs))
    )
    assert wrong <= 1 - CONFIDENCE


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 400))
@settings(deadline=None, max_examples=50)
def test_so_many_more_pairs_of_the_same_kind_tell(both: int, candidate: int, control: int, neither: int) -> None:
    pairs = both + candidate + control + neither
    needed = pairs_needed(Samples(both, candidate, control, pairs)) if pairs else None
    if needed:
        assert judge(Samples(both, candidate, control, pairs)) is Judgement.UNKNOWN
        scaled = [number * (pairs + needed) // pairs for number in (both, candidate, control)]
        assert judge(Samples(*scaled, pairs + needed)) is not Judgement.UNKNOWN


@pytest.mark.parametrize(
    ("samples", "needed"),
    [
        (Samples(10, 0, 0, 10), 16),
        (Samples(0, 1, 0, 100), 600),
        (Samples(60, 0, 0, 60), 0),
        (Samples(0, 0, 0, 100), None),
        (Samples(0, 1, 0, 5_000_000), None),
    ],
)
def test_how_many_more_is_said(samples: Samples, needed: int | None) -> None:
    found = pairs_needed(samples)
    assert found == (needed if not needed else pytest.approx(needed, rel=0.1))


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="more than there are"):
        Samples(1, 1, 1, 2)
    with pytest.raises(ValueError, match="more than there are"):
        Samples(-1, 0, 0, 2)
