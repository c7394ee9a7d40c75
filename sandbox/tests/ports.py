"""Ports for the servers of a run."""

from __future__ import annotations

import socket


def free_ports() -> dict[str, str]:
    """Return three free ones, as the environment names them."""
    held = [socket.socket() for _ in range(3)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    names = ("PORT", "SANDBOX_PORT", "AZURITE_PORT")
    ports = {name: str(one.getsockname()[1]) for name, one in zip(names, held, strict=True)}
    for one in held:
        one.close()
    return ports
