"""Each fault of each provider, in a system that runs: as `docs/rehearsals` shows them at length."""

from __future__ import annotations

import pytest

from sandbox.rehearsal import expected

from .systems import System

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

FAULTS = [
    pytest.param(provider, fault, id=f"{provider}-{fault}")
    for provider, faults in expected.rehearsed().items()
    for fault in faults
]


@pytest.mark.parametrize(("provider", "fault"), FAULTS)
def test_an_outage_is_as_it_must_be(system: System, provider: str, fault: str) -> None:
    wanted = expected.expect(provider=provider, fault=fault)
    assert wanted

    ended = system.rehearse(provider, fault, **({"for": "1.6s"} if wanted.opens_breaker else {}))

    assert not ended.wrong
    assert not ended.refusal
    seen = [name for name, is_met in ended.checks.items() if is_met]
    assert {"answers", "others_went_on", "nothing_else", "breaker", "arrived"} <= set(seen)
    if wanted.alert:
        assert {"alert", "recovery", "waiting"} <= set(seen)
        assert ended.checks["alert_over"] is None  # a minute is longer than we look
    assert (system.reports / f"{provider}-{fault}.svg").exists()


def test_a_rehearsal_can_fail(system: System) -> None:
    """One backend that uses other words and keeps its alerts to itself is found out."""
    wrong = system.beside(
        DJANGO_SETTINGS_MODULE="solarium.tests.rehearsals.wrong_settings",
        ALERT_FAILURES_PER_MINUTE="1000",
    )

    ended = system.rehearse("msg91", "500", backend=wrong, **{"for": "4s"})

    assert ended.refusal == "Something was not as it must be."
    assert ended.checks["answers"] is False
    assert ended.checks["alert"] is False
    assert any("Unable to send OTP. Sorry." in sentence for sentence in ended.wrong)
