"""Counts of challenges by the states that they reach, kept by each process for ``/metrics``."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter

_challenges = cache(
    Counter(
        "solarium_otp_challenges", "Challenges, counted in each state that they reach.", ("state",)
    ).labels
)


def challenge_reached(state: str, *, count: int = 1) -> None:
    """Count challenges that entered a state; each counts once in each."""
    _challenges(str(state)).inc(count)
