"""Counts of challenges by the states that they reach, kept by each process for ``/metrics``."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter

from otp.models import State

_challenges = cache(
    Counter(
        "solarium_otp_challenges", "Challenges, counted in each state that they reach.", ("state",)
    ).labels
)


def challenge_reached(state: State) -> None:
    """Count a challenge that entered a state; each counts once in each."""
    _challenges(state.value).inc()
