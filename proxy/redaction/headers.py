"""Headers: the ones whose values are never kept, and secrets in the values of all others.

Law of this file: order, case and the number of headers stay; only values change, and a name that is a secret itself.
"""

from proxy.messages import Headers
from proxy.redaction.cards import TooManyCandidates
from proxy.redaction.form import redact_target
from proxy.redaction.keys import Telling, telling
from proxy.redaction.place import Places
from proxy.redaction.prefilter import is_clean
from proxy.redaction.text import scan
from proxy.redaction.values import Values

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "cookie2", "set-cookie2", "x-api-key", "api-key"}
    | {"x-auth-token", "x-access-token", "x-session-token"}
)
_MEMORY = 1024
_LONG_NAME = 13


class HeaderRules:
    """Redacts headers by the defaults, by their names, and by the names that the rules add (lower case)."""

    def __init__(self, values: Values, places: Places, names: tuple[str, ...]) -> None:
        self._values = values
        self._places = places
        self._secret = SECRET_HEADERS | {name.lower() for name in names}
        self._tellings: dict[bytes, Telling] = {}

    def redact(self, headers: Headers) -> Headers:
        try:
            clean = is_clean(b"\n".join([value for _, value in headers]))
        except TooManyCandidates:
            clean = False
        return tuple([(self._name(name), self._value(name, value, clean)) for name, value in headers])

    def telling(self, name: bytes) -> Telling:
        known = self._tellings.get(name)
        if known is None:
            if len(self._tellings) >= _MEMORY:
                self._tellings.clear()
            text = name.decode("latin-1").lower()
            known = self._tellings[name] = Telling.SECRET if text in self._secret else telling(text)
        return known

    def text(self, telling: Telling, value: str) -> str:
        """One value of a header that announces `telling`. Raises TooManyCandidates."""
        if telling is Telling.NOTHING:
            return redact_target(value, self._values, self._places)
        return self._values.named(value, telling, False)

    def _name(self, name: bytes) -> bytes:
        if len(name) < _LONG_NAME or name.isalpha():
            return name
        try:
            clean = scan(text := name.decode("latin-1"), self._values.tokens)
        except TooManyCandidates:
            return self._values.tokens.secret(name).encode()
        return name if clean == text else clean.encode("latin-1", "backslashreplace")

    def _value(self, name: bytes, value: bytes, clean: bool) -> bytes:
        kind = self.telling(name)
        if kind is Telling.NOTHING and clean:
            return value
        text = value.decode("latin-1")
        try:
            kept = self.text(kind, text)
        except TooManyCandidates:
            kept = self._values.tokens.secret(value)
        return value if kept == text else kept.encode("latin-1", "backslashreplace")
