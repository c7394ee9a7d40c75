"""A demo number for tests, and using it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.utils import timezone

from accounts.roles import Role
from otp import demo_numbers
from otp.tests.asking import PHONE


def make(role=Role.CUSTOMER, phone=PHONE, **lasts):
    now = timezone.now()
    return demo_numbers.make(
        phone_e164=phone,
        role=role,
        ends_at=now + timedelta(**(lasts or {"days": 7})),
        made_by=uuid.uuid4(),
        now=now,
    )


def send(api_client, app="CUSTAP", phone=PHONE):
    return api_client.post("/integrations/sendOTP", {"phone": phone, "app": app})


def log_in(api_client, code, app="CUSTAP"):
    challenge_id = send(api_client, app).json()["challengeId"]
    body = {"challengeId": challenge_id, "otp": code}
    return api_client.post("/integrations/verifyOTP", body)
