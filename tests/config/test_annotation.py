"""What a flip leaves in the file can be read again, whatever was said."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from proxy.config.annotation import Annotation, Note, parse, told_since
from proxy.messages import Stage
from proxy.routing.standing import Standing

AT = datetime(2026, 11, 23, 5, tzinfo=UTC)
SHADOW, CANARY = Standing(Stage.SHADOW), Standing(Stage.CANARY, 5)


def test_its_form() -> None:
    note = Note("alice", AT, "gate passed", "PAY-12")
    written = (
        '# strangler: flipped pay shadow -> canary 5 by alice at 2026-11-23T05:00:00Z ticket PAY-12: "gate passed"'
    )
    assert str(Annotation("pay", SHADOW, CANARY, note)) == written
    assert parse(written + "  ") == Annotation("pay", SHADOW, CANARY, note)


def test_without_a_ticket_and_with_a_name_of_two_words() -> None:
    annotation = Annotation("a.b-c_d", CANARY, Standing(Stage.REVERSE_SHADOW), Note("Al Ice", AT, 'so "it" goes'))
    assert str(annotation).endswith('-> reverse-shadow by "Al Ice" at 2026-11-23T05:00:00Z: "so \\"it\\" goes"')
    assert parse(str(annotation)) == annotation


def test_times_are_told_in_utc_and_whole_seconds() -> None:
    zone = timezone(timedelta(hours=2))
    assert Note("a", datetime(2026, 11, 23, 7, 0, 0, 999, tzinfo=zone), "x").at == AT
    with pytest.raises(ValueError, match="zone"):
        Note("a", datetime(2026, 11, 23, 5), "x")  # noqa: DTZ001


@pytest.mark.parametrize(
    "comment", ["# strangler: flipped", "# theirs", "# strangler: flipped pay up -> down by a", ""]
)
def test_what_is_not_spelled_so_is_not_ours(comment: str) -> None:
    assert parse(comment) is None


def test_what_only_looks_like_ours_is_not() -> None:
    written = str(Annotation("pay", SHADOW, CANARY, Note("alice", AT, "x")))
    assert parse(written.replace("-11-23T", "-13-23T")) is None
    assert parse(written.replace("canary 5", "canary 5.5.5")) is None
    assert parse(written.replace('"x"', '"\\x"')) is None
    assert parse(written + " and more") is None


def test_several_lines_become_one() -> None:
    assert Note(" a\tb ", AT, "one\n\n  two\x1b").reason == "one two\N{REPLACEMENT CHARACTER}"
    assert Note(" a\tb ", AT, "x").by == "a b"


def test_texts_are_bounded() -> None:
    Note("a", AT, "x" * 200)
    with pytest.raises(ValueError, match="201 characters"):
        Note("a", AT, "x" * 201)
    with pytest.raises(ValueError, match="the reason is empty"):
        Note("a", AT, " \n ")


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80), st.none() | st.text(min_size=1, max_size=40))
def test_any_text_becomes_one_printable_line_that_reads_back(by: str, reason: str, ticket: str | None) -> None:
    assume(by.split() and reason.split() and (ticket is None or ticket.split()))
    annotation = Annotation("pay", SHADOW, CANARY, Note(by, AT, reason, ticket))
    assert str(annotation).isprintable()
    assert parse(str(annotation)) == annotation


def test_the_flips_that_a_new_text_tells_of_and_the_old_one_did_not() -> None:
    first = Annotation("pay", Standing(Stage.LEGACY), Standing(Stage.SHADOW), Note("alice", AT, "begin"))
    second = Annotation("pay", Standing(Stage.SHADOW), Standing(Stage.CANARY, 5.0), Note("bob", AT, "go on"))
    old = f"a: 1\n  {first}\nb: 2\n# strangler: flipped by nobody\n"
    new = f"a: 1\r\n  {second}\r\nb: 2\r\n{first}\r\n# strangler: something else\n"
    assert told_since(old, new) == (second,)
    assert told_since("", new) == (second, first)
    assert told_since(new, old) == ()


@pytest.mark.parametrize("reason", ["refund of 4111-1111-1111-1111", "pays to DE89 3704 0044 0532 0130 00"])
def test_no_card_number_goes_into_the_file(reason: str) -> None:
    with pytest.raises(ValueError, match="the reason holds what looks like a card number or an IBAN; say it without"):
        Note("alice@example.com", AT, reason)
