"""The word lists are whole: what a name tells, the prefilter sees."""

import pytest

from proxy.redaction import words
from proxy.redaction.keys import Telling, plain, telling
from proxy.redaction.prefilter import is_clean

TELLING = [
    word
    for name in dir(words)
    if name.endswith(("_ENDINGS", "_NAMES")) and not name.startswith("NO_")
    for word in getattr(words, name)
]


@pytest.mark.parametrize("word", sorted(set(TELLING) - {"security", "verification", "tel"}))
def test_each_word_tells_something_and_is_seen_by_the_prefilter(word: str) -> None:
    assert word == plain(word)
    assert telling(word) is not Telling.NOTHING
    value = "4111111111111112" if telling(word) is Telling.CARD else "x"
    for spelled in (
        f'{{"{word}":"{value}"}}',
        f"{word}={value}",
        f"<{word}>{value}<",
        f"<{word} a='1'>{value}<",
        f"{word}: {value}",
    ):
        assert not is_clean(spelled.encode())


def test_names_that_tell_by_their_parent() -> None:
    for parent in words.NAME_PARENTS:
        assert telling("name", parent) is Telling.PERSON
        assert not is_clean(f'{{"{parent}":{{"name":"x"}}}}'.encode())
    assert telling("name", "product") is Telling.NOTHING
    assert is_clean(b'{"product":{"name":"x"}}')
