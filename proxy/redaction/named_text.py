"""Values in running text whose name stands before them: codes, passwords, cookies, credentials, people.

Law of this file: no structure is relied on. It is the last resort for what cannot be parsed, so in doubt it removes.
"""

import re
from functools import partial

from proxy.redaction.credentials import CREDENTIAL
from proxy.redaction.keys import Telling
from proxy.redaction.tokens import Sort, Tokens, is_token
from proxy.redaction.words import NAME_PARENTS

_SIGN = r"(?:\W|%[0-9a-f]{2}){1,8}"
_ATTRIBUTES = r"\s[^<>\r\n]{0,64}>\s{0,8}"
_INPUT = r"\\?[\"'][^<>]{0,96}?\bvalue\s{0,4}=\s{0,4}\\?[\"']?"  # HTML: name="…" value="
_PART = r"\"[^\r\n]{0,64}\r?\n(?:[^\r\n]{1,200}\r?\n){0,4}\r?\n"  # of a multipart form
_CVC_WORDS = (
    r"(?:c[av]v2?|cvc(?!_removed)|cvn|csc|cv2|security(?:[ _-]?|\\?[>\"\]]\W{0,7})code"
    r"|(?:verification|validation)[ _-]?(?:code|value)|(?:karten)?pr(?:ü|u|ue)f(?:ziffer|nummer)"
    r"|cryptogramme(?: visuel)?|c[oó]digo de seguran[cç]a|c[oó]digo de seguridad|codice di sicurezza)"
)
_CVC = re.compile(
    rf"(?i){_CVC_WORDS}(?:[\w\]]|%5d){{0,16}}?(?:{_SIGN}|{_ATTRIBUTES}|{_INPUT}|{_PART})([0-9]{{3,4}})(?![0-9])"
)


def _before(words: str, digits: str) -> re.Pattern[str]:
    """An HTML input whose value comes before its name."""
    name = rf"\b(?:name|id)\s{{0,4}}=\s{{0,4}}\\?[\"']?[^\s\"'<>]{{0,24}}?{words}"
    return re.compile(rf"(?i)\bvalue\s{{0,4}}=\s{{0,4}}\\?[\"']?({digits})(?![0-9])\\?[\"']?[^<>]{{0,96}}?{name}")


def _word(word: str, digits: str) -> re.Pattern[str]:
    """A short word as a name: it stands alone, and a sign or a tag's attributes follow."""
    start = r"(?:(?<![a-z0-9])|(?<=%5b))(?:card|encrypted)?[_-]?"
    sign = rf"(?=[ ]?(?:[\"'=:>\\]|%[3-7])){_SIGN}"
    return re.compile(
        rf"(?i)(?:{start}{word}(?:\]|%5d)?(?:{sign}|{_INPUT}|{_PART})|[<:]{word}{_ATTRIBUTES})({digits})(?![0-9])"
    )


_CODES = (
    ("", _CVC, Telling.CVC.mark),
    ("value", _before(_CVC_WORDS, "[0-9]{3,4}"), Telling.CVC.mark),
    ("cid", _word("cid", "[0-9]{3,4}"), Telling.CVC.mark),
    ("pin", _word("pin", "[0-9]{4,12}"), Telling.PIN.mark),
    ("pin", _before(r"(?<![a-z0-9])(?:card)?pin\b", "[0-9]{4,12}"), Telling.PIN.mark),
    ("pin", _word("pin[_-]?block", "[0-9a-f]{16,64}"), Telling.PIN.mark),
)
"""A word in lower case without which the pattern finds nothing, the pattern, and what stands for the code."""

