"""The comment that a flip leaves in routes.yaml, so that the file alone says who moved what, when and why.

Law of this file: an annotation is one line of printable text, and what was written can be read again exactly. What is
not spelled to the letter as here is somebody else's comment.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from proxy.messages import Stage
from proxy.redaction import without_card_data
from proxy.routing.standing import Standing

MOST: Final = 200
"""Characters of a reason, a ticket or a name."""

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_WORD: Final = re.compile(r'[^\s"]+')
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_SAID: Final = rf'[^\s"]+|{_QUOTED}'
_STANDING: Final = rf"(?:{'|'.join(Stage)})(?: [0-9.]+)?"
_FORM: Final = re.compile(
    rf"# strangler: flipped (?P<subject>[A-Za-z0-9._-]+) (?P<before>{_STANDING}) -> (?P<after>{_STANDING})"
    rf" by (?P<by>{_SAID}) at (?P<at>\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
    rf"(?: ticket (?P<ticket>{_SAID}))?(?P<glass> breaking the glass)?: (?P<reason>{_QUOTED})\s*"
)


@dataclass(frozen=True, slots=True)
class Note:
    """Who flips, when, and why; `break_glass`: although something spoke against it.

    Line breaks and runs of blanks become one space, other signs that a terminal would obey U+FFFD. Raises ValueError
    for a text that is empty, longer than 200 characters or holds a card number or an IBAN, and for a time without a
    zone.
    """

    by: str
    at: datetime
    reason: str
    ticket: str | None = None
    break_glass: bool = False

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of a flip has a zone")
        object.__setattr__(self, "at", self.at.astimezone(UTC).replace(microsecond=0))
        object.__setattr__(self, "by", _line("who flips", self.by))
        object.__setattr__(self, "reason", _line("the reason", self.reason))
        if self.ticket is not None:
            object.__setattr__(self, "ticket", _line("the ticket", self.ticket))


@dataclass(frozen=True, slots=True)
class Annotation:
    """One flip, as its comment tells it."""

    subject: str
    before: Standing
    after: Standing
    note: Note

    def __str__(self) -> str:
        note = self.note
        ticket = f" ticket {_said(note.ticket)}" if note.ticket is not None else ""
        glass = " breaking the glass" if note.break_glass else ""
        return (
            f"# strangler: flipped {self.subject} {self.before} -> {self.after}"
            f" by {_said(note.by)} at {note.at.strftime(_TIME)}{ticket}{glass}: {_quoted(note.reason)}"
        )


def parse(comment: str) -> Annotation | None:
    """What a comment says, or None if it is not ours."""
    found = _FORM.fullmatch(comment)
    if found is None:
        return None
    try:
        at = datetime.strptime(found["at"], _TIME).replace(tzinfo=UTC)
        ticket = None if found["ticket"] is None else _heard(found["ticket"])
        note = Note(_heard(found["by"]), at, _heard(found["reason"]), ticket, found["glass"] is not None)
        return Annotation(found["subject"], _standing(found["before"]), _standing(found["after"]), note)
    except ValueError:
        return None


def told_since(old: str, new: str) -> tuple[Annotation, ...]:
    """The flips that a new text of a routes.yaml tells of and the old one did not."""
    known = set(_comments(old))
    found = (parse(comment) for comment in dict.fromkeys(_comments(new)) if comment not in known)
    return tuple(each for each in found if each is not None)


def _comments(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("# strangler: ")]


def _standing(text: str) -> Standing:
    stage, _, weight = text.partition(" ")
    return Standing(Stage(stage), float(weight) if weight else None)


def _line(what: str, text: str) -> str:
    joined = " ".join(text.split())
    if not joined:
        raise ValueError(f"{what} is empty; say it in a few words")
    if len(joined) > MOST:
        raise ValueError(f"{what} has {len(joined)} characters; a comment keeps {MOST}: say it shorter")
    if without_card_data(joined) != joined:
        raise ValueError(f"{what} holds what looks like a card number or an IBAN; say it without")
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in joined)


def _said(text: str) -> str:
    return text if _WORD.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _heard(text: str) -> str:
    return str(json.loads(text)) if text.startswith('"') else text
