"""Sends the merchants' flows through a proxy, several merchants at once, and checks the status of every answer.

Law of this file: a flow's steps go one after the other. Nothing is sent twice unless its plan says so.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from examples.flows import Flow, Step, plan

AT_ONCE = 8
"""Merchants at work at the same time."""

KEPT_SURPRISES = 10
_TIMEOUT = aiohttp.ClientTimeout(total=30)
_HEADERS = {"Authorization": "Bearer demo-merchant-token", "User-Agent": "strangler-demo"}


@dataclass(frozen=True, slots=True)
class TrafficSummary:
    """How many requests were planned, how many answers were not as planned, and the first few of those in words.

    `statuses` are pairs of (HTTP status, how many answers), by status.
    """

    requests: int
    unexpected: int
    statuses: tuple[tuple[int, int], ...]
    surprises: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    total: int
    progress: Callable[[int, int], None]
    done: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    unexpected: int = 0

    def count(self, surprise: str | None) -> None:
        self.done += 1
        if surprise is not None:
            self.unexpected += 1
            self.surprises = [*self.surprises, surprise][:KEPT_SURPRISES]
        self.progress(self.done, self.total)


async def drive(
    base_url: str, requests: int, seed: int, progress: Callable[[int, int], None] = lambda done, total: None
) -> TrafficSummary:
    """Send exactly `requests` requests to `base_url` (scheme, host and port) and sum up the answers.

    The plan depends on `seed` only; a second run on one database needs another seed, as merchants and idempotency keys
    are named after it. `progress` is called after each request with (done, requests). A request that cannot be sent, or
    whose answer does not come, counts as unexpected; nothing is raised for it.
    """
    flows = iter(plan(requests, seed))
    tally = _Tally(requests, progress)
    session = aiohttp.ClientSession(base_url, timeout=_TIMEOUT, headers=_HEADERS)
    async with session, asyncio.TaskGroup() as merchants:
        for _ in range(AT_ONCE):
            merchants.create_task(_work(session, flows, tally))
    return TrafficSummary(requests, tally.unexpected, tuple(sorted(tally.statuses.items())), tuple(tally.surprises))


async def _work(session: aiohttp.ClientSession, flows: Iterator[Flow], tally: _Tally) -> None:
    for flow in flows:
        ids: dict[str, str] = {}
        for step in flow:
            tally.count(await _try(session, step, ids, tally.statuses))


async def _try(session: aiohttp.ClientSession, step: Step, ids: dict[str, str], statuses: Counter[int]) -> str | None:
    """Send one step, keep its id, and say what was not as planned, if anything."""
    name = f"{step.method} {step.path}"
    try:
        path = step.path.format_map(ids)
    except KeyError as missing:
        return f"{name}: not sent, as no earlier answer gave {missing}"
    try:
        status, body = await _send(session, step, path)
    except (aiohttp.ClientError, TimeoutError, ValueError) as failure:
        return f"{name}: no answer: {failure!r}"
    statuses[status] += 1
    if status != step.expect:
        return f"{name}: {status} instead of {step.expect}"
    return _keep(name, step.save, body, ids)


async def _send(session: aiohttp.ClientSession, step: Step, path: str) -> tuple[int, Mapping[str, Any]]:
    headers = {} if step.key is None else {"Idempotency-Key": step.key}
    async with session.request(step.method, path, json=step.body, headers=headers) as answer:
        return answer.status, await answer.json()


def _keep(name: str, save: str | None, body: Mapping[str, Any], ids: dict[str, str]) -> str | None:
    if save is None:
        return None
    given = str(body.get("id"))
    if ids.setdefault(save, given) != given:
        return f"{name}: repeated with its Idempotency-Key, it made {given} besides {ids[save]}"
    return None
