"""The cache that all processes share: one client a process, left alone for a while once it fails.

Whoever asks says what it does without: the cache makes things cheaper, nothing depends on it.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache

logger = logging.getLogger(__name__)

T = TypeVar("T")

REST_SECONDS = 5  # a cache that failed is not asked again at once: each try may take 1 s

_rests_until = 0.0


def ask(question: Callable[[BaseCache], T], otherwise: T) -> T:
    """Ask the cache, or do without it: which errors a backend raises is its own affair."""
    global _rests_until  # noqa: PLW0603  (one clock a process)
    if time.monotonic() < _rests_until:
        return otherwise
    try:
        return question(client())
    except Exception as err:
        _rests_until = time.monotonic() + REST_SECONDS
        logger.error("cache unavailable", extra={"error_class": type(err).__name__})
        return otherwise


def client() -> BaseCache:
    """Return the process's client of the cache, whose errors are the caller's; see `ask`."""
    return _client_of(str(settings.CACHES["default"]))


def reset() -> None:
    """Forget that the cache failed; for tests."""
    global _rests_until  # noqa: PLW0603  (one clock a process)
    _rests_until = 0.0


@functools.cache
def _client_of(described: str) -> BaseCache:
    """One client a process; Django's own ``cache`` is one a thread: 800 connections to Redis."""
    return caches.create_connection("default")
