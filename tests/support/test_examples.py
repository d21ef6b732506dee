import pytest
from hypothesis import settings

from tests.support import examples as support
from tests.support.examples import examples


@pytest.mark.parametrize(("is_stated", "found"), [(True, (300, 4)), (False, (75, 10))])
def test_few_or_all_are_tried(is_stated: bool, found: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "STATED", is_stated)
    assert (examples(300), examples(4)) == found


def test_a_property_that_states_no_number_has_a_hundred() -> None:
    assert settings().max_examples == examples(100)
