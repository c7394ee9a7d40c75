from __future__ import annotations

import pytest
from django.utils import timezone

from integrations import redact, retention
from integrations.models import GatewayCall

pytestmark = pytest.mark.django_db
PHONE = "+919812345678"


def make_call(recipient):
    return GatewayCall.objects.create(
        provider="msg91",
        operation="send_otp",
        recipient_masked=redact.mask_recipient(recipient),
        recipient_fingerprint=redact.fingerprint(recipient),
        started_at=timezone.now(),
    )


def test_blank_calls_keeps_the_fingerprint_and_the_others():
    mine, other = make_call(PHONE), make_call("+919800000002")
    wanted = [redact.fingerprint(PHONE)]

    assert retention.blank_calls(fingerprints=wanted, dry_run=True) == 1
    assert retention.blank_calls(fingerprints=wanted, dry_run=False) == 1
    assert retention.blank_calls(fingerprints=wanted, dry_run=False) == 0

    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.recipient_masked, mine.recipient_fingerprint) == ("", wanted[0])
    assert other.recipient_masked == "+91******0002"
    assert retention.list_calls(fingerprints=wanted)[0]["recipient"] == ""
