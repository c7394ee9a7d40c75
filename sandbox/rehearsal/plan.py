"""What a rehearsal does, for how long, and how long things may take by the service's settings."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from django.conf import settings

from integrations import gateways
from sandbox.rehearsal.expected import Expected

WATCH_PER_ROUND = 4
WAIT_MARGIN_SECONDS = 2.0  # for HTTP itself, and for a machine that does other things, too
SEEN_MARGIN_SECONDS = 5.0  # for the watch, which asks every second, on such a machine
SLIDING_SECONDS = gateways.FAILURES_WINDOW.total_seconds()

_DURATION = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)(s|m)", re.ASCII)


def seconds(text: str) -> float:
    """Read a length of time: ``"60s"``, ``"2m"``, ``"0.5s"``.

    Raises:
        ValueError: It is none, or it is zero.
    """
    found = _DURATION.fullmatch(text)
    length = float(found[1]) * (60 if found[2] == "m" else 1) if found else 0.0
    if not length:
        raise ValueError(f"{text!r} is no length of time; write 60s or 2m")
    return length


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The service's own numbers, as they stand in its settings.

    ``mails_each`` an hour and ``links_each`` in ten minutes are one user's; 0: any number.
    """

    attempt_seconds: float
    attempts: int
    retry_wait_seconds: float
    slot_wait_seconds: float
    breaker_failures: int
    breaker_open_seconds: float
    alert_failures: int
    files_at_once: int
    mails_each: int
    links_each: int


def limits() -> Limits:
    """Read them; command and backend share their environment."""
    guard = gateways.guard()
    return Limits(
        attempt_seconds=guard.attempt_timeout_seconds,
        attempts=1 + guard.retries,
        retry_wait_seconds=guard.retry_wait_seconds,
        slot_wait_seconds=guard.slot_wait_seconds,
        breaker_failures=guard.breaker_failures,
        breaker_open_seconds=guard.breaker_open_seconds,
        alert_failures=gateways.alert_failures_per_minute(),
        files_at_once=settings.INSPECTIONS_AT_ONCE,
        mails_each=settings.EMAIL_SENDS_PER_USER_HOUR,
        links_each=settings.SAS_PER_USER_10MIN,
    )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One rehearsal. ``recovery_seconds``: how long it is watched afterwards at most."""

    provider: str
    fault: str
    expected: Expected
    limits: Limits
    backend_url: str
    sandbox_url: str
    before_seconds: float
    fault_seconds: float
    recovery_seconds: float
    every_seconds: float

    @property
    def longest_wait_seconds(self) -> float:
        """How long a person may wait for the answer to one request."""
        if self.expected.is_retried:
            return self._call_seconds
        # A confirm waits for its place among the files that are read; so many of them at once fail
        # until the breaker opens, and then all at once.
        turns = math.ceil(self.limits.breaker_failures / self.limits.files_at_once)
        return (turns - 1) * self.limits.attempt_seconds + self._call_seconds

    @property
    def answer_within_seconds(self) -> float:
        """The same with what HTTP itself may take."""
        return self.longest_wait_seconds + WAIT_MARGIN_SECONDS

    @property
    def alert_within_seconds(self) -> float:
        """When the alert must be there at the latest, counted from the fault."""
        failures = self.limits.alert_failures + 1 if self.expected.alert == "failures" else 1
        return failures * self.every_seconds + self._slowest_failure + SEEN_MARGIN_SECONDS

    @property
    def breaker_within_seconds(self) -> float:
        """When the breaker must be open at the latest, counted from the fault."""
        failures = self.limits.breaker_failures
        return failures * self.every_seconds + self._slowest_failure + SEEN_MARGIN_SECONDS

    @property
    def recovered_within_seconds(self) -> float:
        """When the first call must succeed, counted from the end of the fault."""
        rest = 2 * self.every_seconds + SEEN_MARGIN_SECONDS
        if self.expected.opens_breaker:
            # A probe may have left just before the end, and opens the breaker once more.
            rest += self.limits.breaker_open_seconds + self.limits.attempt_seconds
        return rest

    @property
    def alert_over_within_seconds(self) -> float:
        """When the alert must be over, counted from the end of the fault."""
        rest = self.recovered_within_seconds + SLIDING_SECONDS
        return rest + gateways.ALERT_SETTLE_SECONDS + SEEN_MARGIN_SECONDS

    @property
    def patience_seconds(self) -> float:
        """How long a browser waits for the storage itself."""
        return 2 * self.limits.attempt_seconds

    @property
    def rounds(self) -> int:
        """How often each flow is walked at most."""
        total = self.before_seconds + self.fault_seconds + self.recovery_seconds
        return math.ceil(total / self.every_seconds) + 1

    @property
    def _call_seconds(self) -> float:
        """How long one call of the provider takes at most."""
        tries = self.limits.attempts if self.expected.is_retried else 1
        waits = (tries - 1) * self.limits.retry_wait_seconds
        return tries * self.limits.attempt_seconds + waits + self.limits.slot_wait_seconds

    @property
    def _slowest_failure(self) -> float:
        return self._call_seconds if self.expected.opens_breaker else 0.0
