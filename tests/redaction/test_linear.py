"""RE2 over bytes."""

from proxy.redaction.linear import Questions, Search


def test_spans_of_all_places_without_case() -> None:
    assert list(Search("ab+").spans(b"ABBxab")) == [(0, 3), (4, 6)]


def test_questions_are_answered_in_one_pass() -> None:
    questions = Questions("a", "b{3}", "\\xc3")
    assert sorted(questions.answers(b"xA bbb")) == [0, 1]
    assert questions.answers("é".encode()) == [2]
    assert questions.answers(b"") == []
