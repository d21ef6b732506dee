"""E-mail addresses, credentials in URLs and telephone numbers in running text.

Law of this file: a run of digits is no telephone number by itself; it takes a word, or the scheme `tel:`, before it.
"""

import re
from functools import partial

from proxy.redaction.tokens import Sort, Tokens, is_token

_LOCAL = r"[\w.+!#$%*^`~-]"
_EMAIL = re.compile(rf"(?<!{_LOCAL})({_LOCAL}(?:{_LOCAL}|')*@(?:[\w-]+\.)+[^\W\d_][\w-]*\w)")
_USER_INFO = re.compile(r"(?<=://)([^/\s@\"'<>?#]{0,256}:[^/\s@\"'<>?#]{1,256})(?=@)")
_PHONE = re.compile(
    r"(?i)(?:tel:|(?:phone|mobile|msisdn|telefono?|telefone|telefoon|cell|fax)[_ -]?(?:number|no|nr)?\.?"
    r"(?:[\\\"'\]]|%5d|%22){0,4}\s{0,4}(?:[=:>]|%3d|%3a)?\s{0,4}\\?[\"']?)"
    r"((?:\+|%2b|00)[1-9][0-9](?:[ ().\-/]{0,3}[0-9]){5,13})(?![0-9])"
)


def without_contacts(text: str, tokens: Tokens) -> str:
    if "@" in text:
        text = _USER_INFO.sub(partial(_replaced, tokens, Sort.SECRET), text)
        text = _EMAIL.sub(partial(_replaced, tokens, Sort.EMAIL), text)
    return _PHONE.sub(partial(_replaced, tokens, Sort.PHONE), text)


def _replaced(tokens: Tokens, sort: Sort, match: re.Match[str]) -> str:
    if is_token(match[1]):
        return match[0]
    start = match.start()
    return match[0][: match.start(1) - start] + tokens.of(sort, match[1]) + match[0][match.end(1) - start :]
