"""A thread per server process that looks after alerts when no request comes by.

It resolves what is over, and runs the checks that other apps add, each once a minute over all
processes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from django.core.cache import cache
from django.db import connections

from integrations import alerts

logger = logging.getLogger(__name__)

SETTLE_SECONDS: Final = 5.0  # a resolved notice is at most so late
CHECK_SECONDS: Final = 60

_checks: dict[str, Callable[[], None]] = {}
_ended = threading.Event()  # set by tests; a process that ends takes the thread with it


def add_alert_check(*, name: str, check: Callable[[], None]) -> None:
    """Have a check run every minute by one of all processes; it raises alerts by itself."""
    _checks[name] = check


def start_alert_watch() -> None:
    """Start the thread; called once by each process that serves requests."""
    threading.Thread(target=_run, args=[_ended], name="alerts-watch", daemon=True).start()


def _run(ended: threading.Event) -> None:
    while not ended.wait(SETTLE_SECONDS):
        look_once()


def look_once() -> None:
    """Settle the open alerts and run the checks that are due."""
    try:
        alerts.settle()
        for name, check in _checks.items():
            # Held a little shorter than the pause, so that no second round is skipped.
            if cache.add(f"alert_check:{name}", 1, timeout=CHECK_SECONDS - 1):
                check()
    except Exception as err:  # noqa: BLE001  (a database or cache that is away must not end it)
        logger.error("alerts not looked after", extra={"error_class": type(err).__name__})
    finally:
        connections.close_all()
