"""A phone that wrong codes in a row locked is opened again by ops, and that is recorded."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import SecurityEvent
from integrations import redact
from otp.models import Install, Phone
from otp.tests.asking import PHONE, Asker, verdict
from solarium.tests.admin_world import enter, make_staff

pytestmark = pytest.mark.django_db


def test_ops_lift_a_lock_and_it_is_recorded(client, wire, settings):
    settings.OTP_COOLDOWN_SECONDS = []
    settings.OTP_SENDS_PER_PHONE_10MIN = 0
    settings.OTP_WRONG_CODES_IN_A_ROW = 5
    wire.msg91_accepts()
    caller = Asker(wire, address="192.0.2.1")
    caller.guess(5)
    caller.send()
    assert verdict(caller.verify()) == (429, "phone_locked")
    Install.objects.create(
        id="00000000-0000-4000-8000-000000000001", phone_id=PHONE, wrong_in_a_row=5
    )
    staff = make_staff()
    url = reverse("admin:lift_lock", args=[caller.challenge_id])

    page = enter(client, staff).get(url).content.decode()
    shown = client.get(reverse("admin:otp_challenge_change", args=[caller.challenge_id]))
    client.post(url, {"reason": "Ticket 4711"})

    assert "5 wrong codes in a row, locked; 1 installs" in page
    assert "5, locked" in shown.content.decode()
    assert url in shown.content.decode() or "lift_lock" in shown.content.decode()
    assert PHONE not in page + shown.content.decode()
    assert Phone.objects.get().wrong_in_a_row == Install.objects.get().wrong_in_a_row == 0
    assert caller.verify().status_code == 200
    event = SecurityEvent.objects.get(kind="lock_lifted")
    assert (event.actor_id, event.result) == (staff.pk, "ok")
    assert event.subject_fingerprint == redact.fingerprint(PHONE)
    assert event.detail == "after 5 wrong codes in a row: Ticket 4711"
