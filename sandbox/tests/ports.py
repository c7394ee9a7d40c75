"""Ports for the servers of a run."""

from __future__ import annotations

import contextlib
import random
import socket


def free_port() -> int:
    """Return a port free on every address, below those that the system gives to connections.

    Of those another process may have it before our server does.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)  # tests beside this one draw others
        with contextlib.suppress(OSError), socket.create_server(("", port)):
            return port


def free_ports() -> dict[str, str]:
    """Return three, as the environment names them."""
    names = ("PORT", "SANDBOX_PORT", "AZURITE_PORT")
    ports: set[int] = set()
    while len(ports) < len(names):
        ports.add(free_port())
    return {name: str(port) for name, port in zip(names, ports, strict=True)}
