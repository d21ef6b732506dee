"""What is old goes while a shadow runner runs. Law of this file: a store that cannot be pruned is said once and tried
again; nobody waits for it.
"""

import asyncio
import logging
import time
from typing import Final

from proxy.store.errors import StoreError
from proxy.store.keep import Keep
from proxy.store.retention import prune

EVERY: Final = 600.0
"""Seconds from one look to the next; the first is a tenth of it after the start."""

_log = logging.getLogger(__name__)


async def retain(store: str, keep: Keep, every: float = EVERY) -> None:
    """Until cancelled."""
    if keep.is_everything:
        return
    is_failing = False
    await asyncio.sleep(every / 10)
    while True:
        try:
            done = await prune(store, keep, time.time())
        except StoreError as error:
            if not is_failing:
                _log.warning("what is old cannot be removed: %s", error)
            is_failing = True
        else:
            is_failing = False
            if done.exchanges:
                _log.info("removed about %d old exchanges, %d bytes", done.exchanges, done.bytes)
        await asyncio.sleep(every)
