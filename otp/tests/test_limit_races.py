"""Limits over many phones hold however many ask at once (S14)."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from integrations.testing import at_once
from otp.models import Challenge, DaySpend

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _accepting(wire, settings):
    settings.OTP_SENDS_PER_IP_10MIN = settings.OTP_SENDS_PER_MINUTE = 0
    wire.msg91_accepts()


def send(phone: str) -> str:
    answer = APIClient().post(
        "/integrations/sendOTP", {"phone": phone, "app": "CUSTAP"}, format="json"
    )
    return answer.json().get("code", "ok")


def test_50_numbers_of_one_prefix_get_exactly_ten_codes(wire):
    answers = at_once(50, lambda number: send(f"+91987654{number:04d}"))

    assert answers == {"ok": 10, "send_limit_reached": 40}
    assert len(wire.codes()) == Challenge.objects.count() == 10


def test_100_requests_get_exactly_the_50_codes_that_the_budget_has(wire, settings):
    settings.OTP_SENDS_PER_PREFIX_10MIN = 0
    settings.OTP_DAILY_BUDGET_RUPEES = 10  # 50 codes

    answers = at_once(100, lambda number: send(f"+919876{number:02d}0000"))

    assert answers == {"ok": 50, "send_limit_reached": 50}
    assert len(wire.codes()) == 50
    assert DaySpend.objects.get().paise == 1000


def test_prefix_budget_and_phone_hold_together(wire, settings):
    """60 requests, two for each of 30 numbers of three prefixes; the budget has 24 codes."""
    settings.OTP_DAILY_BUDGET_RUPEES, settings.OTP_PRICE_PAISE = 12, 50

    answers = at_once(60, lambda n: send(f"+9198765{n % 3}{n % 30:04d}"))

    assert answers["ok"] == len(wire.codes()) == Challenge.objects.count() == 24
    assert set(answers) <= {"ok", "send_limit_reached", "resend_too_soon"}
    assert Challenge.objects.values("phone").distinct().count() == 24
    assert DaySpend.objects.get().paise == 1200
