from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import redact, retention
from integrations.models import Alert, GatewayCall, ProviderKey

pytestmark = pytest.mark.django_db
PHONE = "+919812345678"
NOW = timezone.now()
OLD = NOW - timedelta(days=2)


def make_call(recipient, *, at=NOW):
    return GatewayCall.objects.create(
        provider="msg91",
        operation="send_otp",
        recipient_masked=redact.mask_recipient(recipient),
        recipient_fingerprint=redact.fingerprint(recipient),
        started_at=at,
    )


def test_calls_of_killed_processes_grow_old_too():
    killed = make_call(PHONE, at=OLD)
    make_call(PHONE)

    assert killed.outcome == "started"
    assert list(retention.old_calls(before=NOW - timedelta(days=1))) == [killed]


def test_what_is_open_or_in_use_never_grows_old():
    about = {"provider": "msg91", "kind": "failures", "text": "t", "opened_at": OLD}
    Alert.objects.create(**about)
    over = Alert.objects.create(**about, resolved_at=OLD)
    key = {"provider": "msg91", "source": "rotation", "created_at": OLD}
    for state in ("staged", "active", "previous"):
        ProviderKey.objects.create(**key, state=state, retired_at=OLD)
    retired = ProviderKey.objects.create(**key, state="retired", retired_at=OLD)

    assert list(retention.old_alerts(before=NOW)) == [over]
    assert list(retention.old_keys(before=NOW)) == [retired]


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
