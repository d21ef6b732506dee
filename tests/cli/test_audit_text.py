"""However a log was tampered with, what is printed is bounded and cannot command the terminal."""

import json

import msgspec
import pytest

from proxy.cli.audit_text import MOST_FAULTS, Verdict, print_rows, rows_document
from proxy.evidence.chain import Chain, Fault, FaultKind
from tests.evidence.made import chain_of, entry


async def test_many_faults_are_counted_and_the_first_named() -> None:
    async def found() -> object:
        for number in range(MOST_FAULTS + 50):
            yield Fault(number, number, FaultKind.EDITED, "why")

    verdict = Verdict(Chain())
    assert (verdict.whole, verdict.text()) == (True, f"whole: 0 entries; head 0 {'0' * 64}")
    await verdict.follow(found())  # type: ignore[arg-type]
    lines = verdict.text().splitlines()
    assert (verdict.whole, len(lines)) == (False, MOST_FAULTS + 2)
    assert lines[-2:] == ["and 50 more", "NOT WHOLE: 150 faults in 0 entries"]
    assert json.loads(verdict.document())["faultCount"] == 150


def test_signs_and_times_that_no_entry_has(capsys: pytest.CaptureFixture[str]) -> None:
    (link,) = chain_of(entry(1))
    wild = msgspec.structs.replace(link, at=1e300, subject="\x1b[2J", reason="a\nb", before="", after="", details="")
    print_rows([(1, wild), (2, None)])
    assert capsys.readouterr().out == (
        "1  1e+300 s  flip  �[2J  by alice\n    a⏎b  (PAY-1)\n"
        "2  not an entry; `strangler audit verify` says what is wrong\n"
    )
    first, second = json.loads(rows_document([(1, wild), (2, None)]))["entries"]
    assert (first["at"], first["ticket"], second) == ("1e+300", "PAY-1", {"number": 2, "damaged": True})


def test_times_are_as_everywhere() -> None:
    found = json.loads(rows_document([(1, chain_of(entry(1))[0])]))["entries"][0]
    assert found["at"] == "2023-11-15T12:00:01.000Z"
    assert found["details"] == '{"weight": 5}'
