"""Alerts over several processes: counted together, told once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections
from django.utils import timezone

from integrations import alerts
from integrations.models import Alert, GatewayCall, Outcome
from integrations.testing import at_once
from integrations.tests.webhook import receiver

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
# A process that calls a provider which is not there; its end delivers what it raised.
CALL = """
import sys, django
django.setup()
from integrations import gateways
for _ in range(int(sys.argv[1])):
    try:
        gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")
    except gateways.GatewayUnavailable:
        pass
"""


def process(failures: int, *, webhook_url: str, dead_port: int) -> subprocess.Popen[bytes]:
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path="/" + connection.settings_dict["NAME"]
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "solarium.settings",
        "DATABASE_URL": database.geturl(),
        "CACHE_URL": "",
        "MSG91_BASE_URL": f"http://127.0.0.1:{dead_port}",
        "PROVIDER_RETRIES": "0",
        "ALERT_WEBHOOK_URL": webhook_url,
    }
    command = [sys.executable, "-c", CALL, str(failures)]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


@pytest.mark.parametrize(("mine", "yours", "told"), [(5, 5, 0), (6, 5, 1), (20, 20, 1)])
def test_two_processes_count_together_and_tell_once(free_port, mine, yours, told):
    with receiver() as webhook:
        both = [
            process(failures, webhook_url=webhook.url, dead_port=free_port)
            for failures in (mine, yours)
        ]
        assert [each.wait(60) for each in both] == [0, 0]

        assert GatewayCall.objects.filter(failure=True).count() == mine + yours
        assert Alert.objects.count() == told
        assert len(webhook.received) == told


@pytest.mark.parametrize("failures", [20])
def test_of_many_at_once_one_tells(monkeypatch, failures):
    told: list[object] = []
    monkeypatch.setattr("integrations.alert_sinks.tell", lambda **notice: told.append(notice))
    monkeypatch.setattr(alerts, "_rests_until", _NoMemory())

    def fail(number: int) -> None:
        now = timezone.now()
        GatewayCall.objects.create(
            provider="msg91",
            operation="send_otp",
            outcome=Outcome.UNKNOWN,
            failure=True,
            started_at=now,
            finished_at=now,
        )
        alerts.after_failure(provider="msg91", code="timeout", error=None)
        connections.close_all()

    at_once(failures, fail)

    assert len(told) == Alert.objects.count() == 1


def test_of_many_at_once_one_tells_that_it_is_over(monkeypatch):
    told: list[object] = []
    monkeypatch.setattr("integrations.alert_sinks.tell", lambda **notice: told.append(notice))
    alerts.raise_alert(provider="msg91", kind=Alert.Kind.FAILURES, text="msg91 fails")
    told.clear()

    at_once(12, lambda number: alerts.settle())

    assert len(told) == 1


class _NoMemory(dict[tuple[str, str], float]):
    """Every thread is like a process of its own that has seen nothing yet."""

    def __setitem__(self, key: tuple[str, str], value: float) -> None:
        pass
