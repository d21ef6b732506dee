"""No copy is lost in silence: what the report does not know, it says that it does not know."""

import json
import os
import re
import signal
import sys
from pathlib import Path

from tests.end_to_end.deployment import ROUTES, Deployment, deploy, eventually, origin, talk
from tests.runtime.serving import serve
from tests.support.process import Processes

GET = b"GET /v1/payments/pay_00000001 HTTP/1.1\r\nHost: pay.example\r\nConnection: close\r\n\r\n"
MISSING = r"(\d+) (?:copy was|copies were) taken and neither compared nor counted"


def report(run_process: Processes, deployment: Deployment, *options: str) -> str:
    """What `strangler report` prints now."""
    process = run_process([sys.executable, "-m", "proxy", "report", "--store", deployment.store, *options])
    assert process.wait() == 0, process.stderr
    return process.stdout


def told(run_process: Processes, deployment: Deployment, words: str) -> int:
    """The number in the report that `words` hold; 0 if it says no such thing."""
    found = re.search(words, " ".join(report(run_process, deployment).split()))
    return int(found[1]) if found else 0


def exchanges(run_process: Processes, deployment: Deployment) -> int:
    """How many are in the store."""
    routes = json.loads(report(run_process, deployment, "--json"))["report"]["routes"]
    return sum(route[verdict] for route in routes for verdict in ("match", "ignored", "mismatch", "inconclusive"))


def test_what_the_runner_drops_is_in_the_report(run_process: Processes, tmp_path: Path) -> None:
    routes = ROUTES.replace("timeout: 2s", "timeout: 300ms").replace("maxInFlight: 50", "maxInFlight: 1")
    text = routes.format(primary=origin(run_process), shadow=origin(run_process, "slow"), stage="shadow")
    deployment = serve(run_process, tmp_path / "deployment", text)

    def late() -> int:
        for _ in range(5):
            talk(deployment.port, GET)
        return deployment.metric("strangler_dropped_total", reason="shadow-late")

    eventually(lambda: late() > 0, "copies have waited too long for the one place")
    eventually(lambda: told(run_process, deployment, r"shadow-late (\d+)") > 0, "the report says so while all runs")
    counted = deployment.metric("strangler_dropped_total", reason="shadow-late")
    assert deployment.serve.stop() == 0
    assert told(run_process, deployment, r"Never compared, because dropped: .*?shadow-late (\d+)") >= counted
    assert told(run_process, deployment, MISSING) == 0


def test_what_a_killed_runner_takes_with_it_is_in_the_report(run_process: Processes, tmp_path: Path) -> None:
    deployment = deploy(run_process, tmp_path / "deployment", origin(run_process), origin(run_process))

    def full() -> int:
        return deployment.metric("strangler_dropped_total", reason="channel-full")

    def untold() -> int:
        """Requests whose copies are neither in the store nor counted as dropped by the worker."""
        refused = deployment.metric("strangler_dropped_total", reason="channel-down") + full()
        return deployment.metric("strangler_requests_total") - refused - exchanges(run_process, deployment)

    def flood() -> int:
        for _ in range(20):
            talk(deployment.port, GET.replace(b"/v1/payments/pay_00000001", b"/big"))
        return full()

    eventually(lambda: untold() == 0, "all that came so far is in the store")
    runner = deployment.pid("runner")
    os.kill(runner, signal.SIGSTOP)
    for _ in range(30):
        talk(deployment.port, GET)
    eventually(lambda: flood() > 0, "the channel is full, so the kernel has all that came first")
    os.kill(runner, signal.SIGKILL)
    eventually(lambda: deployment.pid("runner") not in (0, runner), "another runner is up")
    eventually(lambda: told(run_process, deployment, MISSING) == untold() >= 30, "the report says how many are missing")
