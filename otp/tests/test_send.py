from __future__ import annotations

import copy
import socket
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import User
from integrations.models import GatewayCall
from otp.models import Challenge
from otp.tests.asking import PHONE

URL = "/integrations/sendOTP"
pytestmark = pytest.mark.django_db


def send(api_client, phone=PHONE, app="CUSTAP", **extra):
    return api_client.post(URL, {"phone": phone, "app": app, **extra})


class TestSendOTP:
    def test_answers_as_the_contract_says(self, api_client, wire):
        wire.msg91_accepts()

        answer = send(api_client)

        body = answer.json()
        assert answer.status_code == 200
        assert set(body) == {
            "success",
            "challengeId",
            "phone",
            "expiresIn",
            "expiresAt",
            "resendIn",
            "resendAt",
            "correlationId",
        }
        assert (body["phone"], body["expiresIn"], body["resendIn"]) == ("+91******3210", 120, 30)
        assert body["correlationId"] == answer["X-Request-ID"]
        assert GatewayCall.objects.get().correlation_id == body["correlationId"]

    @pytest.mark.parametrize(
        "spelling",
        ["9876543210", "09876543210", "919876543210", "+91 98765-43210", "(+91) 98765 43210"[1:]],
    )
    def test_takes_common_spellings(self, api_client, wire, spelling):
        wire.msg91_accepts()

        send(api_client, spelling.replace(")", ""))

        assert Challenge.objects.get().phone_id == PHONE

    @pytest.mark.parametrize(
        "phone",
        [
            "+912212345678",  # landline
            "+14155550100",  # foreign
            "987654321012345678",
            "98765abcde",
            "९८७६५४३२१०",
            "+919876543210;ext=5",
            "9876543210\u0000",
            "98765\n43210",
            "",
            None,
            9876543210,
            ["9876543210"],
        ],
    )
    def test_names_the_bad_field_and_does_nothing(self, api_client, wire, phone):
        """S11."""
        answer = send(api_client, phone)

        assert answer.status_code == 400
        assert answer["Content-Type"].startswith("application/problem+json")
        assert answer.json()["code"] == "validation_error"
        assert answer.json()["errors"][0]["field"] == "phone"
        assert not wire.mock.calls
        assert not Challenge.objects.exists()

    @pytest.mark.parametrize("extra", [{"app": "WEBPRT"}, {"app": "custap"}, {"more": 1}])
    def test_refuses_other_apps_and_unknown_fields(self, api_client, wire, extra):
        answer = (
            send(api_client, **extra) if "app" not in extra else send(api_client, PHONE, **extra)
        )

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] in extra

    def test_surely_failed_send_costs_nothing(self, api_client, wire):
        wire.msg91_answers(status=500)
        wire.msg91_answers(status=500)
        wire.msg91_answers(status=500)
        wire.msg91_accepts()

        failed = send(api_client)
        again = send(api_client)

        assert failed.status_code == 503
        assert failed.json()["code"] == "sms_unavailable"
        assert failed.json()["detail"] == "Unable to send OTP. Please try again."
        assert failed["Retry-After"] == "60"
        assert again.status_code == 200

    def test_send_that_may_have_arrived_keeps_quota_and_cooldown(self, api_client, settings):
        """A provider that takes the request and never answers; real sockets."""
        settings.PROVIDER_TIMEOUT_SECONDS = 0.2
        with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
            channels = copy.deepcopy(settings.INTEGRATIONS)
            channels["sms"]["OPTIONS"]["base_url"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
            settings.INTEGRATIONS = channels

            failed = send(api_client)
            again = send(api_client)

        assert (failed.status_code, failed.json()["code"]) == (503, "sms_unavailable")
        assert (again.status_code, again.json()["code"]) == (429, "resend_too_soon")
        assert GatewayCall.objects.get().outcome == "unknown"
        assert len(GatewayCall.objects.get().attempts) == 3

    @pytest.mark.parametrize(
        ("verdict", "status", "code"),
        [
            ({"type": "error", "message": "Invalid authkey"}, 502, "sms_rejected"),
            (
                {"type": "error", "message": "Mobile no. empty or not numeric"},
                400,
                "phone_rejected",
            ),
        ],
    )
    def test_turns_the_verdict_into_our_answer(self, api_client, wire, verdict, status, code):
        wire.msg91_answers(json=verdict)

        answer = send(api_client)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert "authkey" not in answer.content.decode()


class TestLimits:
    def test_cooldown_grows_and_both_sides_of_it_hold(self, api_client, wire, settings):
        """S12."""
        settings.OTP_SENDS_PER_PHONE_10MIN = 0
        wire.msg91_accepts()
        start = datetime(2026, 12, 31, 23, 59, 0, tzinfo=UTC)

        with time_machine.travel(start, tick=False) as clock:
            for pause in (30, 60, 120, 120):
                assert send(api_client).json()["resendIn"] == pause
                clock.shift(timedelta(seconds=pause - 1))
                early = send(api_client)
                assert (early.status_code, early.json()["code"]) == (429, "resend_too_soon")
                assert early["Retry-After"] == "1"
                clock.shift(timedelta(seconds=1))

    def test_three_in_ten_minutes_and_then_the_window_slides(self, api_client, wire, settings):
        settings.OTP_COOLDOWN_SECONDS = [0]
        wire.msg91_accepts()

        with time_machine.travel(datetime(2026, 11, 30, 23, 55, tzinfo=UTC), tick=False) as clock:
            assert [send(api_client).status_code for _ in range(4)] == [200, 200, 200, 429]
            refused = send(api_client)
            assert refused.json()["code"] == "send_limit_reached"
            assert refused["Retry-After"] == "600"
            clock.shift(timedelta(seconds=600))
            assert send(api_client).status_code == 200

    def test_known_and_unknown_numbers_get_the_same_answers(self, api_client, wire):
        """S19: limits come before any account."""
        User.objects.create(role="CUSTOMER", phone="+919876500001")
        wire.msg91_accepts()

        known = [send(api_client, "+919876500001").status_code for _ in range(11)]
        unknown = [send(api_client, "+919876500002").status_code for _ in range(11)]

        assert known == unknown == [200] + [429] * 10

    def test_zero_switches_a_limit_off(self, api_client, wire, settings):
        settings.OTP_COOLDOWN_SECONDS = [0]
        settings.OTP_SENDS_PER_PHONE_10MIN = settings.OTP_SENDS_PER_PHONE_HOUR = 0
        settings.OTP_SENDS_PER_PHONE_DAY = settings.OTP_SENDS_PER_PREFIX_10MIN = 0
        wire.msg91_accepts()

        assert [send(api_client).status_code for _ in range(12)] == [200] * 12


class TestTemplates:
    def test_each_app_has_its_template(self, api_client, wire, settings):
        channel = settings.INTEGRATIONS["sms"]
        ids = {"CPAPP": "a" * 24, "CUSTAP": ""}
        options = {**channel["OPTIONS"], "otp_template_ids": ids}
        settings.INTEGRATIONS = {**settings.INTEGRATIONS, "sms": {**channel, "OPTIONS": options}}
        wire.msg91_accepts()

        for phone, app in (("+919876543210", "CPAPP"), ("+919876543211", "CUSTAP")):
            api_client.post("/integrations/sendOTP", {"phone": phone, "app": app})

        sent = [body["template_id"] for body in wire.bodies()]
        assert sent == ["a" * 24, settings.MSG91_OTP_TEMPLATE_ID]
