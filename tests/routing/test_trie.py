"""What lies at a path, and what lies along it."""

from proxy.routing.trie import Trie


def _trie(*paths: str) -> Trie[str]:
    trie: Trie[str] = Trie()
    for path in paths:
        trie.insert(tuple(None if part == "*" else part.encode() for part in path.split("/")[1:]), path)
    return trie


def test_a_literal_and_a_wildcard_both_lie_at_a_path() -> None:
    trie = _trie("/a/*/c", "/a/b/c", "/a/b", "/*/*/*")
    assert sorted(trie.at(b"/a/b/c")) == ["/*/*/*", "/a/*/c", "/a/b/c"]
    assert trie.at(b"/a/b") == ["/a/b"]
    assert trie.at(b"/a/b/c/d") == []


def test_a_wildcard_stands_for_no_empty_segment() -> None:
    assert _trie("/a/*").at(b"/a/") == []


def test_along_a_path_the_deepest_comes_first_and_only_whole_segments_count() -> None:
    trie = _trie("/a", "/a/b", "/a/b/c/d")
    assert [*filter(None, trie.along(b"/a/b/c"))] == [["/a/b"], ["/a"]]
    assert [*filter(None, trie.along(b"/ab"))] == []


def test_a_path_of_thousands_of_segments_is_not_cut_further_than_the_trie_is_deep() -> None:
    trie = _trie("/a")
    assert [*filter(None, trie.along(b"/a" * 4096))] == [["/a"]]
    assert len(trie._segments(b"/a" * 4096)) == 2
