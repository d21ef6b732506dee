"""An entry is printable, bounded text."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.evidence.entry import DETAILS, REASON, TEXT, Action, Entry

FIELDS: dict[str, Any] = {
    "at": 1_700_049_600.5,
    "actor": "alice",
    "action": Action.FLIP,
    "subject": "create-payment",
    "reason": "evidence is enough",
    "ticket": "PAY-1",
    "before": "aaa",
    "after": "bbb",
    "details": '{"weight": 5}',
}


def entry(**changed: Any) -> Entry:
    return Entry(**(FIELDS | changed))


def test_it_says_what_it_was_told() -> None:
    made = entry()
    assert {name: getattr(made, name) for name in FIELDS} == FIELDS
    assert entry(ticket=None).ticket is None
    assert Entry(0, "", Action.GATE, "", "", None, "", "").details == "{}"


def test_the_actions_are_closed() -> None:
    assert {str(each) for each in Action} == {
        "flip",
        "override",
        "override-ended",
        "reload",
        "reload-refused",
        "breaker-opened",
        "breaker-closed",
        "gate",
        "upgrade",
        "pin-released",
        "owners-imported",
        "owners-moved",
        "owner-disputed",
        "unknown-resolved",
        "finding-accepted",
        "finding-fixed",
        "finding-reopened",
        "vouched",
        "writes-stopped",
        "rearm",
        "twins-import",
    }
    assert type(entry(action="gate").action) is str
    with pytest.raises(ValueError, match="action is 'frobnicate'; an audit entry knows flip, override, "):
        entry(action="frobnicate")


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("actor", TEXT),
        ("subject", TEXT),
        ("reason", REASON),
        ("ticket", TEXT),
        ("before", TEXT),
        ("after", TEXT),
    ],
)
def test_what_is_too_long_is_refused_by_name(name: str, most: int) -> None:
    assert getattr(entry(**{name: "é" * most}), name) == "é" * most
    with pytest.raises(ValueError, match=f"^{name} has {most + 1:,} characters; an audit entry keeps {most:,}"):
        entry(**{name: "é" * (most + 1)})


def test_details_are_bounded_json() -> None:
    longest = '"' + "x" * (DETAILS - 2) + '"'
    assert entry(details=longest).details == longest
    assert entry(details='{\n  "a": 1\n}').details == '{   "a": 1 }'
    with pytest.raises(ValueError, match="^details has 4,001 characters"):
        entry(details=longest + " ")
    for text in ("", "{", "NaN", "{} {}"):
        with pytest.raises(ValueError, match="^details are no JSON text"):
            entry(details=text)


@pytest.mark.parametrize("at", [float("nan"), float("inf"), -1.0, 253_402_300_800.0])
def test_a_time_that_cannot_be_shown_is_refused(at: float) -> None:
    with pytest.raises(ValueError, match=f"^at is {re.escape(repr(at))}"):
        entry(at=at)


def test_line_ends_are_spaces_and_no_sign_commands_a_terminal() -> None:
    assert entry(reason="a\r\nb\tc\x1b[2J\u202e\ud800é漢").reason == "a  b c�[2J��é漢"


@given(st.text(st.characters(), max_size=TEXT))
def test_any_text_becomes_printable_and_can_be_encoded(text: str) -> None:
    actor = entry(actor=text).actor
    assert actor.isprintable()
    assert len(actor) == len(text)
    assert actor.encode().decode() == actor
    assert entry(actor=actor).actor == actor


def test_card_numbers_and_ibans_do_not_stand_in_the_log() -> None:
    said = entry(reason="refund 4111 1111 1111 1111 to DE89370400440532013000", details='{"why": "4111111111111111"}')
    assert said.reason == "refund pan_removed to iban_removed"
    assert said.details == '{"why": "pan_removed"}'
    assert entry(actor="alice@example.com").actor == "alice@example.com"
