"""Counts and times of provider calls, kept by each process; ``/metrics`` adds them up.

The series of one set of labels is looked up once and then kept: a call costs about 1 µs.
"""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

# An attempt ends by the wall clock (5 s unless set otherwise): 6 s holds those that ran into it.
_ATTEMPT_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 6, 10)

_calls = cache(
    Counter(
        "solarium_provider_calls",
        "Calls to a provider, by how they ended.",
        ("provider", "operation", "outcome"),
    ).labels
)
_attempts = cache(
    Histogram(
        "solarium_provider_attempt_seconds",
        "Time of one HTTP try of a call, by how it ended.",
        ("provider", "operation", "result"),
        buckets=_ATTEMPT_SECONDS,
    ).labels
)
_slots = cache(
    Gauge(
        "solarium_slots_in_use",
        "Calls under way that hold one of the provider's slots, over all living processes.",
        ("provider",),
        multiprocess_mode="livesum",
    ).labels
)
_alerts = cache(
    Counter(
        "solarium_alerts", "Alerts that ops were told of, repetitions too.", ("provider", "kind")
    ).labels
)


def alert_raised(*, provider: str, kind: str) -> None:
    """Count an alert that ops are told of.

    Args:
        kind: One of ``Alert.Kind``.
    """
    _alerts(provider, kind).inc()


def call_finished(*, provider: str, operation: str, outcome: str) -> None:
    """Count a call that ended; refused ones too.

    Args:
        outcome: One of ``Outcome``.
    """
    _calls(provider, operation, outcome).inc()


def attempt_finished(
    *,
    provider: str,
    operation: str,
    result: str,
    seconds: float,
) -> None:
    """Record the time of one attempt.

    Args:
        result: ``accepted``; ``failed``: what may be tried again; ``rejected``: the provider's no.
    """
    _attempts(provider, operation, result).observe(seconds)


def slot_taken(*, provider: str) -> None:
    """Count a call that entered; `slot_freed` must follow, whatever happens."""
    _slots(provider).inc()


def slot_freed(*, provider: str) -> None:
    """Count a call that left."""
    _slots(provider).dec()
