"""Differences: the values are redacted by their path, and two that differed still look different."""

import pytest

from comparators import Difference, Kind, Severity
from proxy.redaction import RedactionRules, Redactor
from proxy.redaction.tokens import Sort, Tokens

KEY = b"k" * 32
TOKENS = Tokens(KEY)
PLAIN = Redactor(RedactionRules(), b"k" * 32)
JSON = ((b"Content-Type", b"application/json"),)
REDACTOR = Redactor(RedactionRules(("$..card.holder",), ("x-merchant",)), KEY)


def values(path: str, legacy: str | None, candidate: str | None) -> tuple[str | None, str | None]:
    (clean,) = REDACTOR.differences([Difference(path, Kind.VALUE, legacy, candidate)], ())
    return clean.legacy, clean.candidate


def test_ordinary_differences_pass_unchanged() -> None:
    difference = Difference("$.lines[3].amount", Kind.VALUE, '"10.00"', "10.0", "Decimal $..amount", Severity.INFO)
    assert REDACTOR.differences([difference], ()) == (difference,)


def test_values_are_judged_by_their_path() -> None:
    holder = f'"{TOKENS.of(Sort.PERSON, "Ann")}"'
    assert values("$.card.holder", '"Ann"', None) == (holder, None)
    assert values("$.card", '{"holder":"Ann","cvc":"123"}', None) == (
        f'{{"holder":{holder},"cvc":"cvc_removed"}}',
        None,
    )
    assert values("$.cvc.value", '"1"', "null") == ('"cvc_removed"', "null")
    assert values("header:x-merchant", '"m1"', None) == (f'"{TOKENS.secret(b"m1")}"', None)
    assert values("header:set-cookie", '["a=b"]', None) == (f'["{TOKENS.secret(b"a=b")}"]', None)
    assert values("header:set-cookie['sid']", '"b"', None) == (f'"{TOKENS.secret(b"b")}"', None)
    assert values("header:set-cookie['sid'].path", '"/"', '"/a"') == ('"/"', '"/a"')
    assert values("status", "200", "404") == ("200", "404")


def test_two_values_that_look_alike_afterwards_are_marked() -> None:
    pan = f'"{TOKENS.card("4111111111111111")}"'
    assert values("$.number", '"4111111111111111"', "4111111111111111") == (pan, f"{pan} (differs)")
    assert values("$.cvc", '"123"', '"456"') == ('"cvc_removed"', '"cvc_removed" (differs)')


@pytest.mark.parametrize("cut", ['{"holder":"Ann Exam…', '…"holder":"Ann","x":[…'])
def test_what_was_cut_is_replaced_whole_if_a_rule_might_name_something_in_it(cut: str) -> None:
    assert values("$.card", cut, None)[0] == TOKENS.secret(cut.encode())


def test_half_a_card_number_beside_a_cut_goes_too() -> None:
    legacy, _ = values("$.note", '"paid with 4111_1111_1111_1…', None)
    assert legacy == '"paid with…'


def test_a_path_that_was_cut_counts_as_named_by_the_rules() -> None:
    assert values("$.a.b…", '"Ann"', None) == (f'"{TOKENS.secret(b"Ann")}"', None)


def test_no_plain_hash_of_a_body_is_kept() -> None:
    legacy, _ = values("body", "16 bytes, sha256 " + "ab" * 32, None)
    assert legacy is not None
    assert legacy.startswith("16 bytes, sha256 body_")
    assert "abab" not in legacy


@pytest.mark.parametrize(
    ("path", "legacy", "media", "expected"),
    [
        ("body.lines[1]", '"4111 1111 1111 1111,739,Ann\\r"', "text/csv", "secret_"),
        ("body.lines[2]", '"739"', "application/xml", "secret_"),
        ("body.lines[0]", '"a=1&cvc=739"', "application/x-www-form-urlencoded", '"a=1&cvc=cvc_removed"'),
        ("body", '"{\\"customer\\":{\\"name\\":\\"Ann Le…', "application/json", '"{\\"customer\\":{\\"name\\":\\"…'),
        ("$[3][1]", '"739"', "text/csv", "secret_"),
        ("$[5]", '{"filename":"a.txt","content":"739"}', "multipart/mixed", '{"filename":"a.txt","content":"secret_'),
        ("$['card[cvc]']", '"739"', "application/x-www-form-urlencoded", '"cvc_removed"'),
        ("$.Card.Holder['#text']", '"Ann"', "application/xml", '"person_'),
        ("$.Card['@pan']", '"1234567890123"', "application/xml", '"pan_'),
        ("body.lines[0]", '"<cvc>739</cvc>"', "text/html", '"<cvc>cvc_removed</cvc>"'),
    ],
)
def test_a_piece_of_a_body_is_read_as_its_kind(path: str, legacy: str, media: str, expected: str) -> None:
    answer = ((b"Content-Type", media.encode()),)
    (clean,) = REDACTOR.differences([Difference(path, Kind.VALUE, legacy, None)], answer)
    assert clean.legacy is not None
    assert clean.legacy.lstrip('"').startswith(expected.lstrip('"'))


def test_a_card_number_as_a_name_does_not_survive_in_the_path() -> None:
    (clean,) = REDACTOR.differences([Difference("$['4111111111111111'].x", Kind.VALUE, "1", "2")], ())
    assert clean.path == f"$['{TOKENS.card('4111111111111111')}'].x"


@pytest.mark.parametrize("word", ["pin", "cvc", "holder", "bin", "zip", "otp", "email", "cid", "dob"])
@pytest.mark.parametrize("path", ["$.{}", "$['{}']", "$.a.{}[0]", "$.{}.value"])
def test_a_name_in_a_path_is_never_overlooked(word: str, path: str) -> None:
    value = "7391"
    (slow,) = REDACTOR.differences([Difference(path.format(word), Kind.VALUE, value, "7392")], ())
    (fast,) = PLAIN.differences([Difference(path.format(word), Kind.VALUE, value, "7392")], JSON)
    assert slow.legacy == fast.legacy != value


def test_what_a_parent_tells_is_not_overlooked() -> None:
    for path, value in (("$.customer.name", '"Ann"'), ("$.security.code", "739"), ("$.card.number", "1234567890123")):
        (clean,) = PLAIN.differences([Difference(path, Kind.VALUE, value, None)], JSON)
        assert clean.legacy != value


def test_what_holds_nothing_is_the_very_same() -> None:
    difference = Difference("$.id", Kind.VALUE, '"pay_3MtwBwLkdIwHu7ix28a3tqPa"', '"pay_4"')
    for redactor in (PLAIN, REDACTOR):
        assert redactor.differences([difference], JSON)[0] is difference
    (ruled,) = REDACTOR.differences([Difference("$.card.holder", Kind.VALUE, '"x"', None)], JSON)
    assert ruled.legacy != '"x"'
