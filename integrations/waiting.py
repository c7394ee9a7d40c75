"""Waiting for somebody who is no provider: for another process, for a lock of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from integrations import audit, turns


@contextmanager
def waiting() -> Iterator[None]:
    """Give back the database connection, and the turn for as long as this lasts."""
    audit.release_connections()
    with turns.turn_given_back():
        yield
