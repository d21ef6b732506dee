"""Payments, retries, flips and faults through real processes: no key is executed by both systems, ever."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.end_to_end.claiming import Strangler, strangler
from tests.support.files import ROOT
from tests.support.polling import wait_until
from tests.support.process import Processes

PAY = "/v1/payments"


def cli(found: Strangler, *arguments: str) -> str:
    command = [sys.executable, "-m", "proxy", *arguments, "--store", found.store]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True).stdout


def test_a_payment_stays_with_its_system_through_flips_retries_and_kills(
    run_process: Processes, tmp_path: Path
) -> None:
    with strangler(run_process, tmp_path) as found:
        first = found.ask("POST", PAY, "m1", "k1")
        assert (first.status, first.by) == (200, "legacy")
        found.write("candidate")
        wait_until(lambda: found.status()["table"]["fault"] is not None, "it is judged", 20)
        assert "cannot leave legacy" in found.status()["table"]["fault"]
        found.flip("candidate")
        assert found.ask("POST", PAY, "m1", "k1").by == "legacy"
        assert found.ask("POST", "/v2/payments", "m1", "k1").by == "legacy"
        assert found.ask("POST", PAY, "m1", None, {"key": "k1"}).by == "legacy"
        second = found.ask("POST", PAY, "m1", "k2")
        assert second.by == "candidate"
        assert found.ask("POST", PAY, "m2", "k1").by == "candidate"
        assert found.ask("GET", f"{PAY}/{first.id}", "m1").by == "legacy"
        assert found.ask("POST", f"/v2/payments/{first.id}/capture", "m1", "c1").by == "legacy"
        assert found.ask("POST", "/hook", "psp", "h1", {"psp": f"{first.id}_psp"}).by == "legacy"
        assert found.ask("POST", "/hook", "psp", "h2", {"psp": f"{second.id}_psp"}).by == "candidate"
        found.kill("claims")
        found.flip("legacy")
        again = found.ask("POST", PAY, "m1", "k2")
        assert again.by in ("candidate", None)
        wait_until(lambda: found.ask("POST", PAY, "m1", "k2").by == "candidate", "claims are back", 20)
        found.candidate.stop()
        refused = [found.ask("POST", PAY, "m1", "k2")]  # on a kept connection its outcome may be unknown
        wait_until(lambda: refused.append(found.ask("POST", PAY, "m1", "k2")) or refused[-1].status == 503, "503", 20)
        assert {each.by for each in refused} == {None}
        assert list(found.complaints()) == []


def test_concurrent_retries_of_one_key_go_to_one_system(run_process: Processes, tmp_path: Path) -> None:
    with strangler(run_process, tmp_path) as found:
        found.flip("canary", 50.0)
        names = [f"k{number}" for number in range(12)]

        def retry(name: str) -> None:
            for path in (PAY, "/v2/payments"):
                found.ask("POST", path, f"m-{name}", name)

        threads = [threading.Thread(target=retry, args=(name,)) for name in names for _ in range(3)]
        for each in threads:
            each.start()
        found.flip("candidate")
        for each in threads:
            each.join()
        assert list(found.complaints()) == []
        assert sum(found.legacy.executed.values()) + sum(found.candidate.executed.values()) == 6 * len(names)


def test_a_worker_that_is_killed_leaves_its_payments_among_the_unknown(run_process: Processes, tmp_path: Path) -> None:
    with strangler(run_process, tmp_path, workers=1) as found:
        found.legacy.silent = True
        hanging = threading.Event()
        serve = found.legacy.serve

        def hang(request: object) -> None:
            serve(request)  # type: ignore[arg-type]
            hanging.set()
            time.sleep(1)

        found.legacy.serve = hang  # type: ignore[method-assign,assignment]
        asking = threading.Thread(target=found.ask, args=("POST", PAY, "m1", "k1"))
        asking.start()
        assert hanging.wait(10)
        found.kill("worker")
        asking.join()
        wait_until(lambda: "m" in cli(found, "unknown", "list", "--json") and _unknown(found) == 1, "it is listed", 20)


def _unknown(found: Strangler) -> int:
    return len(json.loads(cli(found, "unknown", "list", "--json") or '{"unknown": []}')["unknown"])


class Histories(RuleBasedStateMachine):
    """One strangler for all histories; each has merchants, and so keys and payments, of its own."""

    found: Strangler
    history = 0
    keys = Bundle("keys")
    payments = Bundle("payments")

    @initialize(stage=st.sampled_from(["legacy", "canary", "candidate"]))
    def begin(self, stage: str) -> None:
        Histories.history += 1
        self.count = 0
        self.owner: dict[str, str] = {}
        self.answered: dict[tuple[str, str], str] = {}
        for name in ("legacy", "candidate"):
            if not self.found.ledger(name).is_up:
                self.found.ledger(name).start()
            self.found.ledger(name).silent = False
        self.found.flip(stage)

    @rule(target=keys, merchant=st.integers(0, 2))
    def a_key(self, merchant: int) -> tuple[str, str]:
        self.count += 1
        return f"h{self.history}m{merchant}", f"k{self.count}"

    @rule(target=payments, key=keys, path=st.sampled_from([PAY, "/v2/payments"]), in_body=st.booleans())
    def create_or_retry(self, key: tuple[str, str], path: str, in_body: bool) -> object:
        answer = self.found.ask("POST", path, key[0], None if in_body else key[1], {"key": key[1]} if in_body else {})
        if answer.by is None:
            return multiple()
        assert self.answered.setdefault(key, answer.by) == answer.by
        assert answer.id is not None
        self.owner[answer.id] = answer.by
        return answer.id

    @rule(payment=payments, path=st.sampled_from(["/v1/payments/{}", "/v2/payments/{}/capture"]), write=st.booleans())
    def use(self, payment: str, path: str, write: bool) -> None:
        answer = self.found.ask("POST" if write else "GET", path.format(payment), "psp")
        assert answer.by in (None, self.owner[payment])

    @rule(payment=payments)
    def webhook(self, payment: str) -> None:
        answer = self.found.ask("POST", "/hook", "psp", None, {"psp": f"{payment}_psp"})
        assert answer.by in (None, self.owner[payment])

    @rule(stage=st.sampled_from(["legacy", "shadow", "canary", "reverse-shadow", "candidate"]))
    def flip(self, stage: str) -> None:
        self.found.flip(stage)

    @rule(weight=st.sampled_from([5.0, 50.0, 95.0]))
    def change_the_weight(self, weight: float) -> None:
        self.found.flip("canary", weight)

    @rule(role=st.sampled_from(["claims", "worker"]), index=st.integers(0, 1))
    def kill(self, role: str, index: int) -> None:
        self.found.kill(role, index if role == "worker" else 0)

    @rule(name=st.sampled_from(["legacy", "candidate"]))
    def down_or_up(self, name: str) -> None:
        ledger = self.found.ledger(name)
        ledger.stop() if ledger.is_up else ledger.start()

    @rule(name=st.sampled_from(["legacy", "candidate"]))
    def silent_or_not(self, name: str) -> None:
        ledger = self.found.ledger(name)
        ledger.silent = not ledger.silent

    @invariant()
    def nothing_moves_under_a_payments_feet(self) -> None:
        assert list(self.found.complaints()) == []


def run(processes: Processes, folder: Path, histories: int) -> None:
    with strangler(processes, folder) as found:
        Histories.found = found
        run_state_machine_as_test(
            Histories,
            settings=settings(
                max_examples=histories,
                stateful_step_count=10,
                deadline=None,
                derandomize=True,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )


@pytest.mark.timeout(240)
def test_histories(run_process: Processes, tmp_path: Path) -> None:
    run(run_process, tmp_path, 6)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_many_histories(run_process: Processes, tmp_path: Path) -> None:
    run(run_process, tmp_path, 200)
