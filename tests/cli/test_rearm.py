"""`strangler rearm`."""

import asyncio
import json

from proxy.evidence.entry import Action
from proxy.store.audit import open_audit
from proxy.store.engine import Store
from proxy.store.twin import Sandbox
from proxy.store.twins import Twins
from tests.cli.conftest import Run


def stop(url: str) -> None:
    async def stopped() -> None:
        twins = Twins(Store(url))
        await twins.stop("box", 1_700_000_000.0, "no header")
        await twins.close()

    asyncio.run(stopped())


def standing(url: str) -> list[Sandbox]:
    async def asked() -> list[Sandbox]:
        twins = Twins(Store(url))
        found = await twins.sandboxes()
        await twins.close()
        return found

    return asyncio.run(asked())


def actions(url: str) -> list[tuple[str, str, str]]:
    async def asked() -> list[tuple[str, str, str]]:
        async with open_audit(url) as log:
            rows = await log.latest(10)
        return [(link.action, link.subject, link.reason) for _, link in rows if link is not None]

    return asyncio.run(asked())


def test_a_stopped_backend_is_armed_again_and_that_is_audited(run: Run, store_url: str) -> None:
    stop(store_url)
    dry = run("rearm", "box", "--reason", "r", "--dry-run")
    assert "is stopped since 2023-11-14 22:13:20 UTC: no header" in dry.stdout
    assert standing(store_url)[0].stopped is not None
    result = run("rearm", "box", "--reason", "it was a deploy")
    assert result.exit_code == 0
    assert "armed again" in result.stdout
    assert standing(store_url)[0].stopped is None
    assert actions(store_url) == [(Action.REARM, "box", "it was a deploy")]


def test_one_that_is_not_stopped(run: Run, store_url: str) -> None:
    result = run("rearm", "box", "--reason", "r")
    assert (result.exit_code, result.stdout.strip()) == (0, "box is not stopped")
    assert actions(store_url) == []


def test_json(run: Run, store_url: str) -> None:
    stop(store_url)
    said = json.loads(run("rearm", "box", "--reason", "r", "--json").stdout)
    assert said["rearm"]["reason"] == "no header"
    assert said["schemaVersion"] == 1


def test_a_reason_is_compulsory(run: Run) -> None:
    assert run("rearm", "box").exit_code == 2
