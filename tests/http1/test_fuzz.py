"""Any bytes at all: the tables and the suites' files by hand, then what a fuzzer makes of them."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import h11
import pytest
from httptools import HttpParserError
from hypothesis import given
from hypothesis import strategies as st

from proxy.messages import RequestHead
from tests.http1.any_bytes import WORDS, check, check_sent_on
from tests.http1.hostile_answers import BROKEN, GIVEN, INVALID, SHORT
from tests.http1.hostile_carried import CARRIED
from tests.http1.hostile_requests import NEVER_WHOLE, REFUSED
from tests.support.files import ROOT

KNOWN = {
    **{f"refused: {name}": wire for name, (wire, _) in REFUSED.items()},
    **{f"never whole: {name}": wire for name, wire in NEVER_WHOLE.items()},
    **{f"carried: {name}": carried.wire for name, carried in CARRIED.items()},
    **{f"answer: {name}": wire for name, wire in (INVALID | BROKEN | SHORT).items()},
    **{f"given: {name}": given.said for name, given in GIVEN.items()},
}


@pytest.mark.parametrize("name", KNOWN)
def test_it_holds_for_what_is_known(name: str) -> None:
    check(KNOWN[name])


def test_it_holds_for_the_suites(corpora: Path) -> None:
    files = [path for kind in ("req", "resp") for path in (corpora.rglob(f"*.{kind}"))]
    assert len(files) >= 315
    for path in files:
        check(path.read_bytes())


@given(st.lists(st.sampled_from(WORDS) | st.binary(max_size=4), max_size=14).map(b"".join))
def test_it_holds_for_whatever_is_put_together(data: bytes) -> None:
    check(data)


@pytest.mark.parametrize(
    "head",
    [
        RequestHead(b"GET", b"/ HTTP/1.1\r\nX-A: 1", b"1", ((b"Host", b"a"),), 0, True, False),
        RequestHead(b"GET", b"/", b"1", ((b"Host", b"a\r\nX-A: 1"), (b"X", b"\x00")), 0, True, False),
        RequestHead(b"GET", b"/", b"1", ((b"Host", b"a"), (b"X-A ", b"1")), 0, True, False),
        RequestHead(b"GET", b"/", b"1", ((b"Host", b"a"), (b"Host", b"b")), 0, True, False),
        RequestHead(b"GET", b"/", b"1", ((b"Host", b"a"), (b"Content-Length", b"5")), None, True, False),
    ],
)
def test_it_would_see_a_request_that_can_be_read_in_two_ways(head: RequestHead) -> None:
    with pytest.raises((AssertionError, ValueError, h11.RemoteProtocolError, HttpParserError)):
        check_sent_on(head, b"")


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def _fuzz(folder: Path, corpora: Path, seconds: int) -> None:
    """Runs the fuzzer on all seeds for `seconds`; what it finds is in the message."""
    if find_spec("atheris") is None:
        pytest.skip("atheris is not installed: there is none for this version of Python")
    seeds = folder / "seeds"
    seeds.mkdir()
    for number, wire in enumerate(KNOWN.values()):
        (seeds / f"known-{number}").write_bytes(wire)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in WORDS))
    command: list[str | Path] = [sys.executable, "-m", "tests.http1.fuzz_heads", seeds, corpora / "http" / "llhttp"]
    options = [f"-max_total_time={seconds}", "-max_len=4096", f"-dict={words}", f"-artifact_prefix={folder}/"]
    run = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=seconds + 60)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    runs = re.search(r"Done (\d+) runs", run.stderr)
    assert runs is not None
    assert int(runs[1]) >= len(KNOWN)


def test_a_short_hunt_finds_nothing(tmp_path: Path, corpora: Path) -> None:
    _fuzz(tmp_path, corpora, 4)


@pytest.mark.slow
@pytest.mark.timeout(700)
def test_a_long_hunt_finds_nothing(tmp_path: Path, corpora: Path) -> None:
    _fuzz(tmp_path, corpora, 600)
