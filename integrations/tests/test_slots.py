"""Slots: a provider that hangs fills its own, and the others stay free."""

from __future__ import annotations

import pytest

from integrations import gateways, slots
from integrations.models import GatewayCall, Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few(settings):
    settings.PROVIDER_SLOTS = {"msg91": 1, "sendgrid": 1, "azure_blob": 1}
    settings.SLOT_WAIT_SECONDS = 0.01


def send() -> gateways.SMSReceipt:
    return gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")


def test_a_call_without_a_slot_fails_fast_and_stands_in_the_audit(wire):
    with slots.slot(provider="msg91"), pytest.raises(gateways.GatewayUnavailable) as refused:
        send()

    assert refused.value.provider_code == "no_slot"
    assert refused.value.retry_after_seconds == 5
    assert not wire.mock.calls
    assert GatewayCall.objects.get().outcome == Outcome.REFUSED


def test_each_provider_has_its_own():
    with slots.slot(provider="msg91"), slots.slot(provider="sendgrid"):
        pass


def test_a_slot_comes_back_whatever_happened(wire):
    wire.msg91_answers(status=401, json={"type": "error", "message": "Invalid authkey"})
    for _ in range(3):
        with pytest.raises(gateways.GatewayAuthFailed):
            send()


def test_a_probe_without_a_slot_is_no_verdict(wire, settings):
    """The next call may probe: nothing was learned of the provider."""
    from django.core.cache import cache

    wire.msg91_accepts()
    cache.set("breaker:msg91:half_open", 1)
    with slots.slot(provider="msg91"), pytest.raises(gateways.GatewayUnavailable):
        send()

    assert send().provider == "msg91"
