"""An export is checked without a store, to the byte."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.evidence.chain import Chain, FaultKind, Head
from proxy.evidence.entry import Entry
from proxy.store.audit_file import MOST_BYTES, line, verify_file, written
from tests.evidence.made import ENTRIES, chain_of, entry

LINES = [line(each.number, each) for each in chain_of(entry(1), entry(2), entry(3))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def said(path: Path, content: bytes, noted: Head | None = None) -> list[str]:
    path.write_bytes(content)
    return [str(fault) for fault in verify_file(path, Chain(noted))]


def test_a_line_is_one_entry() -> None:
    found = json.loads(LINES[0])
    assert (found["number"], found["subject"], found["previous"]) == (1, "create-payment", "0" * 64)
    assert json.loads(line(7, None)) == {"number": 7, "damaged": True}


def test_what_was_written_is_whole(path: Path) -> None:
    assert said(path, b"".join(LINES)) == []
    assert said(path, b"") == []


EDITED = "edited: it holds what no entry can hold"
MISFIT = "edited: what it holds does not fit its hash"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([LINES[0], LINES[1].replace(b"step 2", b"step 9"), LINES[2]], [f"row 2: {MISFIT}"]),
        ([LINES[0], LINES[1].replace(b":", b": ", 1), LINES[2]], [f"row 2: {EDITED}"]),
        ([LINES[0], LINES[1].replace(b'"at"', b'"at":1,"at"'), LINES[2]], [f"row 2: {EDITED}"]),
        ([LINES[0], line(2, None), LINES[2]], [f"row 2: {EDITED}"]),
        ([LINES[0], b"\n", LINES[2]], [f"row 2: {EDITED}"]),
        ([LINES[0], b"\xff\x00\n", LINES[2]], [f"row 2: {EDITED}"]),
        ([LINES[0], b"x" * (3 * MOST_BYTES) + b"\n", LINES[2]], [f"row 2: {EDITED}"]),
        ([LINES[0], b"x" * (MOST_BYTES - 1) + b"\n", LINES[2]], [f"row 2: {EDITED}"]),
        ([LINES[0], LINES[1], LINES[2][:-1]], [f"row 3: {EDITED}"]),
        ([LINES[0], LINES[1], LINES[2][:-20]], [f"row 3: {EDITED}"]),
        ([LINES[0], LINES[2]], ["row 2: deleted: missing"]),
        ([LINES[1], LINES[0], LINES[2]], ["row 1: deleted: missing", "row 1: added: it stands behind row 2"]),
        ([*LINES, LINES[2]], ["row 3: added: it stands behind row 3"]),
    ],
)
def test_what_was_done_to_a_file_is_named(path: Path, content: list[bytes], expected: list[str]) -> None:
    assert said(path, b"".join(content)) == expected


def test_lines_cut_off_at_the_end_are_missed_by_the_head(path: Path) -> None:
    links = chain_of(entry(1), entry(2), entry(3))
    assert said(path, LINES[0] + LINES[1]) == []
    assert FaultKind.UNKNOWN_HEAD in said(path, LINES[0] + LINES[1], Head(3, links[2].hash))[0]


@settings(deadline=None)
@given(entries=ENTRIES.filter(bool), data=st.data())
def test_any_changed_byte_is_found(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("export") / "audit.jsonl"
    whole = b"".join(line(each.number, each) for each in chain_of(*entries))
    assert said(path, whole) == []
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda each: each != whole[at]))
    assert said(path, whole[:at] + bytes([other]) + whole[at + 1 :])


def test_a_file_takes_its_name_when_it_is_whole(path: Path) -> None:
    path.write_text("old")
    with written(path) as file:
        file.write(b"new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_does_not_become_whole_leaves_nothing(path: Path) -> None:
    path.write_text("old")

    def fail_half_way() -> None:
        with written(path) as file:
            file.write(b"new")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail_half_way()
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]
