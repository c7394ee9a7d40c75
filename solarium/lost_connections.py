"""After a failover or restart the database has ended every connection that waits in the pool.

The first statement that meets one has all of them looked at, so that each does not cost a request.
Looking at each before it is handed out would cost a round trip three times a request, and the pool
waits seconds between two that are gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper


def watch(*, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Look at what fails over a connection; a receiver of `connection_created`."""
    pooled = getattr(connection, "pool", None) is not None  # SQLite has none
    if pooled and _notice not in connection.execute_wrappers:
        connection.execute_wrappers.append(_notice)


def _notice(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    try:
        return execute(sql, params, many, context)
    except (OperationalError, InterfaceError):
        lost = context["connection"]
        if lost.connection.closed:
            lost.pool.check()
        raise
