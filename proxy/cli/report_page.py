"""A report as one HTML file that needs nothing else: it can be mailed, kept, printed and opened years later.

Law of this file: no request to anywhere, no script, and a policy in the page that forbids both; all text is escaped,
since values come from whoever sent the traffic; no state is told by colour alone.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from markupsafe import Markup

from proxy.cli import finding_words
from proxy.cli.finding_words import often, short, standing, what
from proxy.cli.report_text import losses, period
from proxy.cli.templating import FOLDER, filled
from proxy.cli.words import count, pair, printable
from proxy.store.answers import FieldFinding, Report, RouteReport

MOST_FIELDS: Final = 50
"""Causes of one route that are shown."""

_ROOM: Final = 256


@dataclass(frozen=True, slots=True)
class Said:
    """A value, with the part in which it differs from the other one."""

    before: str
    differs: str
    after: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Both values; None for one that is not there."""

    legacy: Said | None
    candidate: Said | None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the bar that shows what became of the comparisons, in thousandths of its width."""

    name: str
    label: str
    count: int
    share: float
    start: float
    width: float


def page(report: Report, made: float) -> str:
    """The whole file. `made`: Unix seconds."""
    style = (FOLDER / "report.css").read_text(encoding="utf-8")
    exchanges = sum(route.exchanges for route in report.routes)
    return filled(
        "report.html",
        {
            "what": what,
            "often": often,
            "short": short,
            "standing": standing,
            "noise": finding_words.noise,
            "shares": finding_words.shares,
            "control": finding_words.control,
            "pair": marked,
            "parts": lambda route: list(parts(route)),
        },
        report=report,
        headline=finding_words.headline(report.routes),
        mood=_mood(report),
        regressed=list(finding_words.regressions(report.routes)),
        exchanges=f"{count(exchanges, 'exchange')} on {count(len(report.routes), 'route')}",
        when=period(report),
        losses=list(losses(report)),
        most=MOST_FIELDS,
        style=Markup(style),  # noqa: S704  # our own file
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        made=made,
        version=version("strangler"),
    )


def _mood(report: Report) -> str:
    if sum(route.unexplained for route in report.routes):
        return "bad"
    return "good" if sum(route.compared for route in report.routes) else "warn"


def marked(field: FieldFinding) -> Pair:
    """The pair of values, the part in which they differ marked in each."""
    legacy, candidate = pair(field.legacy, field.candidate, _ROOM)
    start = _alike(legacy, candidate)
    end = _alike(legacy[start:][::-1], candidate[start:][::-1])
    both = field.legacy is not None and field.candidate is not None
    cut = (start, end) if both else (0, 0)
    return Pair(
        None if field.legacy is None else _said(legacy, *cut, both),
        None if field.candidate is None else _said(candidate, *cut, both),
    )


def _said(text: str, start: int, end: int, is_marked: bool) -> Said:
    if not is_marked:
        return Said(printable(text), "", "")
    until = len(text) - end
    return Said(printable(text[:start]), printable(text[start:until]), printable(text[until:]))


def _alike(one: str, other: str) -> int:
    """How many signs both begin with."""
    for place, (ours, theirs) in enumerate(zip(one, other, strict=False)):
        if ours != theirs:
            return place
    return min(len(one), len(other))


def parts(route: RouteReport) -> Iterator[Part]:
    """What became of the comparisons of a route, without what did not happen."""
    counts = (
        ("match", "match", route.match),
        ("ignored", "ignored by rules", route.ignored),
        ("noise", "noise", route.noise),
        ("settled", "accepted or fixed", route.settled),
        ("open", "unexplained", route.unexplained),
    )
    start = 0.0
    for name, label, number in counts:
        if number:
            share = number / route.compared
            yield Part(name, label, number, share, round(start, 2), round(1000 * share, 2))
            start += 1000 * share
