"""What ``GET /integrations/status`` says of alerts, and to users."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from accounts.testing import authorization
from integrations import gateways
from integrations.models import Alert

pytestmark = pytest.mark.django_db


@pytest.fixture
def status(api_client):
    api_client.credentials(**authorization(User.objects.create_user(role=Role.KAM)))
    return lambda: api_client.get("/integrations/status").json()


def test_open_alerts_are_shown(status, wire):
    assert status()["alerts"] == []
    wire.msg91_answers(status=401, json={"type": "error", "message": "Invalid authkey"})
    with pytest.raises(gateways.GatewayAuthFailed):
        gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")

    (alert,) = status()["alerts"]

    assert (alert["provider"], alert["kind"]) == ("msg91", "refused_by_provider")
    assert alert["text"] == "msg91 refuses our key or IP address (401). A human must look."
    assert alert["openedAt"].endswith("Z")


def test_reading_it_resolves_what_is_over(status):
    Alert.objects.create(
        provider="msg91",
        kind=Alert.Kind.FAILURES,
        text="msg91 is failing",
        opened_at=timezone.now() - timedelta(minutes=5),
    )

    assert status()["alerts"] == []


def test_a_provider_that_is_down_has_a_sentence_for_users(status):
    cache.set("breaker:msg91:open", timezone.now().timestamp() + 30)

    found = status()["providers"]

    assert found["msg91"]["message"].startswith("This service is disturbed at the moment.")
    assert found["sendgrid"]["message"] is None
