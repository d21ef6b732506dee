"""The one gate through which everything passes that leaves memory.

Law of this file: it never raises on what a client or a server sent.
"""

from collections.abc import Sequence
from http import HTTPMethod, HTTPStatus
from typing import Final

from msgspec.structs import replace

from comparators import Difference
from proxy.messages import Exchange, Failure, Headers, Observation, Request, Response
from proxy.redaction.body import Bodies, media_of
from proxy.redaction.cards import TooManyCandidates
from proxy.redaction.difference import Differences
from proxy.redaction.form import redact_target
from proxy.redaction.headers import HeaderRules
from proxy.redaction.paths import PathSet
from proxy.redaction.place import Places
from proxy.redaction.prefilter import is_clean
from proxy.redaction.rules import RedactionRules
from proxy.redaction.text import scan
from proxy.redaction.tokens import Tokens
from proxy.redaction.values import Values

DECODED_FROM = b"X-Strangler-Decoded-From"
"""The field of ours that names the codings of a body that is kept without them."""

_USUAL_WORDS: Final = frozenset(word.encode() for word in (*HTTPMethod, *(status.phrase for status in HTTPStatus)))
"""Methods and reasons that hold nothing but themselves."""


class Redactor:
    """Redacts messages by the defaults and one policy's rules; build it once and keep it.

    Raises ValueError (comparators.PathError) for a path that cannot be read, and for a key of fewer than 16 bytes.
    """

    def __init__(self, rules: RedactionRules, key: bytes) -> None:
        paths = PathSet(rules.json_paths)
        self._tokens = Tokens(key)
        self._values = Values(self._tokens)
        self._places = Places(paths)
        self._headers = HeaderRules(self._values, self._places, rules.headers)
        self._bodies = Bodies(self._values, self._places, paths.needed_names(), self._headers)
        self._differences = Differences(self._values, self._places, self._headers, self._bodies)

    def exchange(self, exchange: Exchange) -> Exchange:
        return replace(exchange, request=self.request(exchange.request), primary=self.observation(exchange.primary))

    def observation(self, observation: Observation) -> Observation:
        outcome = observation.outcome
        if isinstance(outcome, Failure):
            return replace(observation, outcome=replace(outcome, detail=self.text(outcome.detail)))
        return replace(observation, outcome=self.response(outcome))

    def request(self, request: Request) -> Request:
        headers, body = self._message(request.headers, request.body)
        return Request(self._token(request.method), self.target(request.target), headers, body)

    def response(self, response: Response) -> Response:
        headers, body = self._message(response.headers, response.body)
        return Response(response.status, self._token(response.reason), headers, body)

    def request_line(self, request: Request) -> Request:
        """The same without fields and body."""
        return Request(self._token(request.method), self.target(request.target), (), b"")

    def status_line(self, response: Response) -> Response:
        """The same without fields and body."""
        return Response(response.status, self._token(response.reason), (), b"")

    def differences(self, differences: Sequence[Difference], answer: Headers) -> tuple[Difference, ...]:
        """Values that were equal stay equal; a pair that only looks equal once redacted is marked.

        `answer`: the fields of an answer, which say what kind of body it is that differs.
        """
        if not differences:
            return ()
        media = media_of(answer)
        return tuple([self._differences.redact(difference, media) for difference in differences])

    def target(self, target: bytes) -> bytes:
        """A request target or URL: its path and its query."""
        text = target.decode("latin-1")
        try:
            if is_clean(target):
                return target
            clean = redact_target(text, self._values, self._places)
        except TooManyCandidates:
            clean = self._tokens.secret(target)
        return target if clean == text else clean.encode("latin-1", "backslashreplace")

    def text(self, text: str) -> str:
        """Words of our own about a message, such as the reason of a verdict."""
        try:
            return scan(text, self._tokens)
        except TooManyCandidates:
            return self._tokens.secret(text.encode(errors="surrogatepass"))

    def _message(self, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        kept = self._bodies.kept(body, headers)
        clean = self._headers.redact(headers)
        return (_decoded(clean, kept.decoded_from) if kept.decoded_from else clean), kept.body

    def _token(self, word: bytes) -> bytes:
        return word if word in _USUAL_WORDS else self._searched(word)

    def _searched(self, word: bytes) -> bytes:
        text = word.decode("latin-1")
        clean = self.text(text)
        return word if clean == text else clean.encode("latin-1", "backslashreplace")


def _decoded(headers: Headers, coding: str) -> Headers:
    """The headers of a body that is kept decoded, with a field of ours that says so."""
    plain = [(name, b"identity" if name.lower() == b"content-encoding" else value) for name, value in headers]
    return (*plain, (DECODED_FROM, coding.encode("latin-1", "replace")))
