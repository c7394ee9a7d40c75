"""The id that ties an HTTP request, its log lines, its audit rows and its provider calls."""

from __future__ import annotations

from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("correlation_id", default="")


def correlation_id() -> str:
    """Return the id of the request or command under way; empty outside of one."""
    return _current.get()


def bind_correlation_id(value: str) -> None:
    """Set the id for what runs after this in the same thread or task."""
    _current.set(value)
