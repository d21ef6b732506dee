import asyncio
import socket

from proxy.routing.table import Backend, Timeouts
from proxy.runtime.probes import unreachable
from tests.support.wire import upstream


def backend(name: str, port: int, host: str = "127.0.0.1") -> Backend:
    return Backend(name, "http", host, port, timeouts=Timeouts(0.2, 1.0, 1.0))


async def test_a_backend_that_is_there_is_sent_nothing() -> None:
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.read())

    async with upstream(listen) as server, asyncio.timeout(5):
        assert await unreachable([backend("monolith", server.port)]) == []
        assert await heard == b""


async def test_each_backend_that_is_not_there_is_a_line(free_port: int) -> None:
    async with upstream(lambda reader, writer: asyncio.sleep(0)) as server:
        lines = await unreachable([backend("a", free_port), backend("b", server.port), backend("c", free_port)])
    where = f"(http://127.0.0.1:{free_port}) is unreachable: "
    assert [line.partition(where)[0] for line in lines] == ["backend a ", "backend c "]
    assert "\n" not in "".join(lines)
    assert lines[0].endswith("is unreachable: Connection refused")


async def test_one_that_does_not_accept_is_given_up_after_its_connect_time_out() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for client in (first, second):  # the backlog is full from here on: the kernel lets the next ones wait
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        (line,) = await unreachable([backend("slow", full.getsockname()[1])])
    assert line.endswith("is unreachable: no connection within 0.2 s")


async def test_a_name_that_does_not_resolve_is_a_line() -> None:
    (line,) = await unreachable([backend("gone", 80, host="nowhere.invalid")])
    assert line.startswith("backend gone (http://nowhere.invalid:80) is unreachable: ")
    assert "Unknown error" not in line
