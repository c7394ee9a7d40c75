"""Limits over many phones hold however many ask at once (S14)."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import AuthToken
from integrations.testing import at_once
from otp.models import Challenge, DaySpend, Phone
from otp.tests.asking import Asker, verdict, wrong

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


class TestTries:
    @pytest.fixture
    def asked(self, wire, settings):
        """Twenty live codes of one phone, and a proof for it."""
        settings.OTP_COOLDOWN_SECONDS = []
        settings.OTP_SENDS_PER_PHONE_10MIN = settings.OTP_SENDS_PER_PHONE_HOUR = 0
        settings.OTP_SENDS_PER_PHONE_DAY = settings.OTP_SENDS_PER_PREFIX_10MIN = 0
        owner = Asker(wire, address="192.0.2.1")
        owner.send()
        assert owner.verify().status_code == 200
        codes = []
        for _ in range(20):
            owner.send()
            codes.append((owner.challenge_id, owner.code))
        return codes, owner.proof

    def verify(self, wire, challenge, *, proof="", is_wrong=False):
        asker = Asker(wire, address="192.0.2.2", proof=proof)
        code = wrong(challenge[1]) if is_wrong else challenge[1]
        answer = asker.verify(code, challenge_id=challenge[0])
        return answer.json().get("code", "ok")

    def test_60_wrong_ones_over_20_codes_count_as_ten(self, wire, asked):
        codes, _ = asked

        answers = at_once(60, lambda n: self.verify(wire, codes[n % 20], is_wrong=True))

        assert answers == {"otp_incorrect": 10, "phone_locked": 50}
        assert Phone.objects.get().wrong_in_a_row == 10

    def test_an_installs_60_count_as_its_ten(self, wire, asked):
        codes, proof = asked

        answers = at_once(
            60, lambda n: self.verify(wire, codes[n % 20], proof=proof, is_wrong=True)
        )

        assert answers == {"otp_incorrect": 10, "phone_locked": 50}
        assert Phone.objects.get().wrong_in_a_row == 0

    def test_the_owner_gets_in_while_50_others_guess(self, wire, asked):
        codes, proof = asked

        def act(number):
            if number == 25:
                return "owner " + self.verify(wire, codes[19], proof=proof)
            return self.verify(wire, codes[number % 19], is_wrong=True)

        answers = at_once(51, act)

        assert answers == {"otp_incorrect": 10, "phone_locked": 40, "owner ok": 1}

    def test_50_right_answers_with_a_proof_make_one_session(self, wire, asked):
        codes, proof = asked

        answers = at_once(50, lambda _: self.verify(wire, codes[0], proof=proof))

        assert answers["ok"] == 1
        assert set(answers) <= {"ok", "otp_expired", "otp_attempts_exhausted"}
        assert AuthToken.objects.count() == 2

    def test_50_sends_with_a_proof_send_one_sms(self, wire, asked, settings):
        settings.OTP_COOLDOWN_SECONDS = [30]
        _, proof = asked
        before = len(wire.codes())

        answers = at_once(
            50, lambda _: verdict(Asker(wire, address="192.0.2.2", proof=proof).send())[1] or "ok"
        )

        assert answers == {"ok": 1, "resend_too_soon": 49}
        assert len(wire.codes()) == before + 1
