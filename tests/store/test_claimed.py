"""Rows of claims say nothing in clear, and are compared by what they hold."""

import msgspec

from proxy.messages import System
from proxy.store.claimed import PinRow, PinState


def test_a_row_is_frozen_and_can_be_told_as_json() -> None:
    row = PinRow("k", "secret_a", System.LEGACY, "monolith", "pay", PinState.SENT, "", ("w:1",), 1.0, 2.0)
    assert msgspec.json.decode(msgspec.json.encode(row), type=PinRow) == row
    assert msgspec.structs.replace(row, state=PinState.UNKNOWN) != row
