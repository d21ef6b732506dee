"""What of a store is kept."""

from proxy.store.keep import ALL, Keep


def test_a_bound_is_not_everything() -> None:
    assert ALL.is_everything
    assert not Keep(seconds=60).is_everything
    assert not Keep(bytes=0).is_everything
