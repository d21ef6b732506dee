"""`python -m proxy.runtime ROLE INDEX LINK-FD`: one child of the supervisor."""

import asyncio
import sys
from importlib import import_module
from importlib.util import find_spec

from proxy.runtime import dumps
from proxy.runtime.entry import live


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where there is one for this platform."""
    if find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = import_module("uvloop").new_event_loop()
    return loop


def main() -> None:
    dumps.forbid()
    role, index, link_fd = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    work = import_module(f"proxy.runtime.{role}").work
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(live(role, index, link_fd, work))


if __name__ == "__main__":
    main()
