import socket

from tests.support.ports import free_port, listens


def test_a_free_port_can_be_bound() -> None:
    port = free_port()
    assert not listens(port)
    with socket.create_server(("127.0.0.1", port)):
        assert listens(port)
