"""application/x-www-form-urlencoded -> a value (WHATWG URL, section 5.1).

Law of this file: each field is a member with its decoded name, and its value is a string: `amount=10&line[0]=a` has
the paths `$.amount` and `$['line[0]']`. A field that comes more than once, on one side at least, is a list in order,
`$.tag[1]`. The order of other fields doesn't count.
"""

from urllib.parse import parse_qsl

from comparators.answers import Reading
from comparators.codings import Unreadable
from comparators.document import Json
from comparators.readable import MAX_PARTS, Malformed, gathered, told


def read_form(body: bytes, how: Reading) -> Json:
    """Raises Malformed for bytes that are no text, Unreadable for too many fields."""
    text = told(body, how)
    if text.count("&") >= MAX_PARTS:
        raise Unreadable(f"a form of more than {MAX_PARTS} fields")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, encoding=how.charset or "utf-8", errors="strict")
    except (UnicodeDecodeError, LookupError):
        raise Malformed("a form whose escapes are no text in its charset") from None
    return gathered([*pairs])
