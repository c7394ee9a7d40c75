"""What users get while ops have a provider switched off."""

from __future__ import annotations

import pytest

from accounts.models import User
from accounts.roles import Role
from accounts.testing import authorization
from integrations import gateways
from integrations.models import GatewayCall, Outcome

pytestmark = pytest.mark.django_db
TEXT = "SMS are being repaired. Please use the web portal until 6 pm."
SEND_OTP = ("/integrations/sendOTP", {"phone": "+919876543210", "app": "CUSTAP"})


def off(provider: str, text: str = TEXT) -> None:
    gateways.switch_off(provider=provider, text=text, by="asha", actor_id=None)


def log_in(client, role: Role) -> None:
    client.credentials(**authorization(User.objects.create_user(role=role)))


def test_users_get_the_text_and_the_provider_no_call(api_client, wire):
    wire.msg91_accepts()
    off("msg91")

    answer = api_client.post(*SEND_OTP)

    assert (answer.status_code, answer.json()["code"]) == (503, "sms_unavailable")
    assert answer.json()["detail"] == TEXT
    assert answer.headers["Retry-After"] == "60"
    assert not wire.mock.calls
    call = GatewayCall.objects.get()
    assert (call.outcome, call.provider_code) == (Outcome.REFUSED, "switched_off")


def test_back_on_it_works(api_client, wire):
    wire.msg91_accepts()
    off("msg91")
    assert api_client.post(*SEND_OTP).status_code == 503

    gateways.switch_on(provider="msg91", actor_id=None)

    assert api_client.post(*SEND_OTP).status_code == 200


def test_mail_and_links_have_their_switches(api_client, wire):
    off("sendgrid", "No mail today.")
    off("azure_blob", "No documents today.")

    reset = {"template": "password_reset", "to": "kam@solarium.example"}
    mail = api_client.post("/integrations/sendEmail", reset)
    assert (mail.status_code, mail.json()["detail"]) == (503, "No mail today.")

    log_in(api_client, Role.CUSTOMER)
    sas = api_client.get("/documents/sas?docType=KYC")
    assert (sas.status_code, sas.json()["detail"]) == (503, "No documents today.")
    assert sas.json()["code"] == "storage_unavailable"


def test_the_status_shows_it(api_client):
    off("msg91")
    log_in(api_client, Role.KAM)

    found = api_client.get("/integrations/status").json()["providers"]

    assert (found["msg91"]["state"], found["msg91"]["message"]) == ("ok", TEXT)
    assert (found["sendgrid"]["state"], found["sendgrid"]["message"]) == ("ok", None)
