"""The mistakes planted in the service, as data (`planted.json`): all that a report about the two systems must name.

One mistake is one finding: its exchanges differ at one path only, by one kind. `path` has `[*]` for each list index and
`kind` is a `comparators.Kind`, so both are spelled as a report spells them.
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Planted:
    """One mistake: its short name, what it is in words, where it shows, and where in the code it was planted."""

    name: str
    what: str
    route: str
    path: str
    kind: str
    where: str


def load() -> tuple[Planted, ...]:
    """All of them, in the order of the file."""
    text = Path(__file__).with_name("planted.json").read_text(encoding="utf-8")
    return tuple(Planted(**entry) for entry in json.loads(text)["planted"])


PLANTED = load()
