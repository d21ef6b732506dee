"""The control process: serves what the supervisor tells it. It knows nothing else and touches no payment."""

import asyncio
import logging
import os
import socket
from typing import Final

from aiohttp import web

from proxy.control.app import make_app
from proxy.control.state import ControlState
from proxy.runtime.asking import Asking
from proxy.runtime.entry import Child
from proxy.runtime.link import Message, Status, Told
from proxy.runtime.tokens import load_token

CLEANUP: Final = 5.0

_log = logging.getLogger(__name__)


async def work(child: Child) -> None:
    state = ControlState(child.start.version)
    asking = Asking(child.link)

    def apply(message: Message) -> None:
        if isinstance(message, Status):
            try:
                state.apply(message.document)
            except ValueError as fault:
                _log.warning("a status document is not taken, the last one stands: %s", fault)
        elif isinstance(message, Told):
            asking.told(message)

    child.on_message = apply
    token = load_token(child.start.token_file, os.environ)
    runner = web.AppRunner(make_app(state, asking.ask, token), access_log=None)
    await runner.setup()
    for fd in child.start.listeners:
        await web.SockSite(runner, socket.socket(fileno=fd)).start()
    child.ready(None)
    await child.stopping.wait()
    async with asyncio.timeout(CLEANUP):
        await runner.cleanup()
