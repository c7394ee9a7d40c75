"""S58: every way in, every way out and every link is on record, once, with who and from where."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts.models import SecurityEvent, User
from accounts.reset_links import make_link
from accounts.roles import Role
from accounts.testing import authorization
from documents.models import SASGrant

PHONE, EMAIL, PASSWORD = "+919812345678", "kam@solarium.example", "a long enough passphrase"
pytestmark = pytest.mark.django_db


@pytest.fixture
def kam():
    return User.objects.create_user(role=Role.KAM, email=EMAIL, password=PASSWORD)


def events():
    return list(SecurityEvent.objects.order_by("id").values_list("kind", "result", "detail"))


def log_in(client, password=PASSWORD):
    answer = client.post(
        "/auth/login", {"email": EMAIL.upper(), "password": password}, REMOTE_ADDR="192.0.2.7"
    )
    client.credentials(HTTP_AUTHORIZATION=f"Token {answer.json().get('token', '')}")
    return answer


class TestStaff:
    def test_login_and_both_logouts(self, api_client, kam):
        for path in ("/auth/logout", "/auth/logout-all"):
            log_in(api_client)
            assert api_client.post(path).status_code == 200
            api_client.credentials()

        assert events() == [
            ("login", "ok", "WEBPRT"),
            ("logout", "ok", "WEBPRT"),
            ("login", "ok", "WEBPRT"),
            ("sessions_ended", "ok", "WEBPRT"),
        ]
        first = SecurityEvent.objects.first()
        assert (first.actor_id, first.client_address) == (kam.pk, "192.0.2.7")
        assert first.subject_masked == "k***@solarium.example"

    def test_refused_and_locked_logins_name_the_account_once_a_minute(self, api_client, kam):
        for _ in range(20):
            log_in(api_client, password="wrong passphrase")

        assert events() == [
            ("login", "refused", "bad_credentials"),
            ("limit", "refused", "login_locked"),
        ]
        assert set(SecurityEvent.objects.values_list("subject_masked", flat=True)) == {
            "k***@solarium.example"
        }

    def test_password_reset(self, api_client, kam, wire):
        wire.sendgrid_accepts()
        for to in (EMAIL, "nobody@solarium.example"):
            api_client.post("/integrations/sendEmail", {"template": "password_reset", "to": to})
        uid, token = make_link(user=kam).split("/")[-2:]

        form = {"uid": uid, "token": token, "newPassword": "quite another passphrase"}
        assert api_client.post("/auth/password/reset/confirm", form).status_code == 200

        asked = ("password_reset", "ok", "link asked for")
        assert events() == [asked, asked, ("password_reset", "ok", "password set")]
        assert token not in str(list(SecurityEvent.objects.values()))


def test_login_by_sms(api_client, wire):
    wire.msg91_accepts()
    sent = api_client.post("/integrations/sendOTP", {"phone": PHONE, "app": "CUSTAP"}).json()

    api_client.post(
        "/integrations/verifyOTP",
        {"challengeId": sent["challengeId"], "otp": wire.codes()[-1]},
        REMOTE_ADDR="192.0.2.7",
    )

    event = SecurityEvent.objects.get()
    assert (event.kind, event.result, event.detail) == ("login", "ok", "CUSTAP")
    assert event.actor_id == User.objects.get().pk
    assert event.subject_masked == "+91******5678"
    assert event.client_address == "192.0.2.7"


def test_links(api_client):
    user = User.objects.create_user(role=Role.CUSTOMER, phone=PHONE)
    api_client.credentials(**authorization(user))

    issued = api_client.get("/documents/sas?docType=KYC").json()

    grant = SASGrant.objects.get()
    assert (grant.right, str(grant.document_id)) == ("create", issued["documentId"])
    assert (grant.user_id, grant.client_address) == (user.pk, "127.0.0.1")
    assert issued["sasUrl"].partition("sig=")[2] not in str(vars(grant))


def test_accounts_made_by_command(monkeypatch):
    monkeypatch.setenv("PW", PASSWORD)

    call_command("create_user", "--role=KAM", f"--email={EMAIL}", "--password-env=PW")

    assert events() == [("account_changed", "ok", "create_user KAM, password set")]
    assert SecurityEvent.objects.get().subject_masked == "k***@solarium.example"
