"""What the commands on claims share."""

import asyncio
from pathlib import Path

import click
import pytest

from proxy.cli.claiming import audited, within
from proxy.evidence.entry import Action
from proxy.store.claims import count_pins
from proxy.store.engine import open_store
from proxy.store.url import claims_url
from tests.support.claims import opened


def test_a_transaction_on_the_claims_of_a_store(store_url: str) -> None:
    with opened(claims_url(store_url)) as store:
        store.within(count_pins)
    assert within(store_url, count_pins) == 0


@pytest.mark.parametrize("store", ["sqlite:////nowhere/at/all.db", "redis://a"])
def test_where_there_are_none_it_ends_with_3(store: str) -> None:
    with pytest.raises(click.exceptions.Exit) as ended:
        within(store, count_pins)
    assert ended.value.exit_code == 3


def test_an_audit_log_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audited(f"sqlite:///{tmp_path}", Action.PIN_RELEASED, "jo", "a", "why")
    assert "the audit log has no entry" in capsys.readouterr().err

    async def made() -> None:
        await (await open_store(f"sqlite:///{tmp_path / 'a.db'}")).close()

    asyncio.run(made())
    audited(f"sqlite:///{tmp_path / 'a.db'}", Action.PIN_RELEASED, None, "a", "why")
    assert capsys.readouterr().err == ""
