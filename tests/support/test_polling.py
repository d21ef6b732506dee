import pytest

from tests.support.polling import wait_until


def test_it_looks_again_until_it_is_so() -> None:
    looks = iter([False, False, True])
    wait_until(lambda: next(looks), "three looks were taken")
    assert next(looks, None) is None


def test_it_names_what_it_waited_for_in_vain() -> None:
    with pytest.raises(AssertionError, match=r"waited 0.02 s in vain until pigs flew"):
        wait_until(lambda: False, "pigs flew", timeout=0.02)
