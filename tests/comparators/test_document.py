"""JSON is read exactly, or it is said why not."""

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparators.codings import Unreadable
from comparators.document import Json, NotJson, Repeated, parse
from tests.comparators.support import DOCUMENTS, spelled


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"1", 1),
        (b"-0", 0),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"9" * 4300, 10**4300 - 1),
        (b' {"a" : [ ] }\r\n', {"a": []}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\ud800"', "\ud800"),
        (b'"\x7f"', "\x7f"),
    ],
)
def test_values(body: bytes, value: Json) -> None:
    parsed = parse(body).value
    assert (type(parsed), parsed) == (type(value), value)


@pytest.mark.parametrize(
    "text", ["1.0", "10.00", "1E+400", "0.1000000000000000055511151231257827", "-0.0", "1E-999999"]
)
def test_decimals_keep_every_digit(text: str) -> None:
    parsed = parse(text.encode()).value
    assert isinstance(parsed, Decimal)
    assert str(parsed) == str(Decimal(text))


def test_an_integer_longer_than_the_interpreter_converts_is_exact() -> None:
    assert parse(b"-" + b"9" * 5000).value == Decimal("-" + "9" * 5000)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":1,"a":2}', {"a": Repeated([1, 2])}),
        (b'{"a" :1,"a" :2}', {"a": Repeated([1, 2])}),
        (b'{"a":1,"b":[{"c":1,"c":1}],"a":null,"a":2}', {"a": Repeated([1, None, 2]), "b": [{"c": Repeated([1, 1])}]}),
        (b'{"a":1,"\\u0061":2}', {"a": Repeated([1, 2])}),
        (b'{"a":"\\u003a","a":2}', {"a": Repeated([":", 2])}),
        (b'{"a":3,"a":2,"b":"\\u003A"}', {"a": Repeated([3, 2]), "b": ":"}),
        (b'{"a":3,"a":2,"b":"\\u003a"}', {"a": Repeated([3, 2]), "b": ":"}),
        (b'{"":1,"":2}', {"": Repeated([1, 2])}),
        (b'{"a:":1,"a:":":"}', {"a:": Repeated([1, ":"])}),
    ],
)
def test_repeated_keys_are_seen(body: bytes, value: Json) -> None:
    assert parse(body).value == value


@given(DOCUMENTS, st.booleans(), st.booleans(), st.booleans())
def test_every_spelling_gives_the_value(value: Json, escaped: bool, spaced: bool, reverse: bool) -> None:
    parsed = parse(spelled(value, escaped=escaped, spaced=spaced, reverse=reverse))
    assert parsed.value == value
    assert json.loads(spelled(value), parse_float=Decimal) == value


@given(st.dictionaries(st.text(max_size=5), DOCUMENTS, min_size=1, max_size=4), DOCUMENTS, st.booleans(), st.data())
def test_a_key_repeated_anywhere_is_never_overlooked(
    members: dict[str, Json], extra: Json, escaped: bool, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(members)))
    pairs = [spelled({key: value}, escaped=escaped)[1:-1] for key, value in [*members.items(), (name, extra)]]
    parsed = parse(b"[{" + b",".join(pairs) + b"}]").value
    assert parsed == [members | {name: Repeated([members[name], extra])}]


@given(DOCUMENTS, DOCUMENTS)
def test_canonical_bytes_are_equal_exactly_for_equal_values(one: Json, other: Json) -> None:
    first, again, second = parse(spelled(one)), parse(spelled(one, spaced=True, reverse=True)), parse(spelled(other))
    assert first.canonical == again.canonical
    if first.canonical == second.canonical:
        assert first.value == second.value


@pytest.mark.parametrize(("one", "other"), [(b"1", b"1.0"), (b"1.0", b'"1.0"'), (b"true", b"1"), (b"1.0", b"1.00")])
def test_canonical_bytes_tell_types_and_spellings_apart(one: bytes, other: bytes) -> None:
    assert parse(one).canonical != parse(other).canonical


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "character 0"),
        (b"{", "character 1"),
        (b"[1,]", "character"),
        (b"{'a':1}", "character 1"),
        (b"01", "character 1"),
        (b"[NaN]", "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"\xef\xbb\xbf{}", "starts with a byte order mark"),
        (b'["\xff"]', "not UTF-8 at byte 2"),
        (b'"\xed\xa0\x80"', "not UTF-8 at byte 1"),
        (b'"\x01"', "control character"),
        (b"{}\x00", "character 2"),
        ("[１]".encode(), "character 1"),
    ],
)
def test_what_is_not_json_and_why(body: bytes, reason: str) -> None:
    with pytest.raises(NotJson, match=reason):
        parse(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b'["\\ud800",' + b"[" * 100_000 + b"]" * 100_000 + b"]", "nested too deeply"),
        (b"1e99999999999999999999", "exponent is too large"),
        (b'["\\ud800",1e99999999999999999999]', "exponent is too large"),
    ],
    ids=["lists", "objects", "the slow way", "exponent", "exponent, the slow way"],
)
def test_what_cannot_be_held_and_why_in_time(body: bytes, reason: str) -> None:
    begun = time.process_time()
    with pytest.raises(Unreadable, match=reason):
        parse(body)
    assert time.process_time() - begun < 0.5
