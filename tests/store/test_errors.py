"""What is wrong is one line: what, whose fault, what to do."""

from proxy.store.errors import StoreError


def test_one_line() -> None:
    error = StoreError("the disk is full", "the disk", "make room")
    assert str(error) == "the disk is full (the disk): make room"
