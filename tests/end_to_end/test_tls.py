"""TLS on either side of the proxy: who is trusted, what is renewed, and what a failure says.

Law of this file: a worker alone where that is enough, since it starts in a quarter of the time of `strangler serve`.
"""

import asyncio
import hashlib
import os
import signal
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import httpx
import pytest
from msgspec import structs

from proxy.http1.serving import ServerSettings
from tests.end_to_end.deployment import Deployment, eventually
from tests.end_to_end.securing import connected, secure_upstream, serial, trusting
from tests.end_to_end.serving import serve
from tests.runtime.children import Spawned, listening, port_of, ready, start
from tests.runtime.tables import said
from tests.support.certificates import Authority, Pair
from tests.support.process import Processes
from tests.support.wire import answering, exchange, read_request, upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LISTENER = "  listeners: [{port: 0, tls: {certificate: live/tls.crt, key: live/tls.key%s}}]\n"


def routes(backends: dict[str, str], *, listener: str = "", stage: str = "legacy") -> str:
    """A route `/name` for each backend; `backends`: what is said of it beside its name."""
    listed = "".join(f"    - {{name: {name}, effects: live, {said}}}\n" for name, said in backends.items())
    rules = "".join(
        f"    - {{name: {name}, stage: {stage}, matches: [{{path: {{value: /{name}}}}}], "
        f"backendRefs: {{legacy: {name}, candidate: {name}}}}}\n"
        for name in backends
    )
    timeouts = "  defaults: {timeouts: {connect: 2s, request: 10s, idle: 10s}}\n"
    head = "apiVersion: strangler/v1\nkind: RouteTable\nmetadata: {name: tls}\nspec:\n"
    return f"{head}{listener}{timeouts}  backends:\n{listed}  routes:\n{rules}"


def install(folder: Path, pair: Pair, version: str) -> None:
    """As Kubernetes does: a folder for each version, and a link to it that is swapped."""
    version_folder, link = folder / version, folder / f"{version}.link"
    version_folder.mkdir(parents=True)
    for name, file in (("tls.crt", pair.certificate), ("tls.key", pair.key)):
        (version_folder / name).write_bytes(file.read_bytes())
        (version_folder / name).chmod(0o600)
    link.symlink_to(version)
    os.replace(link, folder / "live")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def other(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "other", "other")


@asynccontextmanager
async def working(folder: Path, text: str, connections: int = 64) -> AsyncIterator[tuple[Spawned, int]]:
    """A worker with these routes in `folder`, and the port of its payments."""
    folder.mkdir(exist_ok=True)
    with listening() as payments:
        first = structs.replace(
            start(folder, payments),
            config_name=str(folder / "routes.yaml"),
            document=said(text),
            connections=connections,
        )
        async with ready("worker", first, folder, payments) as child:
            yield child, port_of(payments)


async def served(run_process: Processes, folder: Path, text: str) -> Deployment:
    return await asyncio.to_thread(serve, run_process, folder, text)


