"""What `strangler serve` does before any process starts: everything that can be wrong is found here, and said in one
line.

Law of this file: configuration first (exit 2), then the environment (exit 3): ports, store, key. A backend that is not
there is said too, but stops nothing unless asked to: a proxy that refuses to start because one upstream is down would
be an outage more.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from proxy.config.errors import ConfigErrors
from proxy.config.load import inspect
from proxy.routing.table import RouteTable
from proxy.runtime import probes
from proxy.runtime.sockets import Endpoint, EnvironmentFault, bound, listen
from proxy.runtime.storing import key_beside, prepared
from proxy.runtime.supervisor import Plan, Supervisor


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
    found = inspect(options.config)
    table = found.table
    if table is None:
        raise ConfigErrors(found.errors)
    endpoints = (
        (options.listen,) if options.listen else tuple(Endpoint(each.address, each.port) for each in table.listeners)
    )
    listeners = tuple(listen(endpoint, "payments") for endpoint in endpoints)
    admin = listen(options.admin, "the admin API")
    key_file = options.key_file or key_beside(options.store)
    await prepared(options.store, key_file)
    warnings = tuple(await probes.unreachable(table.backends.values()))
    if warnings and options.require_backends:
        raise EnvironmentFault("; ".join(warnings))
    plan = Plan(
        table=table,
        config_name=str(options.config),
        config_text=found.source,
        listeners=listeners,
        admin=admin,
        workers=options.workers,
        store=options.store,
        key_file=key_file,
        version=version("strangler"),
    )
    ready = asyncio.Event()
    running = asyncio.ensure_future(Supervisor(plan).run(ready))
    serving = Serving(table, tuple(map(bound, listeners)), bound(admin), warnings)
    waiting = asyncio.ensure_future(ready.wait())
    await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
    if ready.is_set():
        announce(serving)
    waiting.cancel()
    await running
