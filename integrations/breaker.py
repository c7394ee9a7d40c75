"""A circuit breaker per provider, shared by all processes through Django's cache.

It opens when five attempts in a row, over all processes and within 30 s, ended in timeout,
connection error or 5xx. Open 30 s, then one probe. Without the cache it behaves as closed. No lock
is held while a provider is asked (specification, section 3; S38).

The failures are numbered by one counter, and each number lives in the cache as long as the window;
five neighbors alive at once are five in a row within the window. Any other answer takes a number
without leaving it there: the gap ends the row. Numbers and lives are the cache's own, so that no
process has to agree with another about the time.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.cache.backends.base import BaseCache

from integrations import conf, shared_cache
from integrations.errors import NotAdmitted

logger = logging.getLogger(__name__)

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half_open"
POLL_SECONDS = 0.2  # how soon a call that waits for a retry learns that the breaker opened
HALF_OPEN_SECONDS = 24 * 3600  # a provider that nobody asks for a day starts afresh
CLOSED_KNOWN_SECONDS = 0.1  # a process asks the cache ten times a second, not once a call

_closed_until: dict[str, float] = {}


@dataclass
class Permit:
    """Leave to ask the provider; told how each attempt ended.

    ``probe``: the one call that finds out whether an open breaker may close.
    """

    provider: str
    probe: bool = False
    failures_seen: bool = False
    settled: bool = False

    def failed(self) -> None:
        """An attempt ended in timeout, connection error or 5xx."""
        self.settled = self.failures_seen = True
        _closed_until.pop(self.provider, None)
        note = _reopen if self.probe else _count
        shared_cache.ask(lambda cache: note(cache, self.provider), None)

    def answered(self) -> None:
        """The provider gave any other answer: the row of failures ends here.

        An answer to a call that began before the row's first failure says nothing about it.
        """
        self.settled = True
        if self.probe:
            shared_cache.ask(lambda cache: _close(cache, self.provider), None)
        elif self.failures_seen:
            shared_cache.ask(lambda cache: _next_number(cache, self.provider), None)

    def wait(self, seconds: float) -> bool:
        """Wait for the next attempt; false, at once, when the breaker opens meanwhile."""
        ends_at = time.monotonic() + seconds
        while state(self.provider) == CLOSED:
            left = ends_at - time.monotonic()
            if left <= 0:
                return True
            time.sleep(min(left, POLL_SECONDS))
        return False


@contextmanager
def permit(*, provider: str) -> Iterator[Permit]:
    """Admit one call.

    Raises:
        NotAdmitted: It is open, or half open with the probe under way.
    """
    if time.monotonic() < _closed_until.get(provider, 0.0):
        granted = Permit(provider)
    else:
        granted = _admit(provider)
    try:
        yield granted
    finally:
        if granted.probe and not granted.settled:
            shared_cache.ask(lambda cache: cache.delete(_key(provider, "probe")), None)


def state(provider: str) -> str:
    """Return ``"closed"``, ``"open"`` or ``"half_open"``."""
    keys = {name: _key(provider, name) for name in ("open", "half_open")}
    nothing: dict[str, Any] = {}
    found = shared_cache.ask(lambda cache: cache.get_many(keys.values()), nothing)
    if keys["open"] in found:
        return OPEN
    return HALF_OPEN if keys["half_open"] in found else CLOSED


def reset(*, provider: str) -> None:
    """Forget all that is known of a provider; for tests."""
    _closed_until.clear()
    cache = shared_cache.client()
    last = int(cache.get(_key(provider, "number"), 0))
    names = ["open", "half_open", "probe", "number", *(f"failure:{n}" for n in range(1, last + 1))]
    cache.delete_many([_key(provider, name) for name in names])


def _admit(provider: str) -> Permit:
    free: Permit | NotAdmitted = Permit(provider)
    found = shared_cache.ask(lambda cache: _look(cache, provider), free)
    if isinstance(found, NotAdmitted):  # not raised in there, where it would be the cache's failure
        raise found
    return found


def _look(cache: BaseCache, provider: str) -> Permit | NotAdmitted:
    guard = conf.guard()
    keys = {name: _key(provider, name) for name in ("open", "half_open", "number")}
    found = cache.get_many(keys.values())
    until = found.get(keys["open"])
    if until is not None:
        # Another node's clock may differ from ours; that the key is there does not.
        left = math.ceil(until - time.time())
        return _refusal(min(max(left, 1), guard.breaker_open_seconds))
    if keys["half_open"] not in found:
        failures_seen = keys["number"] in found
        if not failures_seen:
            _closed_until[provider] = time.monotonic() + CLOSED_KNOWN_SECONDS
        return Permit(provider, failures_seen=failures_seen)
    # A probe that is killed frees its place when its time is over.
    longest = guard.attempt_timeout_seconds + guard.slot_wait_seconds + 1
    if not cache.add(_key(provider, "probe"), 1, timeout=longest):
        return _refusal(math.ceil(guard.attempt_timeout_seconds))
    return Permit(provider, probe=True)


def _refusal(seconds: int) -> NotAdmitted:
    return NotAdmitted("breaker_open", retry_after_seconds=seconds)


def _count(cache: BaseCache, provider: str) -> None:
    guard = conf.guard()
    number = _next_number(cache, provider)
    cache.set(_key(provider, f"failure:{number}"), 1, timeout=guard.breaker_window_seconds)
    most = guard.breaker_failures
    # Whoever of five at once comes last sees all of them, whatever its own number is.
    around = range(max(number - most + 1, 1), number + most)
    alive = cache.get_many([_key(provider, f"failure:{n}") for n in around])
    row = 0
    for n in around:
        row = row + 1 if _key(provider, f"failure:{n}") in alive else 0
        if row == most:
            _open(cache, provider)
            return


def _next_number(cache: BaseCache, provider: str) -> int:
    key = _key(provider, "number")
    # Longer than any number lives: a counter that starts anew meets no old numbers.
    lifetime = 2 * conf.guard().breaker_window_seconds
    cache.add(key, 0, timeout=lifetime)
    try:
        number = int(cache.incr(key))
    except ValueError:  # it ran out between the two
        cache.set(key, 1, timeout=lifetime)
        return 1
    cache.touch(key, lifetime)
    return number


def _open(cache: BaseCache, provider: str) -> None:
    seconds = conf.guard().breaker_open_seconds
    # What it is when the other key has run out.
    cache.set(_key(provider, "half_open"), 1, timeout=HALF_OPEN_SECONDS)
    if cache.add(_key(provider, "open"), time.time() + seconds, timeout=seconds):
        logger.error("breaker opened", extra={"provider": provider})


def _reopen(cache: BaseCache, provider: str) -> None:
    _open(cache, provider)
    cache.delete(_key(provider, "probe"))


def _close(cache: BaseCache, provider: str) -> None:
    # The counter goes on: what old calls still report must not look like the start of a row.
    _next_number(cache, provider)
    cache.delete_many([_key(provider, name) for name in ("half_open", "open", "probe")])
    logger.info("breaker closed", extra={"provider": provider})


def _key(provider: str, name: str) -> str:
    return f"breaker:{provider}:{name}"