_END = r"(?:[\\\"'\]]|%5d|%22){0,4}\s{0,4}"
_IS = rf"{_END}(?:[=:>]|%3d)\s{{0,4}}\\?[\"']?"
_ONE = r"[^\s\"'&<>,;\\]"
_NAMED = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|secret|secret[_-]?key|api[_-]?key|private[_-]?key|session[_-]?(?:id|key)|sessid"
    rf"|cookie|(?:access|refresh|id|auth|session|csrf)[_-]?token)(?:{_IS}|{_INPUT})({_ONE}{{3,4096}})"
)
_TOKEN = re.compile(  # "token: x" may be prose: without quotes it needs a digit or some length
    rf"(?i)(?<!page)(?<!page[_-])token(?:{_INPUT}|{_END}(?:[=>]\s{{0,4}}\\?[\"']?|%3d|:\s{{0,4}}\\?[\"']"
    rf"|:\s{{0,4}}(?={_ONE}{{0,64}}[0-9]|{_ONE}{{16}})))({_ONE}{{3,4096}})"
)
_COOKIE = re.compile(r"(?i)\bcookie2?\s{0,4}:\s{0,4}([^\s\"'\\<][^\r\n]{3,})")
_COOKIE_QUOTED = re.compile(r"(?i)\bcookie2?\\?[\"']?\s{0,4}[:=]\s{0,4}\\?\"((?:[^\r\n\"\\]|\\.){4,})")
_COOKIE_SINGLE = re.compile(r"(?i)\bcookie2?[\"']?\s{0,4}[:=]\s{0,4}'([^\r\n']{4,})")
_COOKIE_TAG = re.compile(r"(?i)\bcookie2?>\s{0,4}([^\r\n<]{4,})")
_AUTHORIZED = r"authorization\\?[\"']?\s{0,4}[:=>]\s{0,4}\\?[\"']?"
_PARAMETERS = re.compile(
    rf"(?i){_AUTHORIZED}[a-z][\w-]{{0,31}}\s{{1,4}}((?=[\w-]{{1,32}}\s?=\s?[\"\\\w])[^\r\n]{{3,}})"
)
_CREDENTIALS = re.compile(
    rf"(?i)(?:{_AUTHORIZED}(?:(?:basic|token|digest|negotiate|ntlm|api-?key)\s{{1,4}}"
    rf"|(?:[a-z][\w-]{{0,31}}\s{{1,4}})?(?={_ONE}{{16}})"
    rf"|[a-z][\w-]{{0,31}}\s{{1,4}}(?={_ONE}{{0,64}}[0-9])(?={_ONE}{{0,64}}[a-z]))"
    rf"|authorization\W{{1,6}}basic\s{{1,4}})({_ONE}{{3,4096}})"
)
_BEARER = re.compile(r"(?i)\b(?:bearer\s{1,4}((?=[^\s\"',;]{0,4096}[0-9])[^\s\"',;]{4,4096}|[^\s\"',;]{16,4096}))")
_PERSON_WORDS = (
    r"(?:(?:first|last|full|given|family|middle|maiden|birth|holder|owner|payer|payee|customer|shopper|recipient"
    r"|beneficiary|contact|legal|account|billing|shipping)[ _.-]?name|surname|(?:card|account)?[ _.-]?holder"
    r"|name[ _.-]?on[ _.-]?card|birth[ _.-]?(?:date|day)|date[ _.-]?of[ _.-]?birth|dob|address[ _.-]?line[ _.-]?[123]"
    r"|street|line[12]|post(?:al)?[ _.-]?code|zip(?:code)?|ssn|vorname|nachname|(?:karten|konto)inhaber|titulaire"
    r"|titular|pr[eé]nom|apellidos?|cognome|intestatario|sobrenome|voornaam|achternaam)"
)
_QUOTED = (
    r"(?:\\?\"((?:[^\"\\\r\n]|\\[^\"]){1,256})|'([^'\r\n]{1,256})"
    r"|([^\s\"'&<>,;:=\\][^\s\"'&<>,;=\\]*(?: [A-Z][^\s&<>,;=\"']*){0,4}))"
)
_PERSON = re.compile(rf"(?i:{_PERSON_WORDS}{_END}(?:[=:]|%3d)\s{{0,4}}){_QUOTED}")
_PARENTS = "|".join("[ _.-]?".join(word) if len(word) > 8 else word for word in NAME_PARENTS)
_PERSON_INSIDE = re.compile(
    rf"(?i:(?:{_PARENTS}){_END}(?:[=:]|%3d)?\s{{0,8}}[{{\[][^{{}}]{{0,256}}?[\"']name{_END}[:=]\s{{0,4}}){_QUOTED}"
)
_PERSON_TAG = re.compile(rf"(?i)<(?:[\w-]+:)?[\w.-]{{0,32}}?{_PERSON_WORDS}(?:{_ATTRIBUTES}|>)([^<>]{{1,256}})</")
_PERSON_PART = re.compile(rf"(?i){_PERSON_WORDS}(?:{_INPUT}|{_PART})([^\"'<>\r\n]{{1,256}})")
_BASIC = re.compile(r"(?i:\bbasic)\s{1,4}((?=\S{1,512}[A-Z0-9=])[A-Za-z0-9+/_-]{8,4096}={0,2})(?=[\s\"',;<&]|\Z)")
_SECRETS = (
    ("cookie", _COOKIE),
    ("cookie", _COOKIE_QUOTED),
    ("cookie", _COOKIE_SINGLE),
    ("cookie", _COOKIE_TAG),
    ("authorization", _PARAMETERS),
    ("bearer", _BEARER),
    ("authorization", _CREDENTIALS),
    ("basic", _BASIC),
    ("", _NAMED),
    ("token", _TOKEN),
    ("", CREDENTIAL),
)
_CONSTANTS = frozenset({"null", "None", "true", "false", "undefined"})
_PEOPLE = (_PERSON, _PERSON_INSIDE, _PERSON_TAG, _PERSON_PART)


def without_named(text: str, tokens: Tokens) -> str:
    lower = text.lower()
    for word, pattern, mark in _CODES:
        if word in lower:
            text = pattern.sub(partial(_replaced, token=mark), text)
    for word, pattern in _SECRETS:
        if word in lower:
            text = pattern.sub(partial(_tokenised, tokens, Sort.SECRET), text)
    for pattern in _PEOPLE:
        text = pattern.sub(partial(_tokenised, tokens, Sort.PERSON), text)
    return text


def _tokenised(tokens: Tokens, sort: Sort, match: re.Match[str]) -> str:
    value = match[match.lastindex or 1]
    known = is_token(value.strip()) or value in _CONSTANTS
    return match[0] if known else _replaced(match, tokens.of(sort, value))


def _replaced(match: re.Match[str], token: str) -> str:
    start, group = match.start(), match.lastindex or 1
    return match[0][: match.start(group) - start] + token + match[0][match.end(group) - start :]
