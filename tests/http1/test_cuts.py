"""How an input is cut into segments never changes the verdict. test_corpora does the same with real segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.http1.body import CHUNK_LINE
from proxy.http1.serving import ServerSettings
from tests.http1.hostile_carried import CARRIED
from tests.http1.hostile_requests import EVIL, NEVER_WHOLE, REFUSED, ask, chunked
from tests.http1.spoken import Understood, bytewise, understood
from tests.support.examples import STATED

WIRES = {
    **{name: wire + EVIL for name, (wire, _) in REFUSED.items()},
    **NEVER_WHOLE,
    **{name: carried.wire + EVIL for name, carried in CARRIED.items()},
}
SHORT = {name: wire for name, wire in WIRES.items() if len(wire) < 2000}
LINE = ServerSettings(request_line=40, header_bytes=100)


def verdict(pieces: object, settings: ServerSettings = ServerSettings()) -> object:
    """Of what is refused the class of the status counts: of two faults, either may be met first."""
    got: Understood = understood(pieces, settings)  # type: ignore[arg-type]
    return got.requests, tuple(status // 100 for status in got.statuses), got.over


@pytest.mark.parametrize("name", WIRES)
def test_each_byte_by_itself_is_the_same(name: str) -> None:
    wire = WIRES[name]
    assert verdict(bytewise(wire)) == verdict([wire])


def test_each_cut_in_two_is_the_same() -> None:
    for name, wire in SHORT.items():
        whole = verdict([wire])
        others = [at for at in range(1, len(wire), 1 if STATED else 3) if verdict([wire[:at], wire[at:]]) != whole]
        assert others == [], name


@given(st.sampled_from(sorted(SHORT)), st.lists(st.integers(1, 2000), max_size=6))
def test_any_cuts_are_the_same(name: str, places: list[int]) -> None:
    wire = SHORT[name]
    edges = [0, *sorted(place % len(wire) for place in places), len(wire)]
    assert verdict([wire[a:b] for a, b in zip(edges, edges[1:], strict=False)]) == verdict([wire])


@pytest.mark.parametrize("size", range(38, 44))
def test_a_request_line_about_its_bound_is_the_same(size: int) -> None:
    wire = ask(line=b"GET /%b HTTP/1.1" % (b"a" * (size - len(b"GET / HTTP/1.1"))))
    assert verdict(bytewise(wire), LINE) == verdict([wire], LINE)
    assert understood([wire], LINE).statuses == ((200,) if size <= 40 else (414,))


@pytest.mark.parametrize("size", range(97, 104))
def test_a_head_about_its_bound_is_the_same(size: int) -> None:
    wire = ask(b"X-A: ")
    wire = wire[:-4] + b"a" * (size - len(wire)) + wire[-4:]
    assert verdict(bytewise(wire), LINE) == verdict([wire], LINE)
    assert understood([wire], LINE).statuses == ((200,) if size <= 100 else (431,))


@pytest.mark.parametrize("size", range(CHUNK_LINE - 2, CHUNK_LINE + 3))
def test_a_chunk_line_about_its_bound_is_the_same(size: int) -> None:
    wire = chunked(b"5;%b\r\nhello\r\n0\r\n\r\n" % (b"a" * (size - 2)))
    assert verdict(bytewise(wire)) == verdict([wire])
    assert understood([wire]).statuses == ((200,) if size <= CHUNK_LINE else (400,))
