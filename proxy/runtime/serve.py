"""What `strangler serve` does before any process starts: everything that can be wrong is found here, and said in one
line.

Law of this file: configuration first (exit 2), then the environment (exit 3): ports, store, key. A backend that is not
there is said too, but stops nothing unless asked to: a proxy that refuses to start because one upstream is down would
be an outage more. Likewise where payments were carried before (a last good table is kept): then neither a broken
routes.yaml nor a store that is down stops them or is waited for, and both are said: the store is looked for when the
workers serve.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final, TypeAlias

from proxy.config.annotation import told_since
from proxy.routing.table import RouteTable
from proxy.runtime import probes
from proxy.runtime.configuration import Configuration
from proxy.runtime.guarding import leavers, objection
from proxy.runtime.handover import inherited
from proxy.runtime.keeping import Kept
from proxy.runtime.sockets import Endpoint, EnvironmentFault, bound, listen
from proxy.runtime.storing import beside, key_beside, key_warning, prepared, require_key
from proxy.runtime.supervisor import Plan, Supervisor
from proxy.runtime.tokens import load_token
from proxy.store.keep import ALL, Keep

Troubles: TypeAlias = tuple[str, ...]

STORE_PATIENCE: Final = 1.0
"""Seconds for which a start where payments were carried before waits for the store, before it says that it serves."""
SUCCESSOR_PATIENCE: Final = 10.0
"""The same for a successor, whose predecessor carries payments meanwhile, and takes the CPU time for that."""


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
    keep: Keep = ALL


@dataclass(frozen=True, slots=True)
class Serving:
    """What runs: the addresses in use, and what an operator should know about it."""

    table: RouteTable
    payments: tuple[Endpoint, ...]
    admin: Endpoint
    warnings: tuple[str, ...]


async def serve(options: ServeOptions, announce: Callable[[Serving], None]) -> None:
    """Runs until SIGTERM or SIGINT. `announce` is called once every worker serves. Raises ConfigErrors,
    KeyRefused or EnvironmentFault.
    """
    require_key(options.store, options.key_file)
    load_token(None if options.token_file is None else str(options.token_file), os.environ)
    kept = Kept(beside(options.store))
    carried_before = kept.text() is not None
    configuration = Configuration(options.config, kept)
    handed = inherited(os.environ)
    await _held_back(configuration, options.store)
    table = configuration.table
    endpoints = (
        (options.listen,) if options.listen else tuple(Endpoint(each.address, each.port) for each in table.listeners)
    )
    listeners = handed.listeners if handed else tuple(listen(endpoint, "payments") for endpoint in endpoints)
    admin = handed.admin if handed else listen(options.admin, "the admin API")
    key_file = options.key_file or key_beside(options.store)
    patience = (SUCCESSOR_PATIENCE if handed else STORE_PATIENCE) if carried_before else None
    look = partial(_troubles, options, table, key_file, patience)
    told = None if carried_before and not options.require_backends else await look()
    configuration.keep()
    plan = Plan(
        configuration=configuration,
        listeners=listeners,
        admin=admin,
        workers=options.workers,
        store=options.store,
        key_file=key_file,
        token_file=options.token_file,
        keep=options.keep,
        shutdown_delay=options.shutdown_delay,
        open=handed.open if handed else (),
        version=version("strangler"),
    )
    ready = asyncio.Event()
    running = asyncio.ensure_future(Supervisor(plan).run(ready))
    serving = asyncio.ensure_future(_up(ready, told, look))
    await asyncio.wait((running, serving), return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        warnings = (*_faults(configuration), *serving.result())
        announce(Serving(table, tuple(map(bound, listeners)), bound(admin), warnings))
        if handed:
            handed.say_ready()
    serving.cancel()
    await running


async def _up(ready: asyncio.Event, told: Troubles | None, look: Callable[[], Awaitable[Troubles]]) -> Troubles:
    """What is to be said about the surroundings once every worker serves; looked for only then, if not before."""
    await ready.wait()
    return await look() if told is None else told


async def _troubles(options: ServeOptions, table: RouteTable, key_file: Path, patience: float | None) -> Troubles:
    """What is wrong with the surroundings and stops nothing. Raises EnvironmentFault for what does."""
    trouble, unreachable = await asyncio.gather(
        _store_trouble(options.store, key_file, patience), probes.unreachable(table.backends.values())
    )
    if unreachable and options.require_backends:
        raise EnvironmentFault("; ".join(unreachable))
    return (*trouble, *unreachable, *key_warning(options.store, options.key_file))


async def _held_back(configuration: Configuration, store: str) -> None:
    """Begins with the last good table where the file has a route leave legacy too soon."""
    before = configuration.last_good()
    if before is None or before.table is None or configuration.fault is not None:
        return
    excused = {each.subject for each in told_since(before.source, configuration.text) if each.note.break_glass}
    leaving = [each for each in leavers(before.table, configuration.base) if not {each.name, each.group} & excused]
    reason = await asyncio.to_thread(objection, leaving, store, time.time()) if leaving else None
    if reason is not None:
        configuration.fall_back(reason)


def _faults(configuration: Configuration) -> Iterator[str]:
    if configuration.fault is not None:
        yield f"{configuration.file} CANNOT BE USED, the last good table is in force: {configuration.fault}"
    if configuration.overrides:
        yield f"{len(configuration.overrides)} overrides are in force; `strangler status` lists them"


async def _store_trouble(store: str, key_file: Path, patience: float | None) -> tuple[str, ...]:
    """`patience`: seconds; None where nothing was carried before: then it raises EnvironmentFault."""
    try:
        async with asyncio.timeout(patience):
            await prepared(store, key_file)
    except (EnvironmentFault, TimeoutError) as fault:
        if patience is None:
            raise
        why = str(fault) or f"the store does not answer within {patience:g} s"
        return (f"NO EVIDENCE IS KEPT, payments are carried as before: {why}",)
    return ()
