"""Sliding windows over all processes; per process while the cache is down (S21)."""

from __future__ import annotations

import functools
import logging
import math
import threading
import time
from collections.abc import Callable
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
    """A limit and whose use of it this is, for those who ask several: `take`, and `give_back`."""

    name: str
    key: str
    amount: int
    window_seconds: int

    def take(self) -> int:
        """Count one use; 0, or the seconds until the next one is free."""
        return take(**vars(self))

    def give_back(self) -> None:
        """Undo what was counted, where another limit refused."""
        give_back(**vars(self))


def take(*, name: str, key: str, amount: int, window_seconds: int) -> int:
    """Count one use of a limit, unless it is used up.

    Args:
        name: The limit, e.g. ``"verify_ip"``.
        key: Whose use it is; no readable phone or address in here, it stands in the cache.
        amount: Uses per window; 0 switches the limit off.

    Returns:
        0 when the use was counted, else the seconds until the next one is free.
    """
    if amount == 0:
        return 0
    item = RateLimitItemPerSecond(amount, window_seconds)

    def use(limiter: MovingWindowRateLimiter) -> int:
        if limiter.hit(item, name, key):
            return 0
        free_at = limiter.get_window_stats(item, name, key).reset_time
        return max(math.ceil(free_at - time.time()), 1)

    return _with_fallback(use)


def give_back(*, name: str, key: str, amount: int, window_seconds: int) -> None:
    """Give one use back that `take` counted: what it was for did not happen.

    The newest use goes. Of two at once each takes the other's; how many are left is exact.
    """
    if amount:
        item = RateLimitItemPerSecond(amount, window_seconds)
        _with_fallback(lambda limiter: _drop_newest(limiter.storage, item.key_for(name, key)))


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


def clear(*, name: str, key: str, amount: int, window_seconds: int) -> None:
    """Give all uses of a limit back."""
    if amount:
        item = RateLimitItemPerSecond(amount, window_seconds)
        _with_fallback(lambda limiter: limiter.clear(item, name, key))


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