async def until(condition: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(eventually, condition, what)


def client(context: ssl.SSLContext, port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"https://127.0.0.1:{port}", verify=context, trust_env=False, timeout=15)


async def test_https_is_carried_and_the_upstream_is_told(
    tmp_path: Path, authority: Authority, other: Authority
) -> None:
    seen: list[bytes] = []
    install(tmp_path / "proxy", authority.issue("one"), "v1")
    async with upstream(answering(seen, OK)) as server:
        text = routes({"pay": f"url: 'http://127.0.0.1:{server.port}'"}, listener=LISTENER % "")
        async with working(tmp_path / "proxy", text) as (_, port):
            async with client(trusting(authority.certificate), port) as asking:
                answer = await asking.get("/pay")
            assert (answer.status_code, answer.text, answer.http_version) == (200, "ok", "HTTP/1.1")
            assert b"\r\nX-Forwarded-Proto: https\r\n" in seen[0]
            with pytest.raises(ssl.SSLCertVerificationError):
                await connected(port, trusting(other.certificate))


async def test_a_client_that_wants_no_further_answer_is_let_go_with_the_last_one(
    tmp_path: Path, authority: Authority
) -> None:
    install(tmp_path / "proxy", authority.issue("one"), "v1")
    async with upstream(answering([], OK)) as server:
        text = routes({"pay": f"url: 'http://127.0.0.1:{server.port}'"}, listener=LISTENER % "")
        async with working(tmp_path / "proxy", text) as (_, port):
            kept = await connected(port, trusting(authority.certificate))
            kept.writer.write(b"GET /pay HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            async with asyncio.timeout(ServerSettings().linger / 2):
                assert (await kept.reader.read()).endswith(b"\r\n\r\nok")
            kept.writer.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
async def test_only_what_is_safe_is_negotiated(tmp_path: Path, authority: Authority) -> None:
    install(tmp_path / "proxy", authority.issue("one"), "v1")
    async with upstream(answering([], OK)) as server:
        text = routes({"pay": f"url: 'http://127.0.0.1:{server.port}'"}, listener=LISTENER % "")
        async with working(tmp_path / "proxy", text) as (_, port):
            context = trusting(authority.certificate)
            context.set_alpn_protocols(["h2", "http/1.1"])
            connection = await connected(port, context)
            assert connection.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
            connection.close()
            old = trusting(authority.certificate)
            old.minimum_version, old.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_1
            old.set_ciphers("ALL:@SECLEVEL=0")
            with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION|protocol version"):
                await connected(port, old)


async def test_what_is_no_tls_is_closed_and_disturbs_nobody(tmp_path: Path, authority: Authority) -> None:
    install(tmp_path / "proxy", authority.issue("one"), "v1")
    async with upstream(answering([], OK)) as server:
        text = routes({"pay": f"url: 'http://127.0.0.1:{server.port}'"}, listener=LISTENER % "")
        async with working(tmp_path / "proxy", text, connections=2) as (child, port):
            silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
            began = monotonic()
            assert b"HTTP/1.1" not in await exchange(port, b"GET /pay HTTP/1.1\r\nHost: a\r\n\r\n")
            assert monotonic() - began < 5
            connection = await connected(port, trusting(authority.certificate))
            assert (await connection.get("/pay")).endswith(b"\r\n\r\nok"), "half-open handshakes took its place"
            connection.close()
            for _, writer in silent:
                writer.close()
    assert child.stderr.read_text() == ""


@pytest.mark.slow
async def test_a_handshake_that_does_not_end_is_cut(tmp_path: Path, authority: Authority) -> None:
    install(tmp_path / "proxy", authority.issue("one"), "v1")
    text = routes({"pay": "url: 'http://127.0.0.1:1'"}, listener=LISTENER % "")
    async with working(tmp_path / "proxy", text) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01\x02\x00\x01")
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        writer.close()


async def test_clients_have_to_show_a_certificate_of_the_ca(
    tmp_path: Path, authority: Authority, other: Authority
) -> None:
    install(tmp_path / "proxy", authority.issue("one"), "v1")
    (tmp_path / "proxy" / "clients.pem").write_bytes(authority.certificate.read_bytes())
    seen: list[bytes] = []
    async with upstream(answering(seen, OK)) as server:
        text = routes({"pay": f"url: 'http://127.0.0.1:{server.port}'"}, listener=LISTENER % ", clientCA: clients.pem")
        async with working(tmp_path / "proxy", text) as (_, port):
            async with client(trusting(authority.certificate, authority.issue("merchant")), port) as asking:
                assert (await asking.get("/pay")).status_code == 200
            for shown, told in ((None, "CERTIFICATE_REQUIRED"), (other.issue("stranger"), "UNKNOWN_CA")):
                connection = await connected(port, trusting(authority.certificate, shown))
                with pytest.raises(ssl.SSLError, match=told):
                    await connection.get("/pay")
                connection.close()
    assert len(seen) == 1


async def test_a_new_pair_is_taken_and_a_broken_one_is_not(
    run_process: Processes, tmp_path: Path, authority: Authority
) -> None:
    folder, context = tmp_path / "proxy", trusting(authority.certificate)
    install(folder, authority.issue("one"), "v1")
    async with upstream(answering([], OK)) as server:
        text = routes({"pay": f"url: 'http://127.0.0.1:{server.port}'"}, listener=LISTENER % "")
        proxy = await served(run_process, folder, text)
        assert f"https://127.0.0.1:{proxy.port}" in proxy.serve.stderr
        kept = await connected(proxy.port, context)
        assert (await kept.get("/pay")).endswith(b"\r\n\r\nok")

        install(folder, authority.issue("two"), "v2")
        await until(lambda: "new files are in use" in proxy.serve.stderr, "the new pair was taken")
        second = await serial(proxy.port, context)
        assert second != kept.serial
        assert (await kept.get("/pay")).endswith(b"\r\n\r\nok"), "the reload dropped a connection"

        (folder / "v2" / "tls.key").write_bytes(authority.issue("three").key.read_bytes())
        await until(lambda: "the files before stay in use" in proxy.serve.stderr, "the broken pair was seen")
        assert "does not match the certificate" in proxy.serve.stderr
        assert await serial(proxy.port, context) == second
        await until(lambda: reloaded(proxy) == 0, "the metric says that it failed")

        install(folder, authority.issue("four"), "v4")
        await until(lambda: reloaded(proxy) == 1, "the metric says that it succeeded")
        assert await serial(proxy.port, context) not in (second, kept.serial)
        assert (await kept.get("/pay")).endswith(b"\r\n\r\nok")
        kept.close()


def reloaded(proxy: Deployment) -> float:
    text = httpx.get(f"http://127.0.0.1:{proxy.admin}/metrics", trust_env=False).text
    lines = [line for line in text.splitlines() if line.startswith("strangler_config_last_reload_successful ")]
    return float(lines[0].split()[1])


async def test_an_upstream_is_believed_only_if_its_certificate_is(
    tmp_path: Path, authority: Authority, other: Authority
) -> None:
    right, named = authority.issue("right"), authority.issue("named", "DNS:pay.internal")
    ca = f"ca: '{authority.certificate}'"

    async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1):
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with secure_upstream(right) as one, secure_upstream(named) as two, upstream(no_tls) as plain:
        backends = {
            "good": f"url: 'https://127.0.0.1:{one.port}', tls: {{{ca}}}",
            "local": f"url: 'https://localhost:{one.port}', tls: {{{ca}}}",
            "wrong-ca": f"url: 'https://127.0.0.1:{one.port}', tls: {{ca: '{other.certificate}'}}",
            "no-ca": f"url: 'https://127.0.0.1:{one.port}'",
            "wrong-name": f"url: 'https://127.0.0.1:{two.port}', tls: {{{ca}}}",
            "named": f"url: 'https://127.0.0.1:{two.port}', tls: {{{ca}, serverName: pay.internal}}",
            "plain": f"url: 'https://127.0.0.1:{plain.port}', tls: {{{ca}}}",
        }
        async with working(tmp_path / "proxy", routes(backends)) as (_, port):
            said = {}
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as asking:
                for name in backends:
                    answer = await asking.get(f"/{name}")
                    said[name] = answer.status_code, answer.json()["detail"] if answer.is_error else answer.text
                write = await asking.post("/wrong-ca", content=b"x")
    untrusted = "certificate verify failed: unable to get local issuer certificate. Nothing was sent to it."
    where = f"127.0.0.1:{one.port}"
    assert said == {
        "good": (200, "ok"),
        "local": (200, "ok"),
        "wrong-ca": (502, f"Backend wrong-ca: {where}: {untrusted}"),
        "no-ca": (502, f"Backend no-ca: {where}: {untrusted}"),
        "wrong-name": (
            502,
            f"Backend wrong-name: 127.0.0.1:{two.port}: certificate verify failed: IP address mismatch, certificate is "
            "not valid for '127.0.0.1'. Nothing was sent to it.",
        ),
        "named": (200, "ok"),
        "plain": (502, said["plain"][1]),
    }
    assert "the TLS handshake failed: " in said["plain"][1]
    assert (write.status_code, write.headers["Retry-After"]) == (503, "1")
    assert one.names.count("localhost") == 1
    assert "pay.internal" in two.names
    assert len(one.requests) == 2, "an upstream that is not believed was sent something"


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_an_upstream_that_asks_for_a_certificate_is_shown_ours(
    tmp_path: Path, authority: Authority, newest: ssl.TLSVersion
) -> None:
    ours, ca = authority.issue("strangler"), f"ca: '{authority.certificate}'"
    async with secure_upstream(authority.issue("right"), clients=authority.certificate, newest=newest) as server:
        url = f"url: 'https://127.0.0.1:{server.port}'"
        backends = {
            "shown": f"{url}, tls: {{{ca}, certificate: '{ours.certificate}', key: '{ours.key}'}}",
            "nothing": f"{url}, tls: {{{ca}}}",
        }
        async with working(tmp_path / "proxy", routes(backends)) as (_, port):
            assert (await asyncio.to_thread(plainly, port, "/shown")).status_code == 200
            assert (await asyncio.to_thread(plainly, port, "/nothing")).status_code == 502
    assert server.shown == ["strangler"]


async def test_large_bodies_go_both_ways_through_tls_on_both_sides(tmp_path: Path, authority: Authority) -> None:
    install(tmp_path / "proxy", authority.issue("one"), "v1")
    body, ca = os.urandom(1 << 20) * 8, authority.certificate
    async with secure_upstream(authority.issue("right")) as server:
        said = f"url: 'https://127.0.0.1:{server.port}', tls: {{ca: '{ca}'}}"
        text = routes({"pay": said}, listener=LISTENER % "")
        async with working(tmp_path / "proxy", text) as (_, port), client(trusting(ca), port) as asking:
            answers = await asyncio.gather(*(asking.post("/pay", content=body) for _ in range(3)))
    wanted = hashlib.sha256(body).hexdigest()
    assert [hashlib.sha256(answer.content).hexdigest() for answer in answers] == [wanted] * 3
    assert [hashlib.sha256(each.partition(b"\r\n\r\n")[2]).hexdigest() for each in server.requests] == [wanted] * 3


async def test_a_drain_finishes_what_is_at_hand_and_waits_for_no_idle_client(
    run_process: Processes, tmp_path: Path, authority: Authority
) -> None:
    asked, may, context = asyncio.Event(), asyncio.Event(), trusting(authority.certificate)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_request(reader):
            if b"/wait" in request:
                asked.set()
                await may.wait()
            writer.write(OK)

    install(tmp_path / "proxy", authority.issue("one"), "v1")
    async with upstream(converse) as server:
        text = routes({"pay": f"url: 'http://127.0.0.1:{server.port}'"}, listener=LISTENER % "")
        proxy = await served(run_process, tmp_path / "proxy", text)
        idle, busy = await connected(proxy.port, context), await connected(proxy.port, context)
        await idle.get("/pay")
        idle.writer.transport.pause_reading()  # type: ignore[attr-defined]  # as clients that wait in a pool
        asking = asyncio.create_task(busy.get("/pay/wait"))
        await asked.wait()
        proxy.serve.signal(signal.SIGTERM)
        await until(lambda: refuses(proxy.port), "new connections are refused")
        may.set()
        assert (await asking).endswith(b"\r\n\r\nok")
        began = monotonic()
        assert await asyncio.to_thread(proxy.serve.wait, 20) == 0
        assert monotonic() - began < 8
        idle.close()
        busy.close()


def plainly(port: int, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False, timeout=15)


def refuses(port: int) -> bool:
    try:
        plainly(port, "/")
    except httpx.ConnectError:
        return True
    except httpx.HTTPError:
        return False
    return False


async def test_a_shadow_is_asked_by_tls_too(run_process: Processes, tmp_path: Path, authority: Authority) -> None:
    async with secure_upstream(authority.issue("right")) as server:
        said = f"url: 'https://127.0.0.1:{server.port}', tls: {{ca: '{authority.certificate}'}}"
        proxy = await served(run_process, tmp_path / "proxy", routes({"pay": said}, stage="shadow"))

        def compared() -> bool:
            plainly(proxy.port, "/pay")
            return proxy.metric("strangler_comparisons_total", verdict="match") > 0

        await until(compared, "a copy was answered and compared")
    assert any(b"X-Strangler-Shadow: 1" in each for each in server.requests)
