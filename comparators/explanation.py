"""DeepDiff's words about two answers, for a person.

Law of this file: it explains and never judges; nothing here is called by compare(). DeepDiff is slow (milliseconds
for 1 KB), so it is given small bodies only, and imported when first asked for.
"""

from comparators.answers import CONTENT_ENCODING, Answer, fields, reading
from comparators.codings import Unreadable, decoded
from comparators.document import BYTE_ORDER_MARK, Json, NotJson, parse

MAX_EXPLAINED = 64 * 1024
"""Bytes of one decoded body that DeepDiff is given; it then takes a second at the worst."""

MAX_WORDS = 20_000
"""Characters of an explanation."""


def explain(legacy: Answer, candidate: Answer) -> str:
    """What DeepDiff says about status and body, at most MAX_WORDS characters. Holds clear values: redact it."""
    try:
        words = _deepdiff(_facts("legacy", legacy), _facts("candidate", candidate))
    except Unreadable as unreadable:
        return f"Can't be explained: {unreadable}."
    except RecursionError:
        return "Can't be explained: nested too deeply."
    words = words or "No differences in status and body."
    return words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1] + "…"


def _deepdiff(legacy: dict[str, object], candidate: dict[str, object]) -> str:
    from deepdiff import DeepDiff  # a tenth of a second, which only those pay who ask

    # by index, without max_diffs: DeepDiff answers {} when it reaches that bound
    words = str(DeepDiff(legacy, candidate, zip_ordered_iterables=True, ignore_private_variables=False).pretty())
    return words.encode("utf-8", "backslashreplace").decode()


def _facts(side: str, answer: Answer) -> dict[str, object]:
    try:
        body = decoded(answer.body, reading(fields(answer, {CONTENT_ENCODING})).codings) if answer.body else b""
        if len(body) > MAX_EXPLAINED:
            raise Unreadable(f"the body is larger than {MAX_EXPLAINED} bytes")
        return {"status": answer.status, "body": _body(body)}
    except Unreadable as unreadable:
        raise Unreadable(f"{side}: {unreadable}") from None


def _body(body: bytes) -> "Json | list[str]":
    try:
        return parse(body.removeprefix(BYTE_ORDER_MARK)).value
    except NotJson:
        return body.decode("utf-8", "replace").splitlines()
