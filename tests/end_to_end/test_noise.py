"""A second legacy tells noise from mistakes: real processes, from routes.yaml to the report and the rules."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.end_to_end.deployment import ROUTES, Deployment, eventually, talk
from tests.runtime.serving import serve
from tests.support.files import ROOT
from tests.support.ports import free_port
from tests.support.process import Processes

GET = "GET /v1/amounts/%d HTTP/1.1\r\nHost: pay.example\r\nConnection: close\r\n\r\n"
PAIRS = 60


def system(run_process: Processes, *options: str) -> int:
    port = free_port()
    script = ROOT / "tests" / "end_to_end" / "noisy_origin.py"
    run_process([sys.executable, script, "--port", str(port), *options], lambda process: "listening" in process.stdout)
    return port


def told(run_process: Processes, deployment: Deployment, *command: str) -> Any:
    process = run_process([sys.executable, "-m", "proxy", *command, "--store", deployment.store, "--json"])
    assert process.wait() == 0, process.stderr
    return json.loads(process.stdout)


def test_what_legacy_answers_otherwise_too_is_noise_and_a_cent_is_not(run_process: Processes, tmp_path: Path) -> None:
    second = f'    - {{name: second, url: "http://127.0.0.1:{system(run_process)}"}}\n'
    text = ROUTES.format(primary=system(run_process), shadow=system(run_process, "--wrong"), stage="shadow")
    text = text.replace("  comparePolicies", second + "  comparePolicies").replace(
        "shadow: {", "shadow: {noise: second, "
    )
    deployment = serve(run_process, tmp_path / "deployment", text)
    asked = iter(range(10_000))

    def compared() -> int:
        for _ in range(8):
            talk(deployment.port, (GET % next(asked)).encode())
        return deployment.metric("strangler_noise_total", outcome="compared")

    eventually(lambda: compared() >= PAIRS, "the second legacy was compared often enough")
    assert deployment.serve.stop() == 0
    [route] = told(run_process, deployment, "report")["report"]["routes"]
    found = {each["pattern"]: each for each in route["fields"]}
    assert {name: each["noise"]["judgement"] for name, each in found.items()} == {
        "$.amount": "not noise",
        "$.trace": "noise",
    }
    assert (found["$.amount"]["valueClass"], found["$.amount"]["isUnexplained"]) == ("one-unit", True)
    assert route["noise"] + route["unexplained"] == route["mismatch"] == route["compared"]
    assert route["unexplained"] == found["$.amount"]["count"]
    [rule] = told(run_process, deployment, "rules", "suggest", route["route"])["suggestions"]
    assert (rule["type"], rule["path"], rule["fields"]) == ("Pattern", "$.trace", [["pattern", "tr_[0-9a-f]{16}"]])
