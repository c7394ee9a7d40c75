"""Numbers whose code is fixed, for the review of an app: no SMS, one role, until a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import Role
from integrations.models import GatewayCall
from integrations.redact import fingerprint
from otp import demo_numbers
from otp.models import DemoNumber
from otp.tests.asking import PHONE, wrong
from otp.tests.demo_world import log_in, make, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(timezone.now())
    return time_machine


class TestLogIn:
    @pytest.mark.parametrize(
        ("role", "app"), [(Role.CUSTOMER, "CUSTAP"), (Role.CHANNEL_PARTNER, "CPAPP")]
    )
    def test_the_fixed_code_lets_in_and_no_sms_goes_out(self, api_client, wire, role, app):
        code = make(role)

        answer = log_in(api_client, code, app)

        assert answer.status_code == 200
        assert answer.json()["user"]["role"] == role
        assert not wire.mock.calls
        assert not GatewayCall.objects.exists()

    def test_sendotp_answers_as_for_any_number(self, api_client, wire):
        make()
        wire.msg91_accepts()

        demo, ordinary = send(api_client), send(api_client, phone="+919800000001")

        assert (demo.status_code, ordinary.status_code) == (200, 200)
        assert list(demo.json()) == list(ordinary.json())
        assert demo.json()["expiresIn"] == 120
        assert len(wire.mock.calls) == 1

    def test_the_code_works_for_each_challenge_once_and_the_next_day(self, api_client, wire, clock):
        code = make()
        first = send(api_client).json()["challengeId"]
        body = {"challengeId": first, "otp": code}

        answers = [api_client.post("/integrations/verifyOTP", body) for _ in range(2)]
        clock.shift(timedelta(days=1))

        assert [answer.status_code for answer in answers] == [200, 410]
        assert log_in(api_client, code).status_code == 200

    def test_limits_and_tries_are_those_of_any_number(self, api_client, wire):
        code = make()
        challenge_id = send(api_client).json()["challengeId"]
        body = {"challengeId": challenge_id, "otp": wrong(code)}

        assert send(api_client).json()["code"] == "resend_too_soon"
        codes = [api_client.post("/integrations/verifyOTP", body).json()["code"] for _ in range(6)]
        assert codes == ["otp_incorrect"] * 5 + ["otp_attempts_exhausted"]

    def test_a_rotated_pepper_does_not_change_the_code(self, api_client, wire, settings):
        code = make()
        settings.OTP_PEPPERS = ["another-pepper-of-this-test-0123456789abcdef"]

        assert log_in(api_client, code).status_code == 200

    @pytest.mark.parametrize(
        ("role", "app"), [(Role.CUSTOMER, "CPAPP"), (Role.CHANNEL_PARTNER, "CUSTAP")]
    )
    def test_another_app_does_not_let_in(self, api_client, wire, role, app):
        code = make(role)

        answer = log_in(api_client, code, app)

        assert (answer.status_code, answer.json()["code"]) == (403, "account_not_allowed")
        assert not AuthToken.objects.exists()

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.KAM, Role.CHANNEL_PARTNER])
    def test_an_account_that_got_another_role_stays_out(self, api_client, wire, role):
        code = make()
        User.objects.filter(phone=PHONE).update(role=role)

        answers = [log_in(api_client, code, "CPAPP")]

        assert [answer.status_code for answer in answers] == [403]
        assert not AuthToken.objects.exists()

    def test_an_erased_partner_does_not_come_back_as_a_customer(self, api_client, wire):
        code = make(Role.CHANNEL_PARTNER)
        User.objects.filter(phone=PHONE).delete()

        assert log_in(api_client, code, "CUSTAP").status_code == 403
        assert not User.objects.exists()

    def test_each_use_is_recorded(self, api_client, wire):
        code = make()

        log_in(api_client, code)

        used = SecurityEvent.objects.get(kind="demo_number")
        assert used.subject_fingerprint == fingerprint(PHONE)
        assert used.client_address == "127.0.0.1"
        assert SecurityEvent.objects.get(kind="login").detail == "CUSTAP, demo number"

    def test_costs_other_numbers_no_statement(self, api_client, wire, statements):
        wire.msg91_accepts()

        send(api_client)

        assert not [sql for sql in statements if "demonumber" in sql]


class TestEnd:
    def test_afterwards_the_number_is_like_any_other(self, api_client, wire, clock):
        wire.msg91_accepts()
        code = make(days=1)
        assert log_in(api_client, code).status_code == 200
        clock.shift(timedelta(days=1))

        answer = log_in(api_client, code)

        assert len(wire.mock.calls) == 1
        assert answer.status_code == (200 if code == wire.codes()[-1] else 400)
        assert DemoNumber.objects.exists()

    def test_a_session_ends_with_the_number(self, api_client, wire):
        code = make(days=2)

        log_in(api_client, code)

        assert AuthToken.objects.get().expiry == DemoNumber.objects.get().ends_at

    def test_removal_counts_at_once_whatever_a_process_knows(self, api_client, wire):
        code = make()
        challenge_id = send(api_client).json()["challengeId"]
        DemoNumber.objects.all().delete()  # by another process

        answer = api_client.post(
            "/integrations/verifyOTP", {"challengeId": challenge_id, "otp": code}
        )

        assert (answer.status_code, answer.json()["code"]) == (410, "otp_expired")

    def test_a_new_code_ends_the_old_one(self, api_client, wire):
        code = make()
        challenge_id = send(api_client).json()["challengeId"]
        demo_numbers.remove(DemoNumber.objects.get())
        make()

        answer = api_client.post(
            "/integrations/verifyOTP", {"challengeId": challenge_id, "otp": code}
        )

        assert answer.status_code == 410

    def test_removal_ends_sessions_and_sends_sms_again(self, api_client, wire, settings):
        settings.OTP_COOLDOWN_SECONDS = []
        wire.msg91_accepts()
        log_in(api_client, make())

        demo_numbers.remove(DemoNumber.objects.get())
        send(api_client)

        assert not AuthToken.objects.exists()
        assert len(wire.mock.calls) == 1

    def test_other_processes_know_within_seconds(self, api_client, wire, monkeypatch):
        make()
        monkeypatch.setattr(demo_numbers, "REFRESH_SECONDS", 0.0)
        demo_numbers.reset()

        assert send(api_client).status_code == 200
        assert not wire.mock.calls
