"""`strangler demo` from its first line to its last: legacy, candidate, proxy, traffic, report, judgement."""

import sys
from pathlib import Path

from examples.planted import PLANTED
from tests.support.files import ROOT
from tests.support.process import Processes


def test_it_names_each_planted_mistake_and_no_other(run_process: Processes, tmp_path: Path) -> None:
    process = run_process(
        [sys.executable, "-m", "proxy", "demo", "--requests", "80"],
        environment={"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        cwd=tmp_path,
    )
    code = process.wait(50)
    said = process.stdout
    assert code == 0, said[-3000:] + process.stderr[-2000:]
    assert f"{len(PLANTED)} of {len(PLANTED)} planted mistakes found" in said
    _, _, outcome = said.partition("planted mistakes found\n")
    assert outcome.splitlines() == [*(f"  found   {each.what}" for each in PLANTED), "and no other finding."]
    for each in PLANTED:
        assert f"{each.path}  {each.kind}" in said
    assert "==> 80 requests answered through the proxy: " in process.stderr
    assert "Never compared" not in said
    assert (tmp_path / ".strangler" / "demo" / "strangler.db").stat().st_size > 0
