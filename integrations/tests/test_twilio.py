"""Twilio's Messages API at the wire."""

from __future__ import annotations

import base64
from urllib.parse import parse_qsl

import pytest
import requests

from integrations import conf, gateways, proofs
from integrations.clients.twilio import TwilioClient
from integrations.messages import OutgoingCode
from integrations.models import GatewayCall

PHONE, CODE = "+919800000000", "031459"
TEXT = f"Your One-Time Password (OTP) is {CODE}. Valid for 2 minutes.\n\nFA+9qCX/VSu"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_route", "msg91_gone")]


@pytest.fixture
def msg91_gone(wire):
    wire.msg91_answers(body=requests.ConnectionError("planted-text"))


def send(text=TEXT):
    return gateways.send_otp(to=PHONE, code=CODE, reference="otp:test", app="CPAPP", text=text)


def requests_to_twilio(wire):
    return [call.request for call in wire.mock.calls if "2010-04-01" in call.request.url]


def change(settings, **options):
    channel = settings.INTEGRATIONS["sms_fallback"]
    channel = {**channel, "OPTIONS": {**channel["OPTIONS"], **options}}
    settings.INTEGRATIONS = {**settings.INTEGRATIONS, "sms_fallback": channel}


def verdict(wire):
    """Return the code that Twilio's row keeps."""
    with pytest.raises(gateways.GatewayError):
        send()
    assert len(requests_to_twilio(wire)) == 1
    row = GatewayCall.objects.get(provider="twilio")
    return row.outcome, row.provider_code


class TestSendOTP:
    def test_keeps_twilios_id(self, wire):
        wire.twilio_accepts()

        receipt = send()

        assert (receipt.provider, receipt.provider_message_id) == ("twilio", f"SM{7:032}")

    def test_phone_and_text_stand_in_the_form_and_the_key_in_its_header(self, wire, settings):
        wire.twilio_accepts()

        send()

        [request] = requests_to_twilio(wire)
        user_and_key = f"{settings.TWILIO_ACCOUNT_SID}:{settings.TWILIO_AUTH_TOKEN}"
        assert request.headers["Authorization"].split() == [
            "Basic",
            base64.b64encode(user_and_key.encode()).decode(),
        ]
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert dict(parse_qsl(request.body)) == {"To": PHONE, "From": "SOLRIM", "Body": TEXT}
        assert CODE not in request.url
        assert "98000" not in request.url

    def test_an_api_key_is_named_by_its_own_id(self, wire, settings):
        change(settings, api_key_sid="SK" + "1" * 32, keys=("secret-of-the-key",))
        wire.twilio_accepts()

        send()

        [request] = requests_to_twilio(wire)
        credentials = base64.b64decode(request.headers["Authorization"].split()[1]).decode()
        assert credentials == "SK" + "1" * 32 + ":secret-of-the-key"
        assert f"/Accounts/{settings.TWILIO_ACCOUNT_SID}/" in request.url

    def test_a_messaging_service_is_named_as_one(self, wire, settings):
        change(settings, sender="MG" + "1" * 32)
        wire.twilio_accepts()

        send()

        form = dict(parse_qsl(requests_to_twilio(wire)[0].body))
        assert form["MessagingServiceSid"] == "MG" + "1" * 32
        assert "From" not in form

    @pytest.mark.parametrize("code", [21211, 21614, 21635, 21610])
    def test_a_number_that_twilio_refuses_is_the_persons_to_change(self, wire, code):
        wire.twilio_answers(status=400, json={"code": code, "message": PHONE, "status": 400})

        with pytest.raises(gateways.RecipientRejected) as caught:
            send()

        assert caught.value.provider_code == str(code)
        assert "98000" not in str(caught.value)

    @pytest.mark.parametrize(
        ("answer", "outcome", "code"),
        [
            ({"status": 401, "json": {"code": 20003, "status": 401}}, "rejected", "20003"),
            ({"status": 403, "json": {"code": 20403}}, "rejected", "20403"),
            ({"status": 400, "json": {"code": 21408, "status": 400}}, "rejected", "21408"),
            ({"status": 400, "json": {"code": PHONE}}, "rejected", "400"),
            ({"status": 404, "json": {"code": True}}, "rejected", "404"),
            ({"status": 429, "json": {"code": 20429}}, "unavailable", "20429"),
            ({"status": 429, "body": "<html>"}, "unavailable", "429"),
            ({"status": 500, "json": {"code": 20500}}, "unavailable", "server_error"),
            ({"status": 400, "body": "<html>"}, "unavailable", "http_400"),
            ({"status": 200, "json": {"sid": "SM1"}}, "unavailable", "http_200"),
            ({"status": 201, "json": {"status": "queued"}}, "unavailable", "http_201"),
            ({"status": 302, "headers": {"Location": "https://x"}}, "unavailable", "http_302"),
            (
                {"status": 201, "json": {"sid": "SM1", "status": "failed", "error_code": 30001}},
                "rejected",
                "30001",
            ),
        ],
    )
    def test_the_verdict_is_kept_and_nothing_is_tried_again(self, wire, answer, outcome, code):
        """S36: tried once, since the person has waited for the first route already."""
        wire.twilio_answers(**answer)

        assert verdict(wire) == (outcome, code)

    def test_a_lost_answer_may_have_been_accepted(self, wire, monkeypatch):
        wire.twilio_answers(body=requests.ReadTimeout("planted-text"))
        real = TwilioClient.send_otp

        def leave(self, **kwargs):
            from integrations.sockets import current_attempt

            current_attempt.get().request_left = True
            return real(self, **kwargs)

        monkeypatch.setattr(TwilioClient, "send_otp", leave)

        with pytest.raises(gateways.GatewayUnavailable) as caught:
            send()

        assert caught.value.maybe_accepted
        assert GatewayCall.objects.get(provider="twilio").outcome == "unknown"


