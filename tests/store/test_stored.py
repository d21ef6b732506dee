"""An exchange comes back as it went in."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from proxy.messages import Failure, Headers, Response, System
from proxy.store.engine import Store
from proxy.store.record import Record
from proxy.store.stored import load_differences, load_exchange
from tests.store.made import AMOUNT, EXCUSED, inconclusive, observation, put_in, record, unsent

ODD: Headers = ((b"X", b"\xff\x00"), (b"x", b""), (b"X", b"\xff\x00"))


async def put(store: Store, records: Sequence[Record]) -> None:
    await store.run(put_in, records, (), store.salt)


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b'{"a": 1}' * 1000])
async def test_round_trip(store: Store, body: bytes) -> None:
    shadow = observation(System.CANDIDATE, body)
    assert isinstance(shadow.outcome, Response)
    shadow = type(shadow)(shadow.system, shadow.backend, Response(200, b"\xe9", ODD, body), 0.25)
    kept = record("1", AMOUNT, EXCUSED, shadow=shadow)
    await put(store, [kept])
    async with store.writing() as connection:
        found = await load_exchange(connection, "1")
    assert found is not None
    assert (found.request, found.legacy, found.candidate) == (kept.exchange.request, kept.exchange.primary, shadow)
    assert (found.verdict, found.reason, found.fingerprint) == (kept.verdict, None, kept.fingerprint)
    assert found.differences == (AMOUNT, EXCUSED)
    assert (found.route, found.primary, found.started_at) == ("create-payment", System.LEGACY, kept.exchange.started_at)


async def test_a_match_that_was_not_kept_whole_says_so(store: Store) -> None:
    await put(store, [replace(record("1"), is_whole=False), record("2"), unsent("3")])
    async with store.writing() as connection:
        kept = [await load_exchange(connection, each) for each in ("1", "2", "3")]
    assert [each.is_whole for each in kept if each is not None] == [False, True, True]
    first = kept[0]
    assert first is not None
    assert first.legacy is not None
    assert isinstance(first.legacy.outcome, Response)
    assert (first.legacy.outcome.status, first.legacy.outcome.headers) == (201, ())


async def test_failures_and_copies_that_were_not_sent(store: Store) -> None:
    failed, alone = inconclusive("1"), unsent("2")
    await put(store, [failed, alone])
    async with store.writing() as connection:
        first, second = await load_exchange(connection, "1"), await load_exchange(connection, "2")
        assert await load_differences(connection, "1") == ()
        assert await load_exchange(connection, "3") is None
    assert first is not None
    assert first.candidate == failed.shadow
    assert isinstance(failed.shadow.outcome if failed.shadow else None, Failure)
    assert first.reason == "shadow failed: timeout"
    assert second is not None
    assert second.candidate is None
