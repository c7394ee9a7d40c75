"""Slots: how many calls to one provider a process may have under way (bulkhead, S38).

A provider that hangs fills its own slots and no more, so that the threads which SAS links and
logins need stay free.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from integrations import conf, metrics
from integrations.errors import NotAdmitted


@contextmanager
def slot(*, provider: str) -> Iterator[None]:
    """Hold one of the provider's slots; wait for one at most ``SLOT_WAIT_SECONDS``.

    Raises:
        NotAdmitted: None became free.
    """
    semaphore = _slots(provider, conf.slots(provider))
    guard = conf.guard()
    if not semaphore.acquire(timeout=guard.slot_wait_seconds):
        # By then the attempts under way have ended.
        seconds = math.ceil(guard.attempt_timeout_seconds)
        raise NotAdmitted("no_slot", retry_after_seconds=seconds)
    metrics.slot_taken(provider=provider)
    try:
        yield
    finally:
        metrics.slot_freed(provider=provider)
        semaphore.release()


@functools.cache
def _slots(provider: str, size: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(size)
