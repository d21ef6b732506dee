"""Addresses and listening sockets.

Law of this file: what cannot be bound is said in one line that names the address.
"""

import socket
from dataclasses import dataclass


class EnvironmentFault(Exception):
    """Something around us is not as we need it: a port, a store, a backend. The text says what to do; exit 3."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and port to listen on; port 0 is any free one."""

    host: str
    port: int

    @staticmethod
    def parse(text: str) -> "Endpoint":
        """`127.0.0.1:8080` or `[::1]:8080`; ValueError for anything else."""
        host, colon, port = text.rpartition(":")
        if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535 or not host:
            raise ValueError(f"{text!r} is not HOST:PORT, as in 127.0.0.1:8080")
        return Endpoint(host.strip("[]"), int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listen(endpoint: Endpoint, purpose: str) -> socket.socket:
    """A listening socket that children can inherit. Raises EnvironmentFault."""
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((endpoint.host, endpoint.port))
        sock.listen(2048)
        sock.setblocking(False)
        sock.set_inheritable(True)
    except OSError as fault:
        sock.close()
        reason = fault.strerror or str(fault)
        hint = "Stop what listens there, or choose another address."
        raise EnvironmentFault(f"cannot listen on {endpoint} for {purpose}: {reason}. {hint}") from None
    return sock


def bound(sock: socket.socket) -> Endpoint:
    """Where a socket listens in fact."""
    host, port = sock.getsockname()[:2]
    return Endpoint(host, port)
