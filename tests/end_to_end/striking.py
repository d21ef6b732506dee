"""The cases of "nothing is sent twice": where a connection is struck, and what a client may then be told.

Law of this file: pure. A verdict follows from three facts alone: the case, what the upstream received, what the client
saw.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, product

from proxy.messages import SAFE_METHODS
from tests.end_to_end.asking import Answered
from tests.end_to_end.counting import ANSWER_BODY, ANSWERS, Attempt, Strike, answer_to

METHODS = (b"GET", b"HEAD", b"OPTIONS", b"POST", b"PUT", b"PATCH", b"DELETE")
POINTS = ("on accept", "mid head", "after head", "mid body", "before the answer", "mid answer")
BODY = b'{"amount": "10.00", "currency": "EUR", "reference": "invoice-2024-0001"}'
FRAMED = {
    "none": (b"", b""),
    "sized": (b"Content-Length: %d\r\n" % len(BODY), BODY),
    "chunked": (
        b"Transfer-Encoding: chunked\r\n",
        b"20\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (BODY[:32], len(BODY) - 32, BODY[32:]),
    ),
}
BODIES = ("none", "sized", "chunked")
"""How requests of each method are framed."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Bytes of a request as the upstream gets it: its head, and all of it."""

    head: int
    total: int


@dataclass(frozen=True, slots=True)
class Case:
    """One request, and where its connection is struck. `kept`: on a connection that has served before."""

    method: bytes
    body: str
    framing: str
    point: str
    kept: bool
    strike: Strike

    @property
    def safe(self) -> bool:
        return self.method in SAFE_METHODS


def pieces(case: Case, target: bytes, shape: Shape) -> tuple[bytes, bytes]:
    """What is sent before the strike and what after it, so that the strike falls at its byte of the body too."""
    fields, body = FRAMED[case.body]
    head = b"%b %b HTTP/1.1\r\nHost: pay.example\r\n%b\r\n" % (case.method, target, fields)
    read = case.strike.read
    if case.point in ("before the answer", "mid answer") or (read < shape.head and read % 2):
        return head + body, b""
    before = max(0, read - shape.head) if case.body == "sized" else len(body) // 2 if read > shape.head else 0
    return head + body[:before], body[before:]


def cases(method: bytes, shapes: dict[str, Shape], number: int, points: Sequence[str] = POINTS) -> Iterator[Case]:
    """`number` cases for each of the points: every byte position in turn, by RST and FIN, on fresh and kept
    connections. Where there are fewer cases than positions, they are spread over all of them.
    """
    for point in points:
        found = [each for body in BODIES for each in _at(method, body, point, shapes)]
        step = max(1, len(found) // number) | 1
        yield from islice(cycle(found[:: step if len(found) > number else 1]), number)


def _at(method: bytes, body: str, point: str, shapes: dict[str, Shape]) -> Iterator[Case]:
    for framing, kept, reset in product(ANSWERS, (False, True), (False, True)):
        for read, written in _positions(point, shapes[body], len(answer_to(method + b" ", framing))):
            yield Case(method, body, framing, point, kept, Strike(read, written, reset))


def _positions(point: str, shape: Shape, answer: int) -> Iterator[tuple[int, int]]:
    match point:
        case "on accept":
            yield 0, 0
        case "mid head":
            yield from ((at, 0) for at in range(1, shape.head))
        case "after head" if shape.total > shape.head:
            yield shape.head, 0
        case "mid body":
            yield from ((at, 0) for at in range(shape.head + 1, shape.total))
        case "before the answer":
            yield shape.total, 0
        case "mid answer":
            yield from ((shape.total, at) for at in range(1, answer + 1))


def objection(case: Case, attempts: Sequence[Attempt], executed: int, answered: Answered) -> str | None:
    """What is wrong, or None. `attempts`: those of which the upstream received at least one byte."""
    repeatable = case.safe and case.strike.written == 0 and (not attempts or attempts[0].kept)
    if len(attempts) > 1 + repeatable:
        return f"sent {len(attempts)} times"
    if executed > 1 + repeatable:
        return f"executed {executed} times"
    if answered.status == 0:
        return "the client got nothing"
    if answered.status == 200:
        return _of_an_answer(case, attempts, answered)
    if executed and len(attempts) == 1 and _complete(case):
        return f"the whole answer was lost: {answered.status}"
    if case.safe and case.kept and case.body == "none" and attempts and attempts[0].kept and not case.strike.written:
        return f"a safe request was not repeated: {answered.status}"
    return _of_a_problem(case, attempts, answered)


def _complete(case: Case) -> bool:
    """Whether the answer was whole when its connection was struck, and said so itself."""
    framed = case.framing != "until close" or case.method == b"HEAD" or not case.strike.reset
    return framed and case.strike.written == len(answer_to(case.method + b" ", case.framing))


def _of_an_answer(case: Case, attempts: Sequence[Attempt], answered: Answered) -> str | None:
    body = b"" if case.method == b"HEAD" else ANSWER_BODY
    repeated = len(attempts) > 1 or case.strike.read == 0
    if not answered.whole:
        visible = body.startswith(answered.body) and (answered.body != body or case.framing != "sized")
        fair = case.strike.written > 0 and not _complete(case) and not repeated
        return None if visible and fair else f"truncated without need: {answered.body!r}"
    if answered.body == body and (repeated or _complete(case) or _all_but_its_end(case)):
        return None
    if case.framing == "until close" and not case.strike.reset and body.startswith(answered.body):
        return None  # the end of the connection is the end of this answer: nobody can tell
    return f"a truncated answer that looks whole: {answered.body!r}"


def _all_but_its_end(case: Case) -> bool:
    """A strike that did not happen: chunks that came in another number of bytes than were counted on."""
    return case.body == "chunked" and case.strike.written == 0 and case.point == "mid body"


def _of_a_problem(case: Case, attempts: Sequence[Attempt], answered: Answered) -> str | None:
    if not answered.whole or b"application/problem+json" not in answered.head:
        return f"neither an answer nor a problem: {answered.head!r}"
    if case.safe:
        fair = answered.status in (502, 503, 504) and answered.problem != "outcome-unknown"
        return None if fair else f"a safe request got {answered.status} {answered.problem}"
    if answered.problem == "outcome-unknown":
        fair = answered.status in (502, 504) and not answered.retry_after
        return None if fair else "outcome-unknown as something else, or with Retry-After"
    if attempts:
        return f"it was sent and the client was told {answered.status} {answered.problem}"
    return None if answered.status == 503 and answered.retry_after else f"unsent, and told {answered.status}"
