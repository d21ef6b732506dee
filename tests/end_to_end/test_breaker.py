"""A candidate that begins to fail is left, by all workers, and taken back when it answers again."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from tests.end_to_end.deployment import Deployment
from tests.end_to_end.flipping import System, until
from tests.support.ports import free_port
from tests.support.process import Processes

ROUTES = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: breaker}}
spec:
  backends:
    - {{name: monolith, url: "http://127.0.0.1:{legacy}"}}
    - {{name: payments, url: "http://127.0.0.1:{candidate}"}}
  routes:
    - name: pay
      stage: candidate
      matches: [{{path: {{type: PathPrefix, value: /}}}}]
      backendRefs: {{legacy: monolith, candidate: payments}}
      breaker: {{window: 10s, minRequests: 10, maxErrorRate: 0.2}}
"""


class Moody(System):
    """A system that answers 500 while it is `ill`."""

    ill = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.executed[head.split(b" ", 2)[1]] += 1
                status = b"500 Ill" if self.ill else b"200 OK"
                writer.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(self.name), self.name))
        writer.close()


async def ask(port: int, name: int) -> tuple[bytes, bytes]:
    """The status and the system that answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % name)
    answer = await reader.read()
    writer.close()
    return answer[9:12], answer.partition(b"\r\n\r\n")[2]


async def test_it_is_left_within_the_window_probed_and_taken_back(run_process: Processes, tmp_path: Path) -> None:
    legacy, candidate = System(b"legacy"), Moody(b"candidate")
    servers = [await asyncio.start_server(each.serve, "127.0.0.1", 0) for each in (legacy, candidate)]
    ports = [each.sockets[0].getsockname()[1] for each in servers]
    deployment = await deployed(run_process, tmp_path, ROUTES.format(legacy=ports[0], candidate=ports[1]))
    asked = 0

    async def told() -> tuple[bytes, bytes]:
        nonlocal asked
        asked += 1
        return await ask(deployment.port, asked)

    for _ in range(12):
        assert await told() == (b"200", b"candidate")
    candidate.ill = True
    answers = [await told() for _ in range(60)]
    failed = [each for each in answers if each[0] == b"500"]
    assert answers[-1] == (b"200", b"legacy")
    assert 3 <= len(failed) <= 25  # a fifth of a window; two workers count each for itself
    assert deployment.metric("strangler_breaker_open", route="pay") == 1
    probes = len(candidate.executed)
    candidate.ill = False

    async def answered_by_candidate() -> bool:
        return await told() == (b"200", b"candidate") and deployment.metric("strangler_breaker_open") == 0

    async with asyncio.timeout(40):
        while not await answered_by_candidate():
            await asyncio.sleep(0.05)
    assert len(candidate.executed) > probes
    executed = legacy.executed + candidate.executed
    assert len(executed) == asked
    assert set(executed.values()) == {1}
    os.kill(deployment.serve.pid, signal.SIGTERM)
    await until(lambda: deployment.serve.returncode is not None, "it has ended")
    for server in servers:
        server.close()
    log = deployment.serve.stderr
    assert "breaker-opened: pay" in log
    assert "breaker-closed: pay" in log


async def deployed(run_process: Processes, folder: Path, text: str) -> Deployment:
    (folder / "store").mkdir(parents=True)
    (folder / "routes.yaml").write_text(text)
    port, admin = free_port(), free_port()
    command = [
        *(sys.executable, "-m", "proxy", "serve", "-c", folder / "routes.yaml", "--workers", "2"),
        *("--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"),
        *("--store", f"sqlite:///{folder / 'store' / 'strangler.db'}"),
    ]
    serve = await asyncio.to_thread(run_process, command, lambda each: "carries payments on" in each.stderr, timeout=30)
    return Deployment(folder, port, admin, serve)
