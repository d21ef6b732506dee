"""Runs the localstripe installed beside this interpreter on a free port of 127.0.0.1, and says which on stdout.

Law of this file: it is a program of its own, run by the Python of an environment of its own; nothing of the proxy
imports it and it imports nothing of the proxy. The server's own command binds every address and keeps its state in one
file that all releases share; here the state stays in the memory of this process, so two servers never meet. The process
ends itself when its stdin closes, so that none is left behind when a test run is killed.
"""

import os
import signal
import socket
import sys
import threading

from aiohttp import web
from localstripe import resources, server  # type: ignore[import-not-found]


def end_when_stdin_closes() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    resources.store.dump_to_disk = lambda: None
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=end_when_stdin_closes, daemon=True).start()
    web.run_app(server.app, sock=listener, print=None, access_log=None, shutdown_timeout=1)


if __name__ == "__main__":
    main()
