"""S58: what is refused, and who enters the admin, is on record; a flood of it is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor, security_events
from accounts.models import SecurityEvent, User
from accounts.refusals import ROWS_PER_ADDRESS, record_refusal
from accounts.roles import App, Role

PHONE = "+919812345678"
pytestmark = pytest.mark.django_db
Kind = SecurityEvent.Kind


@pytest.fixture
def as_customer(as_user):
    return as_user(User.objects.create_user(role=Role.CUSTOMER, phone=PHONE), App.CUSTAP)


def events():
    return list(SecurityEvent.objects.order_by("id").values_list("kind", "result", "detail"))


class TestRecord:
    def test_keeps_a_mask_and_no_secret(self):
        security_events.record(
            kind=Kind.LOGIN,
            result=SecurityEvent.Result.OK,
            subject=PHONE,
            detail=f"for {PHONE}, otp 123456, SG.planted.secret " + "x" * 400,
        )

        event = SecurityEvent.objects.get()
        assert event.subject_masked == "+91******5678"
        for planted in (PHONE, "123456", "planted.secret"):
            assert planted not in event.detail
        assert len(event.detail) == 300


class TestRefusedRequest:
    def test_denied_access(self, as_customer):
        answer = as_customer.get("/integrations/status", REMOTE_ADDR="192.0.2.7")

        assert answer.status_code == 403
        event = SecurityEvent.objects.get()
        assert (event.kind, event.result, event.detail) == (
            "denied",
            "refused",
            answer.json()["code"],
        )
        assert event.actor_id == User.objects.get().pk
        assert event.client_address == "192.0.2.7"
        assert event.correlation_id == answer.json()["correlationId"]

    def test_bad_token(self, api_client):
        api_client.credentials(HTTP_AUTHORIZATION="Token " + "0" * 64)

        api_client.get("/auth/me")

        assert events() == [("denied", "refused", "not_authenticated")]
        assert SecurityEvent.objects.get().actor_id is None

    def test_a_flood_of_refusals_is_one_row_a_minute(self, api_client, settings, time_machine):
        now = datetime(2026, 11, 24, 12, tzinfo=UTC)
        time_machine.move_to(now, tick=False)
        settings.OTP_VERIFIES_PER_IP_10MIN = 1
        form = {"challengeId": "0" * 8 + "-0000-0000-0000-" + "0" * 12, "otp": "123456"}

        def flood():
            codes = [
                api_client.post("/integrations/verifyOTP", form).json()["code"] for _ in range(30)
            ]
            assert codes.count("verify_limit_reached") >= 29

        flood()
        assert events() == [
            ("login", "refused", "otp_expired"),
            ("limit", "refused", "verify_limit_reached"),
        ]
        time_machine.move_to(now + timedelta(seconds=61), tick=False)
        flood()
        assert len(events()) == 3

    def test_wrong_code_without_the_code(self, api_client, wire):
        wire.msg91_accepts()
        sent = api_client.post("/integrations/sendOTP", {"phone": PHONE, "app": "CUSTAP"}).json()
        wrong = f"{(int(wire.codes()[-1]) + 1) % 1_000_000:06}"

        api_client.post(
            "/integrations/verifyOTP", {"challengeId": sent["challengeId"], "otp": wrong}
        )

        assert ("login", "refused", "otp_incorrect") in events()
        assert wrong not in str(list(SecurityEvent.objects.values()))

    def test_bad_reset_link(self, api_client):
        form = {"uid": "x", "token": "x", "newPassword": "a long enough passphrase"}

        api_client.post("/auth/password/reset/confirm", form)

        assert events() == [("password_reset", "refused", "reset_link_invalid")]

    def test_mistakes_are_not_recorded(self, api_client, as_customer):
        assert api_client.post("/integrations/sendOTP", {}).status_code == 400
        assert as_customer.get("/documents/" + "0" * 8 + "-0000-0000-0000-" + "0" * 12).status_code
        assert api_client.get("/nope").status_code == 404

        assert events() == []

    @pytest.mark.django_db(transaction=True)
    def test_a_database_that_refuses_does_not_change_the_answer(self, as_customer):
        def refuse(execute, sql, params, many, context):
            if SecurityEvent._meta.db_table in sql:
                raise OperationalError("gone")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(refuse):
            answer = as_customer.get("/integrations/status")

        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


class TestRecordRefusal:
    def test_one_address_that_tries_many_accounts_is_bounded(self):
        for number in range(ROWS_PER_ADDRESS + 20):
            record_refusal(
                kind=Kind.LOGIN,
                code="bad_credentials",
                client_address="192.0.2.7",
                subject=f"kam{number}@solarium.example",
            )
        record_refusal(kind=Kind.LOGIN, code="bad_credentials", client_address="192.0.2.8")

        assert SecurityEvent.objects.filter(client_address="192.0.2.7").count() == ROWS_PER_ADDRESS
        assert SecurityEvent.objects.filter(client_address="192.0.2.8").count() == 1


class TestAdmin:
    def test_login_and_logout(self, client, kam):
        client.force_login(kam)
        client.logout()

        assert events() == [("login", "ok", "admin"), ("logout", "ok", "admin")]
        assert SecurityEvent.objects.first().actor_id == kam.pk

    def test_a_page_that_is_not_theirs(self, client, kam):
        kam.is_staff = True
        kam.save()
        client.force_login(kam)
        second_factor.enrol(user=kam)
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get().persistent_id
        session.save()

        assert client.get("/admin/accounts/user/").status_code == 403

        assert events()[-1] == ("denied", "refused", "permission_denied")
        assert SecurityEvent.objects.last().actor_id == kam.pk
