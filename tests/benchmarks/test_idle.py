import socket
from pathlib import Path

from benchmarks import idle, upstreams
from tests.support.polling import wait_until


def test_connections_stay_open_while_they_are_held_and_one_that_is_closed_is_seen(tmp_path: Path) -> None:
    with upstreams.standing(tmp_path) as standing, idle.held(standing.legacy, 20) as held:
        assert held.open() == len(held.sockets) == 20
        held.sockets[3].shutdown(socket.SHUT_RDWR)
        wait_until(lambda: held.open() == 19, "the other side has closed it too")


def test_they_are_closed_with_their_block(tmp_path: Path) -> None:
    with upstreams.standing(tmp_path) as standing:
        with idle.held(standing.legacy, 2) as held:
            pass
        assert [each.fileno() for each in held.sockets] == [-1, -1]
