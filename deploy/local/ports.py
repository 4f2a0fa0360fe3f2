"""Free ports of 127.0.0.1 for the parts of a local stack."""

import random
import socket
from pathlib import Path

from deploy.local.process import CannotStart

HOST = "127.0.0.1"
_LOWEST = 20_000
_EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_handed_out: set[int] = set()


def free_port() -> int:
    """A port nobody listens on, never the same one twice in a process.

    Below the kernel's range for outgoing connections: a port from within it can be taken by any client between probing
    and use, and while a broker is stopped on purpose, a client that tries again and again may connect to itself.
    """
    highest = int(_EPHEMERAL_RANGE.read_text().split()[0]) if _EPHEMERAL_RANGE.exists() else 32_768
    for port in random.SystemRandom().sample(range(_LOWEST, max(highest, _LOWEST + 1_000)), 500):
        if port not in _handed_out and is_free(port):
            _handed_out.add(port)
            return port
    raise CannotStart(f"No free port was found on {HOST}; stop some programs that listen there and try again.")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
