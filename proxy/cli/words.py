"""Numbers, times and values as people read them in a terminal.

Law of this file: what came over the wire never commands the terminal: signs that are not printable are replaced.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.text import Text

from comparators import Difference, Severity

_KEPT = "\n\t"


def printable(text: str) -> str:
    """The text with a sign in place of what a terminal would obey; line ends and tabs stay."""
    return "".join(sign if sign.isprintable() or sign in _KEPT else "\N{REPLACEMENT CHARACTER}" for sign in text)


def shown(text: str, style: str = "") -> Text:
    """Text for a terminal: one line, no markup."""
    return Text(printable(text).replace("\n", "⏎").replace("\t", " "), style=style)


def kind_of(kind: str, severity: Severity) -> str:
    """What differs and, unless it may break a client, what that means: `value`, `added, additive`."""
    return kind if severity is Severity.BREAKING else f"{kind}, {severity}"


def difference_lines(difference: Difference) -> Iterator[Text]:
    """A difference in three lines: where and what, and both values."""
    excuse = f"  excused by {difference.rule}" if difference.rule else ""
    kind = shown(kind_of(difference.kind, difference.severity), "cyan")
    yield Text.assemble(shown(difference.path, "bold"), "  ", kind, shown(excuse, "dim"))
    for name, value in (("legacy", difference.legacy), ("candidate", difference.candidate)):
        yield Text(f"  {name:<10} ") + shown("(absent)" if value is None else value)


def seconds(value: float) -> str:
    """A latency with three digits: `0.42 ms`, `34.9 ms`, `1.25 s`."""
    if value < 0.9995:
        return f"{value * 1000:.3g} ms"
    return f"{value:.3g} s" if value < 1000 else f"{value:,.0f} s"


def percent(share: float) -> str:
    """A share; never `0 %` for something that was, nor `100 %` for not quite all."""
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 <= share < 1:
        return ">99.9 %"
    return f"{share:.1%}".replace("%", " %").replace(".0 %", " %")


def moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(first: float, last: float) -> str:
    """From the first to the last moment, the date said once if it is one."""
    begin, end = datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)
    until = f"{end:%H:%M:%S}" if begin.date() == end.date() else f"{end:%Y-%m-%d %H:%M:%S}"
    return f"{begin:%Y-%m-%d %H:%M:%S} to {until} UTC"


def count(number: int, thing: str) -> str:
    """`1 exchange`, `1,204 exchanges`, `2 mismatches`."""
    plural = thing if number == 1 else thing + ("es" if thing.endswith(("s", "ch", "x")) else "s")
    return f"{number:,} {plural}"


def no_exchanges(route: str | None, known: Sequence[str]) -> str:
    """That there are none, on this route or at all; `known`: the routes on which there are."""
    if not known:
        return (
            "no exchanges yet. They come when `strangler serve` carries traffic on a route of stage `shadow`;"
            " `strangler status` shows what is running."
        )
    names = ", ".join(map(printable, known[:20])) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
    return f"no exchanges{f' on route {printable(route)}' if route else ''}; this store has them on {names}."


def pair(legacy: str | None, candidate: str | None, room: int) -> tuple[str, str]:
    """Both values in at most `room` characters each, cut so that the place where they part can be seen."""
    ours, theirs = _said(legacy), _said(candidate)
    if max(len(ours), len(theirs)) <= room:
        return ours, theirs
    common = next(
        (at for at, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
    )
    start = max(0, common - room // 3)
    return _window(ours, start, room), _window(theirs, start, room)


def _said(value: str | None) -> str:
    return "(absent)" if value is None else value


def _window(text: str, start: int, room: int) -> str:
    if len(text) <= room:
        return text
    start = min(start, len(text) - room)
    cut = text[start : start + room]
    cut = "…" + cut[1:] if start else cut
    return cut[:-1] + "…" if start + room < len(text) else cut
