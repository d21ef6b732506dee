"""Writes are copied to a sandbox that has ids of its own, and to nobody else: legacy and sandbox as real ledgers."""

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.end_to_end.deployment import Deployment, eventually
from tests.end_to_end.serving import serve
from tests.support.files import ROOT
from tests.support.ports import free_port
from tests.support.process import Processes

ROUTES = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: ledger}}
spec:
  backends:
    - {{name: legacy, url: "http://127.0.0.1:{legacy}", effects: live}}
    - {{name: sandbox, url: "http://127.0.0.1:{sandbox}", effects: sandbox, {attest}}}
  entities:
    - {{name: payment, place: ["/v1/payments/{{id}}", "/v1/payments $.id", "/v1/payments/{{p}} $.id",
        "/v1/payments/{{p}}/capture $.id", "$.payment", "$.data[*].id"], pattern: "pay_.+"}}
    - {{name: refund, place: ["/v1/refunds $.id"], pattern: "re_.+"}}
  comparePolicies: [{{name: json, headers: {{include: [content-type, location]}}}}]
  routes:
    - name: all
      stage: shadow
      matches: [{{path: {{type: PathPrefix, value: /}}}}]
      backendRefs: {{legacy: legacy}}
      compare: json
      shadow: {{candidate: sandbox, writes: Sandbox, timeout: 5s, {shadow}}}
"""
HEADER = "attest: {header: X-Dry-Run, value: '1'}"


def ledger(run_process: Processes, prefix: str, *options: str) -> int:
    port = free_port()
    script = ROOT / "tests" / "end_to_end" / "ledger.py"
    run_process(
        [sys.executable, script, "--port", str(port), "--prefix", prefix, *options],
        lambda process: "listening" in process.stdout,
    )
    return port


def ask(port: int, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    fields = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, fields, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        return answer.code, json.loads(answer.read() or b"null")


def log(port: int) -> list[dict[str, Any]]:
    """What a ledger was asked, without probes."""
    return [each for each in ask(port, "GET", "/_log")[1]["log"] if each["target"] != "/"]


def verdicts(deployment: Deployment) -> dict[str, int]:
    names = ("match", "ignored", "mismatch", "inconclusive")
    return {name: deployment.metric("strangler_comparisons_total", verdict=name) for name in names}


def judged(deployment: Deployment, number: int) -> None:
    """Waits until so many exchanges have been judged."""

    def done() -> bool:
        return sum(verdicts(deployment).values()) + deployment.metric("strangler_dropped_total") >= number

    eventually(done, f"{number} exchanges were judged or dropped")


def reasons(run_process: Processes, deployment: Deployment) -> dict[str, int]:
    """Why exchanges were inconclusive, as the report says."""
    process = run_process([sys.executable, "-m", "proxy", "report", "--store", deployment.store, "--json"])
    assert process.wait() == 0, process.stderr
    routes = json.loads(process.stdout)["report"]["routes"]
    return {each["reason"]: each["count"] for route in routes for each in route["reasons"]}


def deployed(
    run_process: Processes,
    folder: Path,
    sandbox: int,
    legacy: int,
    attest: str = HEADER,
    shadow: str = "percent: 100",
    more: Callable[[str], str] = lambda text: text,
) -> Deployment:
    """Serves, and waits until writes are copied."""
    text = more(ROUTES.format(legacy=legacy, sandbox=sandbox, attest=attest, shadow=shadow))
    deployment = serve(run_process, folder, text)
    return deployment


def warm(deployment: Deployment, sandbox: int) -> int:
    """Creates payments until one was copied; how many it took."""
    made = 0

    def is_copied() -> bool:
        nonlocal made
        ask(deployment.port, "POST", "/v1/payments", {"amount": 1})
        made += 1
        judged(deployment, made)
        return any(each["method"] == "POST" for each in log(sandbox))

    eventually(is_copied, "a write was copied")
    return made


def test_a_payments_life_is_copied_under_its_twins_names(run_process: Processes, tmp_path: Path) -> None:
    legacy, sandbox = ledger(run_process, "A"), ledger(run_process, "B")
    deployment = deployed(run_process, tmp_path / "d", sandbox, legacy)
    made = warm(deployment, sandbox)
    before = verdicts(deployment)
    for number in range(5):
        status, payment = ask(deployment.port, "POST", "/v1/payments", {"amount": 100 + number}, Idempotency_Key="k1")
        assert status == 201
        assert payment["id"].startswith("pay_A")
        path = f"/v1/payments/{payment['id']}"
        assert ask(deployment.port, "GET", path)[0] == 200
        assert ask(deployment.port, "POST", f"{path}/capture", {})[0] == 200
        assert ask(deployment.port, "POST", "/v1/refunds", {"payment": payment["id"], "amount": 7})[0] == 201
        assert ask(deployment.port, "GET", path)[1]["refunded"] == 7
    judged(deployment, made + 25)
    after = verdicts(deployment)
    assert after["match"] - before["match"] == 25, reasons(run_process, deployment)
    copies = [each for each in log(sandbox) if each["method"] == "POST"]
    assert all(each["headers"]["x-strangler-shadow"] == "1" for each in copies)
    assert not any("pay_A" in each["target"] + each["body"] for each in copies)
    assert all(each["headers"]["idempotency-key"] != "k1" for each in copies)
    assert len({each["headers"]["idempotency-key"] for each in copies if each["headers"]["idempotency-key"]}) > 1


def test_a_sandbox_that_stops_attesting_gets_no_more_writes(run_process: Processes, tmp_path: Path) -> None:
    legacy, sandbox = ledger(run_process, "A"), ledger(run_process, "B")
    deployment = deployed(run_process, tmp_path / "d", sandbox, legacy)
    made = warm(deployment, sandbox)
    ask(sandbox, "POST", "/_attest/off")
    eventually(lambda: "does not show that it is a sandbox" in deployment.serve.stderr, "a probe has failed")
    before = [each for each in log(sandbox) if each["method"] == "POST"]
    for _ in range(10):
        assert ask(deployment.port, "POST", "/v1/payments", {"amount": 5})[0] == 201
    judged(deployment, made + 10)
    assert [each for each in log(sandbox) if each["method"] == "POST"] == before
    assert reasons(run_process, deployment).keys() & {"not-attested", "writes-stopped"}
