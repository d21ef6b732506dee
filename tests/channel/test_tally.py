import pytest

from proxy.channel.tally import Tally


def test_a_tally_is_a_value() -> None:
    tally = Tally("worker-1:8f2c", 1.0, (("dropped", "channel-full", 12),))
    assert tally == Tally("worker-1:8f2c", 1.0, (("dropped", "channel-full", 12),))
    with pytest.raises(AttributeError):
        tally.at = 2.0  # type: ignore[misc]