class TestNothingLeaks:
    def test_neither_client_nor_code_shows_what_it_holds(self, settings):
        client = conf.client("sms_fallback")
        code = OutgoingCode(to=PHONE, code=CODE, reference="r", app="CPAPP", text=TEXT)

        assert settings.TWILIO_AUTH_TOKEN not in repr(client)
        assert repr(code) == "OutgoingCode(app='CPAPP')"

    def test_the_row_keeps_masks_only(self, wire):
        wire.twilio_answers(status=400, json={"code": 21211, "message": f"{PHONE} {TEXT}"})

        with pytest.raises(gateways.RecipientRejected):
            send()

        row = str(GatewayCall.objects.filter(provider="twilio").values().get())
        assert "+91******0000" in row
        for secret in (CODE, "9800000000", "sandbox-twilio-token"):
            assert secret not in row


class TestProve:
    """A key is proved by a message to nobody."""

    def prove(self, settings):
        return proofs.prove(provider="twilio", key=settings.TWILIO_AUTH_TOKEN).warnings

    def test_a_taken_key(self, wire, settings):
        wire.twilio_answers(status=400, json={"code": 21604, "status": 400})

        assert self.prove(settings) == ()
        assert dict(parse_qsl(requests_to_twilio(wire)[0].body)) == {"Body": "-"}

    def test_another_no_is_a_warning(self, wire, settings):
        wire.twilio_answers(status=400, json={"code": 21603, "status": 400})

        assert self.prove(settings) == ("Twilio knows the key but answered 21603.",)

    def test_a_refused_key(self, wire, settings):
        wire.twilio_answers(status=401, json={"code": 20003, "status": 401})

        with pytest.raises(proofs.KeyRefused, match=r"Twilio refuses this key \(20003\)"):
            self.prove(settings)

    @pytest.mark.parametrize("answer", [{"status": 503}, {"status": 429}, {"status": 200}])
    def test_no_answer_is_no_refusal(self, wire, settings, answer):
        wire.twilio_answers(**answer)

        with pytest.raises(proofs.NotProved):
            self.prove(settings)
