"""What `strangler serve` does before any process starts: everything that can be wrong is found here, and said in one
line.

Law of this file: configuration first (exit 2), then the environment (exit 3): ports, store, key. A backend that is not
there is said too, but stops nothing unless asked to: a proxy that refuses to start because one upstream is down would
be an outage more. Likewise where payments were carried before (a last good table is kept): then neither a broken
routes.yaml nor a store that is down stops them, and both are said.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from proxy.routing.table import RouteTable
from proxy.runtime import probes
from proxy.runtime.configuration import Configuration
from proxy.runtime.handover import inherited
from proxy.runtime.keeping import Kept
from proxy.runtime.sockets import Endpoint, EnvironmentFault, bound, listen
from proxy.runtime.storing import beside, key_beside, prepared
from proxy.runtime.supervisor import Plan, Supervisor
from proxy.runtime.tokens import load_token

STORE_PATIENCE: Final = 1.0
"""Seconds for which payments that were carried before wait for the store."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the command line says. `listen` None: the file's listeners."""

    config: Path
    listen: Endpoint | None
    admin: Endpoint
    workers: int
    store: str
    key_file: Path | None
    require_backends: bool
    token_file: Path | None = None
    shutdown_delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Serving:
    """What runs: the addresses in use, and what an operator should know about it."""

    table: RouteTable
    payments: tuple[Endpoint, ...]
    admin: Endpoint
    warnings: tuple[str, ...]


async def serve(options: ServeOptions, announce: Callable[[Serving], None]) -> None:
    """Runs until SIGTERM or SIGINT. `announce` is called once every worker serves. Raises ConfigErrors or
    EnvironmentFault.
    """
    load_token(None if options.token_file is None else str(options.token_file), os.environ)
    kept = Kept(beside(options.store))
    carried_before = kept.text() is not None
    configuration = Configuration(options.config, kept)
    table = configuration.table
    handed = inherited(os.environ)
    endpoints = (
        (options.listen,) if options.listen else tuple(Endpoint(each.address, each.port) for each in table.listeners)
    )
    listeners = handed.listeners if handed else tuple(listen(endpoint, "payments") for endpoint in endpoints)
    admin = handed.admin if handed else listen(options.admin, "the admin API")
    key_file = options.key_file or key_beside(options.store)
    trouble = await _store_trouble(options.store, key_file, carried_before)
    unreachable = tuple(await probes.unreachable(table.backends.values()))
    if unreachable and options.require_backends:
        raise EnvironmentFault("; ".join(unreachable))
    configuration.keep()
    warnings = (*_faults(configuration), *trouble, *unreachable)
    plan = Plan(
        configuration=configuration,
        listeners=listeners,
        admin=admin,
        workers=options.workers,
        store=options.store,
        key_file=key_file,
        token_file=options.token_file,
        shutdown_delay=options.shutdown_delay,
        open=handed.open if handed else (),
        version=version("strangler"),
    )
    ready = asyncio.Event()
    running = asyncio.ensure_future(Supervisor(plan).run(ready))
    serving = Serving(table, tuple(map(bound, listeners)), bound(admin), warnings)
    waiting = asyncio.ensure_future(ready.wait())
    await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
    if ready.is_set():
        announce(serving)
        if handed:
            handed.say_ready()
    waiting.cancel()
    await running


def _faults(configuration: Configuration) -> Iterator[str]:
    if configuration.fault is not None:
        yield f"{configuration.file} CANNOT BE USED, the last good table is in force: {configuration.fault}"
    if configuration.overrides:
        yield f"{len(configuration.overrides)} overrides are in force; `strangler status` lists them"


async def _store_trouble(store: str, key_file: Path, carried_before: bool) -> tuple[str, ...]:
    """Raises EnvironmentFault where nothing was carried before."""
    try:
        async with asyncio.timeout(STORE_PATIENCE if carried_before else None):
            await prepared(store, key_file)
    except (EnvironmentFault, TimeoutError) as fault:
        if not carried_before:
            raise
        why = str(fault) or f"the store does not answer within {STORE_PATIENCE:g} s"
        return (f"NO EVIDENCE IS KEPT, payments are carried as before: {why}",)
    return ()
