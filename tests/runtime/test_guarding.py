"""The supervisor's part in claims."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest

from proxy.claims.keys import rule_text
from proxy.messages import Stage, System
from proxy.routing.entities import Entity
from proxy.routing.split import Semantics
from proxy.routing.table import Backend, Canary, Pin, Route, RouteTable
from proxy.runtime.child import Process
from proxy.runtime.guarding import Guarding, imports_file, leavers, needs, objection
from proxy.runtime.keeping import Kept
from proxy.runtime.link import Message, Recording
from proxy.store.claims import record
from proxy.store.url import claims_url
from tests.support.claims import opened

PIN = Pin(("header:K",), ttl=60.0)
BACKENDS = {name: Backend(name, "http", "127.0.0.1", 1) for name in ("monolith", "payments")}


def table(stage: Stage, pin: Pin | None = PIN, **fields: object) -> RouteTable:
    canary = Canary(5.0, ("header:X",))
    route = Route("pay", "monolith", "payments", stage, pin=pin, canary=canary, **fields)  # type: ignore[arg-type]
    return RouteTable("t", (route,), BACKENDS, {}, "hash")


@dataclass
class Told:
    """Stands for a child."""

    said: list[object] = field(default_factory=list)

    def certain(self, system: System | None) -> None:
        self.said.append(system)

    def send(self, message: Message) -> None:
        self.said.append(message)


@dataclass
class Bench:
    folder: Path
    now: float = field(default_factory=time.time)
    begun: int = 0
    worker: Told = field(default_factory=Told)
    service: Told = field(default_factory=Told)

    def guarding(self) -> Guarding:
        kept = Kept(self.folder / "strangler.db")
        worker, service = cast(Process, self.worker), cast(Process, self.service)
        return Guarding(kept, self.store, lambda: [worker], service, self._begin, lambda: self.now)

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder / 'strangler.db'}"

    def recorded(self, pin: Pin, since: float) -> None:
        with opened(claims_url(self.store)) as store:
            store.within(lambda transaction: record(transaction, {"pay": rule_text(pin)}, since))

    def _begin(self) -> None:
        self.begun += 1


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_workers_are_told_what_is_certain_and_restarts_remember(bench: Bench) -> None:
    guarding = bench.guarding()
    guarding.stand(table(Stage.LEGACY), frozenset())
    guarding.stand(table(Stage.CANARY), frozenset())
    assert bench.worker.said == [System.LEGACY, None]
    assert bench.begun == 2
    bench.now += 30
    bench.guarding().stand(table(Stage.LEGACY), frozenset())
    bench.now += 61
    bench.guarding().stand(table(Stage.LEGACY), frozenset())
    assert bench.worker.said[2:] == [None, System.LEGACY]


def test_a_table_without_pins_starts_no_service(bench: Bench) -> None:
    bench.guarding().stand(table(Stage.CANARY, None), frozenset())
    bench.guarding().pinned(table(Stage.CANARY, None))
    assert (bench.begun, bench.service.said) == (0, [])
    assert not needs(table(Stage.CANARY, None))


def test_what_cannot_be_kept_on_disk_is_not_certain(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    guarding = bench.guarding()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Kept, "keep_eras", full)
    guarding.stand(table(Stage.LEGACY), frozenset())
    assert bench.worker.said == [None]


def test_after_an_upgrade_it_decides_nothing(bench: Bench) -> None:
    guarding = bench.guarding()
    guarding.hand_over()
    guarding.stand(table(Stage.LEGACY), frozenset())
    assert (bench.worker.said, bench.begun) == ([None], 0)


def test_the_service_is_told_what_is_recorded_each_time_that_it_comes_up(bench: Bench) -> None:
    guarding = bench.guarding()
    guarding.came_up()
    guarding.pinned(table(Stage.LEGACY))
    guarding.came_up()
    guarding.pinned(table(Stage.LEGACY, None))
    rules = Recording({"pay": rule_text(PIN)})
    assert bench.service.said == [rules, rules, Recording({})]


@pytest.mark.parametrize(
    ("before", "after", "leaves"),
    [
        (table(Stage.SHADOW), table(Stage.CANARY), True),
        (table(Stage.LEGACY), table(Stage.CANDIDATE), True),
        (table(Stage.LEGACY), table(Stage.SHADOW), False),
        (table(Stage.CANARY), table(Stage.CANDIDATE), False),
        (table(Stage.CANDIDATE, None), table(Stage.CANDIDATE), False),
        (table(Stage.LEGACY), table(Stage.CANDIDATE, None), False),
        (table(Stage.LEGACY), table(Stage.CANDIDATE, semantics=Semantics.READ), False),
        (RouteTable("t", (), BACKENDS, {}, "hash"), table(Stage.CANDIDATE), True),
    ],
)
def test_who_leaves_legacy(before: RouteTable, after: RouteTable, leaves: bool) -> None:
    assert bool(list(leavers(before, after))) is leaves


def test_a_route_leaves_when_its_writes_were_pinned_for_as_long_as_a_pin_lasts(bench: Bench) -> None:
    def said() -> str | None:
        leaving = list(leavers(table(Stage.LEGACY), table(Stage.CANARY)))
        return objection(leaving, bench.store, bench.now)

    assert "have not been pinned by this rule yet" in str(said())
    bench.recorded(Pin(("header:Other",), ttl=60.0), bench.now - 1000)
    assert "have not been pinned by this rule yet" in str(said())
    bench.recorded(PIN, bench.now - 50)
    assert "retries of earlier ones would find none" in str(said())
    bench.now += 20
    assert said() is None


async def test_the_glass_can_be_broken_for_a_route_or_its_group(bench: Bench) -> None:
    guarding, before, after = bench.guarding(), table(Stage.LEGACY, group="g"), table(Stage.CANARY, group="g")
    assert "--break-glass" in str(await guarding.objection(before, after))
    assert await guarding.objection(before, after, ["pay"]) is None
    assert await guarding.objection(before, after, ["g"]) is None
    assert await guarding.objection(after, before) is None


async def test_claims_that_cannot_be_read_keep_a_route_where_it_is(bench: Bench) -> None:
    (bench.folder / "strangler.db.claims").write_bytes(b"no database" * 1000)
    said = await asyncio.wait_for(bench.guarding().objection(table(Stage.LEGACY), table(Stage.CANARY)), 10)
    assert "cannot be read" in str(said)


def test_where_systems_own_entities_every_era_counts_and_an_import_ends_what_is_certain(bench: Bench) -> None:
    owned = replace(table(Stage.LEGACY, None), entities=(Entity("payment", ("$.id",)),))
    guarding = bench.guarding()
    guarding.stand(owned, frozenset())
    guarding.stand(replace(table(Stage.CANARY, None), entities=owned.entities), frozenset())
    bench.now += 1_000_000
    guarding.stand(owned, frozenset())
    assert bench.worker.said == [System.LEGACY, None, None]
    assert needs(owned)
    (bench.folder / "strangler.db.eras.json").unlink()
    bench.guarding().stand(owned, frozenset())
    imports_file(bench.folder / "strangler.db").touch()
    bench.guarding().stand(owned, frozenset())
    assert bench.worker.said[3:] == [System.LEGACY, None]
