"""DeepDiff as an oracle: without rules our walk and DeepDiff agree on whether two documents differ, and where.

Traps, where they are known to see things otherwise, and who is right:
- DeepDiff calls `true` and `1`, also deep inside, a change of type, as we do; but `1` and `1.0` are of two Python types
  and one JSON type: numbers here are spelled as Decimals of one form.
- DeepDiff pairs a list's elements by a diff of sequences, and we by index; `zip_ordered_iterables` has it do the same.
- A list that was only put in another order, or only lost elements, is one difference of ours at the list, and many of
  DeepDiff's at its elements: an answer of ours at a list stands for all of DeepDiff's below it.
- DeepDiff skips keys that start with `__` unless `ignore_private_variables` is False.
- A type that changed from a container is a difference at the same place for both.
"""

import re
from decimal import Decimal

from deepdiff import DeepDiff
from hypothesis import given, settings
from hypothesis import strategies as st

from comparators import Verdict
from comparators.document import Json
from comparators.paths import Place, written
from tests.comparators.support import judged, spelled
from tests.comparators.walking import nodes, replaced
from tests.support.examples import examples

NAMES = st.sampled_from(["a", "b", "id", "__private", "amount"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([Decimal("1.5"), Decimal("-2.25"), Decimal("0.1")])
    | st.sampled_from(["", "a", "A", "1", "true", "2024-05-01T12:00:00Z"])
)
DOCUMENTS: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=10
)
STEP = re.compile(r"\['([^']*)'\]|\[(\d+)\]")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Json, Json]:
    """Two documents: of their own, or one with a few values replaced."""
    legacy = draw(DOCUMENTS)
    if draw(st.booleans()):
        return legacy, draw(DOCUMENTS)
    candidate = legacy
    for _ in range(draw(st.integers(0, 3))):
        place, _ = draw(st.sampled_from(nodes(candidate)))
        candidate = replaced(candidate, place, draw(SCALARS))
    return legacy, candidate


def deepdiff(legacy: Json, candidate: Json) -> set[str]:
    """The paths at which DeepDiff sees a difference, spelled as ours."""
    found = DeepDiff(
        legacy,
        candidate,
        report_repetition=True,
        ignore_private_variables=False,
        zip_ordered_iterables=True,
        threshold_to_diff_deeper=0,
        verbose_level=1,
    )
    return {written(_place(path)) for paths in found.values() for path in paths}


def _place(path: str) -> Place:
    place: Place = None
    for name, index in STEP.findall(path):
        place = (place, int(index) if index else name)
    return place


def covered(path: str, by: set[str]) -> bool:
    """Whether a difference stands at a path or above it, or one below it if a whole value stands there."""
    return any(path == other or path.startswith((f"{other}.", f"{other}[")) for other in by)


@settings(max_examples=examples(300), deadline=None)
@given(pairs())
def test_we_agree(pair: tuple[Json, Json]) -> None:
    legacy, candidate = pair
    comparison = judged(spelled(legacy), spelled(candidate, reverse=True))
    ours, theirs = {found.path for found in comparison.differences}, deepdiff(legacy, candidate)
    assert (comparison.verdict is Verdict.MATCH) == (not theirs)
    assert all(covered(path, ours) for path in theirs), (ours, theirs)
    assert all(covered(path, theirs) or any(covered(other, {path}) for other in theirs) for path in ours), (
        ours,
        theirs,
    )
