"""Slots: how many calls to one provider a process may have under way (bulkhead, S38).

A provider that hangs fills its own slots and no more, so that the threads which SAS links and
logins need stay free.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from integrations import conf, metrics

RETRY_AFTER_SECONDS = 5  # the longest that an attempt takes: by then slots are free again


class NoSlot(Exception):
    """All slots of the provider stayed taken; try again after ``retry_after_seconds``."""

    reason = "no_slot"
    retry_after_seconds = RETRY_AFTER_SECONDS


@contextmanager
def slot(*, provider: str) -> Iterator[None]:
    """Hold one of the provider's slots; wait for one at most ``SLOT_WAIT_SECONDS``.

    Raises:
        NoSlot: None became free.
    """
    semaphore = _slots(provider, conf.slots(provider))
    if not semaphore.acquire(timeout=conf.guard().slot_wait_seconds):
        raise NoSlot
    metrics.slot_taken(provider=provider)
    try:
        yield
    finally:
        metrics.slot_freed(provider=provider)
        semaphore.release()


@functools.cache
def _slots(provider: str, size: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(size)
