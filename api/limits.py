"""Sliding windows over all processes; per process while the cache is down (S21)."""

from __future__ import annotations

import functools
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from django.conf import settings
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

if TYPE_CHECKING:
    from redis import Redis  # without a cache it is not imported: it brings much with it

logger = logging.getLogger(__name__)

T = TypeVar("T")

SHARED_RESTS_SECONDS = 5  # a cache that failed is not asked again at once: a try may take 1 s

_OF_THIS_PROCESS = ""  # in the place of a cache's address
_shared_rests_until = 0.0
_building = threading.Lock()  # two threads at the first use would count in two storages


@dataclass(frozen=True)
class Window:
    """A limit, and whose use of it is counted.

    Args:
        name: The limit, e.g. ``"verify_ip"``.
        key: Whose use it is; no readable phone or address in here, it stands in the cache.
        amount: Uses per window; 0 switches the limit off.
    """

    name: str
    key: str
    amount: int
    window_seconds: int

    def take(self) -> int:
        """Count one use, unless they are used up; 0, or the seconds until the next one is free."""
        if self.amount == 0:
            return 0
        return _with_fallback(self._use)

    def give_back(self) -> None:
        """Give one use back that `take` counted: what it was for did not happen.

        The newest use goes. Of two at once each takes the other's; how many are left is exact.
        """
        if self.amount:
            key = self._item.key_for(self.name, self.key)
            _with_fallback(lambda limiter: _drop_newest(limiter.storage, key))

    def clear(self) -> None:
        """Give all uses back."""
        if self.amount:
            _with_fallback(lambda limiter: limiter.clear(self._item, self.name, self.key))

    @property
    def _item(self) -> RateLimitItemPerSecond:
        return RateLimitItemPerSecond(self.amount, self.window_seconds)

    def _use(self, limiter: MovingWindowRateLimiter) -> int:
        if limiter.hit(self._item, self.name, self.key):
            return 0
        free_at = limiter.get_window_stats(self._item, self.name, self.key).reset_time
        return max(math.ceil(free_at - time.time()), 1)


def take_all(windows: Sequence[Window]) -> int:
    """Count one use of each, or of none: a refused caller uses up nothing that others share.

    Returns:
        0 when all were counted, else the longest wait in seconds.
    """
    waits = [window.take() for window in windows]
    longest = max(waits)
    if longest:
        for window, wait in zip(windows, waits, strict=True):
            if not wait:
                window.give_back()
    return longest


def _drop_newest(storage: Storage, key: str) -> None:
    """Do what the library has no word for: both storages keep a list, newest first."""
    if isinstance(storage, RedisStorage):
        try:
            cast("Redis", storage.get_connection()).lpop(storage.prefixed_key(key))
        except storage.base_exceptions as err:
            raise StorageError(err) from err
    elif isinstance(storage, MemoryStorage):
        with storage.locks[key]:
            del storage.events.get(key, [])[:1]


def reset() -> None:
    """Forget all counts of this process; for tests."""
    global _shared_rests_until  # noqa: PLW0603  (one clock a process)
    _shared_rests_until = 0.0
    for url in {settings.CACHE_URL, _OF_THIS_PROCESS}:
        _limiter(url).storage.reset()


def _with_fallback(use: Callable[[MovingWindowRateLimiter], T]) -> T:
    global _shared_rests_until  # noqa: PLW0603  (one clock a process)
    if time.monotonic() >= _shared_rests_until:
        try:
            return use(_limiter(settings.CACHE_URL))
        except StorageError as err:
            _shared_rests_until = time.monotonic() + SHARED_RESTS_SECONDS
            logger.error(
                "cache unavailable", extra={"error_class": type(err.storage_error).__name__}
            )
    return use(_limiter(_OF_THIS_PROCESS))


def _limiter(url: str) -> MovingWindowRateLimiter:
    with _building:
        return _build_limiter(url)


@functools.cache
def _build_limiter(url: str) -> MovingWindowRateLimiter:
    if url == _OF_THIS_PROCESS:
        return MovingWindowRateLimiter(MemoryStorage())
    storage = storage_from_string(
        url,
        wrap_exceptions=True,
        socket_timeout=settings.CACHE_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.CACHE_TIMEOUT_SECONDS,
    )
    return MovingWindowRateLimiter(cast("Storage", storage))
