"""Forms and query strings with their secrets replaced: `a=1&card[number]=4111...`.

Law of this file: a pair that holds no secret keeps its bytes; names are read as paths:
`card[number]` is `$.card.number`.
"""

import re
from urllib.parse import quote_plus, unquote_plus

from proxy.redaction.keys import Telling
from proxy.redaction.place import Places
from proxy.redaction.values import Values

_STEP = re.compile(r"[^\[\]]+")


def redact_form(text: str, values: Values, places: Places) -> str:
    """The pairs, redacted. Raises TooManyCandidates."""
    return "&".join(_pair(pair, values, places) for pair in text.split("&"))


def redact_target(text: str, values: Values, places: Places) -> str:
    """A request target or URL: its path as text, its query as pairs. Raises TooManyCandidates."""
    path, mark, query = text.partition("?")
    path = values.named(path, Telling.NOTHING, False)
    return path + mark + redact_form(query, values, places) if mark else path


def _pair(pair: str, values: Values, places: Places) -> str:
    name, sign, value = pair.partition("=")
    clean_name = _replaced(name, values.named(unquote_plus(name), Telling.NOTHING, False))
    if not sign:
        return clean_name
    steps: list[str | int] = [int(step) if step.isdecimal() else step for step in _steps(name)]
    place = places.at(steps)
    clear = unquote_plus(value)
    clean = values.named(clear, place.telling, place.by_rule)
    return clean_name + sign + _replaced(value, clean)


def _steps(name: str) -> list[str]:
    return _STEP.findall(unquote_plus(name)[:1024])


def _replaced(raw: str, clean: str) -> str:
    return raw if clean == unquote_plus(raw) else quote_plus(clean)
