import os
import socket

import pytest

from proxy.runtime.sockets import Endpoint, EnvironmentFault, bound, listen
from tests.support.ports import listens


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("127.0.0.1:8080", Endpoint("127.0.0.1", 8080)),
        ("pay.example:0", Endpoint("pay.example", 0)),
        ("[::1]:65535", Endpoint("::1", 65535)),
    ],
)
def test_an_address_is_read_and_written(text: str, endpoint: Endpoint) -> None:
    assert Endpoint.parse(text) == endpoint
    assert str(endpoint) == text


@pytest.mark.parametrize("text", ["", "8080", ":8080", "127.0.0.1", "a:", "a:-1", "a:+1", "a:65536", "a:http", "a:٣"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not HOST:PORT, as in"):
        Endpoint.parse(text)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_listening_socket_can_be_inherited_and_says_where_it_is(host: str) -> None:
    with listen(Endpoint(host, 0), "payments") as sock:
        endpoint = bound(sock)
        assert endpoint.host == host
        assert os.get_inheritable(sock.fileno())
        assert not sock.getblocking()
        socket.create_connection((host, endpoint.port), timeout=5).close()


def test_an_address_in_use_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = bound(taken)
        with pytest.raises(EnvironmentFault) as raised:
            listen(endpoint, "payments")
    expected = f"cannot listen on {endpoint} for payments: Address already in use. Stop what listens there"
    assert str(raised.value).startswith(expected)


def test_a_host_that_is_not_here_is_told() -> None:
    with pytest.raises(EnvironmentFault, match=r"cannot listen on 192\.0\.2\.1:0 for the admin API: "):
        listen(Endpoint("192.0.2.1", 0), "the admin API")


def test_an_address_can_be_taken_again_at_once(free_port: int) -> None:
    """Connections of before linger in TIME_WAIT, which may not keep a restarted proxy from its port."""
    here = ("127.0.0.1", free_port)
    with listen(Endpoint(*here), "payments") as sock, socket.create_connection(here) as client:
        sock.accept()[0].close()
        client.recv(1)
    listen(Endpoint("127.0.0.1", free_port), "payments").close()
    assert not listens(free_port)
