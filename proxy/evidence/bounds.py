"""Bounds of a share that was counted: what may be said of all requests from those that were seen.

Law of this file: exact, never a normal approximation, and never narrower than the confidence that is asked for. The
bounds are those of Clopper and Pearson ("The use of confidence or fiducial limits illustrated in the case of the
binomial", Biometrika 26, 1934), one-sided: quantiles of a beta distribution, whose distribution function is computed by
the continued fraction of DLMF 8.17.22.
"""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

_TINY: Final = 1e-300
_CLOSE: Final = 1e-15
_EPSILON: Final = 1e-16
_NEAR: Final = 1e-8
_MOST_TERMS: Final = 200_000
_MOST_STEPS: Final = 200
_REMEMBERED: Final = 16_384
"""Bounds that are remembered: of hundreds of causes on a route most were seen as often as some other one."""


def upper_bound(successes: int, trials: int, confidence: float) -> float:
    """The largest true share with which so few `successes` among `trials` are not yet a surprise: above the true share
    with at least this `confidence` (0 < confidence < 1). 1 if nothing was tried. Raises ValueError for counts that
    cannot be.
    """
    _check(successes, trials, confidence)
    if successes == trials:
        return 1.0
    return _quantile(confidence, successes + 1, trials - successes)


def lower_bound(successes: int, trials: int, confidence: float) -> float:
    """The smallest such share: below the true one with at least this `confidence`. 0 if nothing was tried."""
    _check(successes, trials, confidence)
    return 1.0 - upper_bound(trials - successes, trials, confidence) if trials else 0.0


def _check(successes: int, trials: int, confidence: float) -> None:
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no count of successes")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"a confidence lies between 0 and 1, not at {confidence}")


@lru_cache(maxsize=_REMEMBERED)
def _quantile(share: float, a: float, b: float) -> float:
    """Where a beta distribution has this share below it: by Newton's steps from a good guess, and by halving where one
    would leave the bracket.
    """
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    low, high, x = 0.0, 1.0, _guess(share, a, b)
    for _ in range(_MOST_STEPS):
        above = _below(x, a, b, scale) - share
        low, high = (low, x) if above > 0 else (x, high)
        slope = math.exp(scale + (a - 1) * math.log(x) + (b - 1) * math.log1p(-x))
        step = x - above / slope if slope > 0 else -1.0
        if low <= step <= high and abs(step - x) <= _NEAR * step:
            return step  # the error of a Newton step is the square of the one before
        x = step if low < step < high else (low + high) / 2
    return x


def _guess(share: float, a: float, b: float) -> float:
    """Abramowitz and Stegun, 26.5.22, for a and b of 1 and more."""
    y = -NormalDist().inv_cdf(share)
    left, right = 1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0)
    part, mean = (y * y - 3.0) / 6.0, 2.0 / (left + right)
    w = y * math.sqrt(max(0.0, part + mean)) / mean - (right - left) * (part + 5.0 / 6.0 - 2.0 / (3.0 * mean))
    return min(max(a / (a + b * math.exp(min(700.0, 2.0 * w))), _TINY), 1.0 - _EPSILON)


def _below(x: float, a: float, b: float, scale: float) -> float:
    """The share of a beta distribution below x, 0 < x < 1."""
    front = math.exp(scale + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Lentz's method on DLMF 8.17.22."""
    c, d = 1.0, 1.0 / _apart(1.0 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        change = 1.0
        for term in (even, odd):
            d = 1.0 / _apart(1.0 + term * d)
            c = _apart(1.0 + term / c)
            change *= d * c
        found *= change
        if abs(change - 1.0) <= _CLOSE:
            return found
    return found


def _apart(value: float) -> float:
    """Away from zero, by which one cannot divide."""
    return value if abs(value) > _TINY else _TINY
