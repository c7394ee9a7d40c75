"""What may happen once happens once, whoever else asks at the same moment."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import AuthToken, User
from integrations.testing import at_once
from otp.models import Challenge
from otp.tests.asking import PHONE, wrong

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

SEND = {"phone": PHONE, "app": "CUSTAP"}


def post(path: str, body: dict[str, str]) -> str:
    answer = APIClient().post(path, body, format="json")
    return answer.json().get("code", "ok")


@pytest.fixture
def challenge(wire):
    wire.msg91_accepts()
    sent = APIClient().post("/integrations/sendOTP", SEND, format="json").json()
    return sent["challengeId"], wire.codes()[-1]


def test_100_requests_for_one_phone_send_one_sms(wire):
    """S20."""
    wire.msg91_accepts()

    answers = at_once(100, lambda _: post("/integrations/sendOTP", SEND))

    assert answers == {"ok": 1, "resend_too_soon": 99}
    assert len(wire.mock.calls) == 1
    assert Challenge.objects.count() == 1


def test_50_right_answers_make_one_session(challenge):
    """S6."""
    challenge_id, code = challenge
    body = {"challengeId": challenge_id, "otp": code}

    answers = at_once(50, lambda _: post("/integrations/verifyOTP", body))

    assert answers["ok"] == 1
    assert set(answers) <= {"ok", "otp_expired", "otp_attempts_exhausted"}
    assert AuthToken.objects.count() == User.objects.count() == 1


def test_50_wrong_answers_count_as_five(challenge):
    """S7."""
    challenge_id, code = challenge
    body = {"challengeId": challenge_id, "otp": wrong(code)}

    answers = at_once(50, lambda _: post("/integrations/verifyOTP", body))

    assert answers == {"otp_incorrect": 5, "otp_attempts_exhausted": 45}
    assert Challenge.objects.get().attempts == 5
