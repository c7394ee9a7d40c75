from __future__ import annotations

import uuid

from prometheus_client import REGISTRY

from integrations import metrics
from integrations.models import Outcome


def value(name, **labels):
    return REGISTRY.get_sample_value(f"solarium_{name}", labels)


def fresh():
    """A provider that no other test has counted for."""
    return f"provider-{uuid.uuid4()}"


def test_a_call_counts_once_under_its_outcome():
    provider = fresh()

    for outcome in (Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.UNKNOWN):
        metrics.call_finished(provider=provider, operation="send_otp", outcome=outcome)

    about = {"provider": provider, "operation": "send_otp"}
    assert value("provider_calls_total", outcome="accepted", **about) == 2
    assert value("provider_calls_total", outcome="unknown", **about) == 1


def test_an_attempt_that_ran_into_the_wall_clock_has_a_bucket():
    about = {"provider": fresh(), "operation": "send_otp", "result": "failed"}

    metrics.attempt_finished(seconds=5.02, **about)

    assert value("provider_attempt_seconds_sum", **about) == 5.02
    assert value("provider_attempt_seconds_bucket", le="4.0", **about) == 0
    assert value("provider_attempt_seconds_bucket", le="6.0", **about) == 1


def test_a_slot_is_given_back():
    provider = fresh()

    metrics.slot_taken(provider=provider)
    metrics.slot_taken(provider=provider)
    assert value("slots_in_use", provider=provider) == 2

    metrics.slot_freed(provider=provider)
    metrics.slot_freed(provider=provider)
    assert value("slots_in_use", provider=provider) == 0
