from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from accounts.models import SecurityEvent
from solarium import purging


@pytest.mark.django_db
@pytest.mark.parametrize("name", purging.SETTINGS)
@pytest.mark.parametrize("days", [0, -1, 9_999_999])
def test_nonsense_is_refused(settings, name, days):
    SecurityEvent.objects.create(kind="login", result="ok", at=datetime(2020, 1, 1, tzinfo=UTC))
    setattr(settings, name, days)

    with pytest.raises(CommandError, match=f"{name} must be 1 to 36500"):
        call_command("purge_records")

    assert SecurityEvent.objects.exists()
    assert "solarium.E007" in [problem.id for problem in run_checks()]


@pytest.mark.django_db
def test_days_against_the_law_are_warned_of(settings):
    settings.KEEP_CALLS_DAYS, settings.KEEP_DIGESTS_DAYS = 364, 2

    ids = [problem.id for problem in run_checks(include_deployment_checks=True)]

    assert ids.count("solarium.W003") == 1
    assert "solarium.W004" in ids
