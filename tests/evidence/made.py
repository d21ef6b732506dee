"""Made-up entries, and any entries at all."""

from hypothesis import strategies as st

from proxy.evidence.chain import FIRST, Link, linked
from proxy.evidence.entry import Action, Entry

NOON = 1_700_049_600.0
"""2023-11-15 12:00:00 UTC."""


def entry(number: int = 1, **changed: str | None) -> Entry:
    said: dict[str, str | None] = {"ticket": f"PAY-{number}", "action": Action.FLIP, "subject": "create-payment"}
    said |= changed
    return Entry(
        at=NOON + number,
        actor="alice",
        action=said["action"] or "",
        subject=said["subject"] or "",
        reason=f"step {number}",
        ticket=said["ticket"],
        before=f"{number - 1:04x}",
        after=f"{number:04x}",
        details='{"weight": 5}',
    )


def chain_of(*entries: Entry) -> list[Link]:
    links: list[Link] = []
    for number, each in enumerate(entries, 1):
        links.append(linked(each, number, links[-1].hash if links else FIRST))
    return links


_TEXTS = st.text(max_size=12)
ENTRIES = st.lists(
    st.builds(
        Entry,
        at=st.floats(0, 4e9),
        actor=_TEXTS,
        action=st.sampled_from(sorted(Action)),
        subject=_TEXTS,
        reason=_TEXTS,
        ticket=st.none() | _TEXTS,
        before=_TEXTS,
        after=_TEXTS,
        details=st.sampled_from(["{}", "null", '{"a": [1, "é"]}']),
    ),
    max_size=8,
)
"""Sequences of entries."""
