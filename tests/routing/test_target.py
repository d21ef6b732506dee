"""How a raw request target is read."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.routing.target import canonical, is_plain, query_values, readings, split_target


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/a/b?x=1", b"/a/b", b"x=1"),
        (b"/a?b?c", b"/a", b"b?c"),
        (b"http://host:80/a/b?x=1", b"/a/b", b"x=1"),
        (b"http://host", b"/", b""),
        (b"http://host?x=1", b"/", b"x=1"),
        (b"http://host/?u=http://b/c", b"/", b"u=http://b/c"),
        (b"/a?u=http://b/c", b"/a", b"u=http://b/c"),
        (b"//host/a", b"//host/a", b""),
        (b"*", b"*", b""),
    ],
)
def test_a_target_is_cut_into_path_and_query(target: bytes, path: bytes, query: bytes) -> None:
    assert split_target(target) == (path, query)


@pytest.mark.parametrize(
    ("path", "spelled"),
    [
        (b"/%61%2D%7e", b"/a-~"),
        (b"/caf%c3%a9", b"/caf%C3%A9"),
        (b"/a%2fb", b"/a%2Fb"),
        (b"/a%21b", b"/a!b"),
        (b"/100%", b"/100%25"),
        (b"/a b\x00", b"/a%20b%00"),
        (b"/%zz", b"/%25zz"),
    ],
)
def test_one_spelling_for_what_every_server_reads_alike(path: bytes, spelled: bytes) -> None:
    assert canonical(path) == spelled


@pytest.mark.parametrize(
    ("path", "others"),
    [
        (b"/a/%2e%2e/b", {b"/b"}),
        (b"/a/..", {b"/"}),
        (b"/../../a", {b"/a"}),
        (b"/a//b", {b"/a/b"}),
        (b"/a//../b", {b"/a/../b", b"/a/b", b"/b"}),
        (b"/a%2Fb", {b"/a/b"}),
        (b"/a\\b", {b"/a/b"}),
        (b"/a;v=1/b", {b"/a/b"}),
        (b"/x/..;/a", {b"/x/../a", b"/a"}),
        (b"/x%2F..%2Fa", {b"/x/../a", b"/a"}),
        (b"/a/./b/.", {b"/a/b/"}),
    ],
)
def test_a_path_that_servers_read_differently_has_all_its_readings(path: bytes, others: set[bytes]) -> None:
    found = readings(path)
    assert found[0] == canonical(path)
    assert set(found[1:]) == others


@pytest.mark.parametrize("path", [b"", b"a/b", b"/a#b"])
def test_what_is_no_path_has_no_reading(path: bytes) -> None:
    assert readings(path) == ()


@given(st.binary(max_size=40).map(lambda tail: b"/" + tail.replace(b"#", b"")))
def test_a_plain_path_has_itself_as_its_only_reading_and_readings_are_few_and_stable(path: bytes) -> None:
    found = readings(path)
    if is_plain(path):
        assert found == (path,)
    assert 1 <= len(found) <= 16
    assert canonical(found[0]) == found[0]


@given(st.text(alphabet="ab./%2Fe;\\", max_size=12).map(lambda tail: b"/" + tail.encode()))
@example(b"/;\\")
@example(b"/a%2f..;/%2e%2e/./b")
def test_the_reading_of_a_server_that_normalises_all_is_among_them(path: bytes) -> None:
    assert any(_is_normal(reading) for reading in readings(path))


def _is_normal(path: bytes) -> bool:
    odd = any(part in path for part in (b"//", b";", b"%2F", b"%5C"))
    return not odd and not {b".", b".."} & set(path.split(b"/"))


def test_a_query_is_read_as_a_form_reads_it_and_the_first_of_equals_counts() -> None:
    assert query_values(b"a=1&a=2&b+c=%C3%A9&d") == {b"a": b"1", b"b c": b"\xc3\xa9", b"d": b""}
