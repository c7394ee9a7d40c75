"""The second route for codes: only when not a byte left for the first provider."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
import requests
from django.core.management import call_command

from integrations import breaker, gateways
from integrations.models import Alert, GatewayCall

from .test_msg91 import lost_request

PHONE, CODE = "+919800000000", "031459"
TEXT = f"Your One-Time Password (OTP) is {CODE}. Valid for 2 minutes."
REFUSED = {"body": requests.ConnectionError("planted-text")}
on = pytest.mark.usefixtures("second_route")
pytestmark = pytest.mark.django_db


def send(text=TEXT):
    return gateways.send_otp(to=PHONE, code=CODE, reference="otp:test", app="CUSTAP", text=text)


def rows():
    return [(row.provider, row.outcome) for row in GatewayCall.objects.order_by("started_at")]


def asked(wire):
    """Return how often each provider was asked."""
    urls = [call.request.url for call in wire.mock.calls]
    twilio = sum("2010-04-01" in url for url in urls)
    return {"msg91": len(urls) - twilio, "twilio": twilio}


def open_breaker(provider):
    for _ in range(5):
        with breaker.permit(provider=provider) as permit:
            permit.failed()


@on
class TestTaken:
    def test_when_the_connection_is_refused_with_the_same_code(self, wire):
        wire.msg91_answers(**REFUSED)
        wire.twilio_accepts()

        receipt = send()

        assert receipt.provider == "twilio"
        assert asked(wire) == {"msg91": 3, "twilio": 1}
        assert rows() == [("msg91", "unavailable"), ("twilio", "accepted")]
        assert dict(parse_qsl(wire.mock.calls[-1].request.body))["Body"] == TEXT

    @pytest.mark.parametrize("error", [requests.ConnectTimeout, requests.exceptions.SSLError])
    def test_when_no_connection_came_about(self, wire, error):
        wire.msg91_answers(body=error("planted-text"))
        wire.twilio_accepts()

        assert send().provider == "twilio"

    def test_at_once_while_the_breaker_is_open(self, wire):
        open_breaker("msg91")
        wire.twilio_accepts()

        assert send().provider == "twilio"
        assert asked(wire) == {"msg91": 0, "twilio": 1}
        assert rows() == [("msg91", "refused"), ("twilio", "accepted")]

    def test_while_no_slot_is_free(self, wire, settings, monkeypatch):
        monkeypatch.setattr("integrations.slots.conf.slots", lambda provider: provider == "twilio")
        settings.SLOT_WAIT_SECONDS = 0
        wire.twilio_accepts()

        assert send().provider == "twilio"
        assert GatewayCall.objects.get(provider="msg91").provider_code == "no_slot"

    def test_while_ops_have_switched_the_first_off(self, wire):
        gateways.switch_off(provider="msg91", text="Repairs.", by="asha", actor_id=None)
        wire.twilio_accepts()

        assert send().provider == "twilio"

    def test_both_rows_have_the_callers_reference(self, wire):
        open_breaker("msg91")
        wire.twilio_accepts()

        send()

        assert set(GatewayCall.objects.values_list("reference", flat=True)) == {"otp:test"}


@on
class TestNotTaken:
    """Where the first may have it, or has said no."""

    def test_when_the_first_may_have_accepted(self, wire):
        wire.msg91_answers(body=requests.ReadTimeout("planted-text"))
        wire.twilio_accepts()

        with lost_request(), pytest.raises(gateways.GatewayUnavailable) as caught:
            send()

        assert caught.value.maybe_accepted
        assert rows() == [("msg91", "unknown")]

    def test_when_only_one_of_three_attempts_may_have_been_accepted(self, wire, monkeypatch):
        wire.msg91_answers(body=requests.ConnectionError("planted-text"))
        wire.msg91_answers(status=500)
        wire.msg91_answers(body=requests.ConnectionError("planted-text"))
        wire.twilio_accepts()

        with pytest.raises(gateways.GatewayUnavailable):
            send()

        assert asked(wire) == {"msg91": 3, "twilio": 0}

    @pytest.mark.parametrize(
        "answer",
        [
            {"status": 500},
            {"status": 429},
            {"body": "<html>"},
            {"json": {"type": "error", "message": "Invalid authkey", "code": "201"}},
            {"json": {"type": "error", "message": "Mobile no. empty or not numeric"}},
            {"json": {"type": "error", "message": "Insufficient balance", "code": "301"}},
        ],
    )
    def test_when_the_first_answered(self, wire, answer):
        wire.msg91_answers(**answer)
        wire.twilio_accepts()

        with pytest.raises(gateways.GatewayError):
            send()

        assert asked(wire)["twilio"] == 0

    def test_when_the_first_accepted(self, wire):
        wire.msg91_accepts()

        assert send().provider == "msg91"
        assert rows() == [("msg91", "accepted")]

    def test_without_a_text(self, wire):
        open_breaker("msg91")

        with pytest.raises(gateways.GatewayUnavailable):
            send(text="")

        assert rows() == [("msg91", "refused")]


@on
class TestBothDown:
    def test_says_what_the_first_says(self, wire):
        wire.msg91_answers(**REFUSED)
        wire.twilio_answers(**REFUSED)

        with pytest.raises(gateways.GatewayUnavailable) as caught:
            send()

        assert (caught.value.provider, caught.value.maybe_accepted) == ("msg91", False)
        assert rows() == [("msg91", "unavailable"), ("twilio", "unavailable")]

    def test_ops_text_for_users_stays(self, wire):
        gateways.switch_off(provider="msg91", text="Back at six.", by="asha", actor_id=None)
        wire.twilio_answers(status=401, json={"code": 20003})

        with pytest.raises(gateways.GatewayUnavailable) as caught:
            send()

        assert caught.value.message == "Back at six."
        assert Alert.objects.get().provider == "twilio"

    def test_a_code_that_the_second_may_have_is_not_called_lost(self, wire):
        open_breaker("msg91")
        wire.twilio_answers(body=requests.ReadTimeout("planted-text"))

        with lost_request(), pytest.raises(gateways.GatewayUnavailable) as caught:
            send()

        assert caught.value.maybe_accepted

    def test_a_phone_that_the_second_refuses_is_the_persons_to_change(self, wire):
        open_breaker("msg91")
        wire.twilio_answers(status=400, json={"code": 21614})

        with pytest.raises(gateways.RecipientRejected):
            send()

    def test_the_second_has_a_breaker_of_its_own(self, wire):
        open_breaker("msg91")
        wire.twilio_answers(status=503)

        for _ in range(6):
            with pytest.raises(gateways.GatewayUnavailable):
                send()

        assert asked(wire)["twilio"] == 5
        assert gateways.breaker_states() == {
            "msg91": "open",
            "sendgrid": "closed",
            "azure_blob": "closed",
            "twilio": "open",
        }


@on
def test_the_key_is_proved_with_the_others(wire, capsys):
    wire.twilio_answers(status=400, json={"code": 21604})

    call_command("check_providers")

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "msg91",
        "sendgrid",
        "azure_blob",
        "twilio",
    ]
    assert asked(wire)["twilio"] == 1


class TestOff:
    """The default."""

    def test_nobody_else_is_asked(self, wire):
        wire.msg91_answers(**REFUSED)

        with pytest.raises(gateways.GatewayUnavailable):
            send()

        assert asked(wire) == {"msg91": 3, "twilio": 0}
        assert rows() == [("msg91", "unavailable")]
