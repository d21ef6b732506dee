"""Is a difference one between the systems, or does legacy differ from itself there as often?

Law of this file: bounds decide, never point estimates, and doubt is said as doubt. A cause counts as noise only when
all that the samples leave open is that legacy explains at least EXPLAINED of it, and as none as soon as the candidate
differs there significantly more often. Each sample is a pair: one request on which the candidate and a second legacy
were both compared with legacy, so that what a request brings along (a merchant, an hour) is on both sides.

With `both`, `candidate` and `control` the pairs in which both differ from legacy, only the candidate, only the second
legacy, among `pairs`:

- not noise: of the pairs in which one differs and the other does not, it is the candidate in more than half (the exact
  one-sided test of McNemar).
- noise: P(control differs) >= EXPLAINED * P(candidate differs). With D the share of pairs in which one alone differs, t
  the candidate's part of these, and B the share in which both do, that is B + (1 - t) D >= EXPLAINED * (B + t D). It is
  asked at the worst corner of the bounds of B, D and t, each with a third of the error allowed (Bonferroni).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from proxy.evidence.bounds import lower_bound, upper_bound

CONFIDENCE: Final = 0.99
"""Of each judgement."""

EXPLAINED: Final = 0.8
"""The share of a candidate's differences that legacy alone must explain at least for them to be noise."""

MOST_PAIRS: Final = 10_000_000
"""Beyond so many it is no longer said how many are still needed."""


class Judgement(StrEnum):
    """What a cause is."""

    NOISE = "noise"
    NOT_NOISE = "not noise"
    UNKNOWN = "not yet known"


@dataclass(frozen=True, slots=True)
class Samples:
    """What was seen of one cause. `candidate` and `control`: pairs in which it alone differs from legacy."""

    both: int
    candidate: int
    control: int
    pairs: int

    def __post_init__(self) -> None:
        if min(self.both, self.candidate, self.control) < 0 or self.both + self.alone > self.pairs:
            raise ValueError(f"{self} counts more than there are")

    @property
    def alone(self) -> int:
        """Pairs in which one differs from legacy and the other does not."""
        return self.candidate + self.control


def judge(samples: Samples, confidence: float = CONFIDENCE) -> Judgement:
    """What a cause is, as far as these samples tell."""
    if is_above(samples, confidence):
        return Judgement.NOT_NOISE
    return Judgement.NOISE if is_explained(samples, confidence) else Judgement.UNKNOWN


def is_above(samples: Samples, confidence: float = CONFIDENCE) -> bool:
    """Whether the candidate differs from legacy significantly more often than legacy from itself."""
    return samples.candidate > samples.control and lower_bound(samples.candidate, samples.alone, confidence) > 0.5


def is_explained(samples: Samples, confidence: float = CONFIDENCE) -> bool:
    """Whether legacy explains at least EXPLAINED of what the candidate does, as far as the samples leave it open."""
    if samples.both + samples.control == 0:
        return False
    each = 1.0 - (1.0 - confidence) / 3
    part = upper_bound(samples.candidate, samples.alone, each)
    needed = (1.0 + EXPLAINED) * part - 1.0
    if needed <= 0.0:
        return True
    both = lower_bound(samples.both, samples.pairs, each)
    return (1.0 - EXPLAINED) * both >= upper_bound(samples.alone, samples.pairs, each) * needed


def pairs_needed(samples: Samples, confidence: float = CONFIDENCE) -> int | None:
    """About how many more pairs it takes to know, at the rates seen so far: a few per cent too many rather than too
    few. 0 if it is known; None if nothing was seen, or it takes more than MOST_PAIRS.
    """
    if judge(samples, confidence) is not Judgement.UNKNOWN:
        return 0
    if samples.both + samples.alone == 0:
        return None
    low, high = samples.pairs, 2 * samples.pairs
    while judge(_scaled(samples, high), confidence) is Judgement.UNKNOWN:
        low, high = high, 2 * high
        if high > MOST_PAIRS:
            return None
    while high - low > max(1, high // 32):
        middle = (low + high) // 2
        is_known = judge(_scaled(samples, middle), confidence) is not Judgement.UNKNOWN
        low, high = (low, middle) if is_known else (middle, high)
    return high - samples.pairs


def _scaled(samples: Samples, pairs: int) -> Samples:
    """The same rates in another number of pairs, rounded down."""
    both, candidate, control = (
        number * pairs // samples.pairs for number in (samples.both, samples.candidate, samples.control)
    )
    return Samples(both, candidate, control, pairs)
