"""A provider that only a human can make work again: told at once, over with its next yes (S39)."""

from __future__ import annotations

import pytest
import requests

from integrations import alerts, gateways
from integrations.models import Alert

from .alerting import pass_time, send_otp
from .keyring import BAD_KEY, store

pytestmark = pytest.mark.django_db
REFUSED = Alert.Kind.REFUSED_BY_PROVIDER


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            {"status": 401, "json": {"type": "error", "message": "Invalid authkey"}},
            "msg91 refuses our key or IP address (401). A human must look.",
        ),
        (
            {"status": 418, "json": {"type": "error", "message": "IP not whitelisted"}},
            "msg91 refuses our key or IP address (418). A human must look.",
        ),
        (
            {"json": {"type": "error", "message": "template id missing", "code": "400"}},
            "msg91 refuses our calls (400). A human must look.",
        ),
        (
            {"json": {"type": "error", "message": "Insufficient balance", "code": "301"}},
            "msg91 refuses our calls (301). A human must look.",
        ),
    ],
)
def test_a_refused_key_address_template_or_balance_is_told_at_once(wire, told, answer, text):
    wire.msg91_answers(**answer)
    for _ in range(12):
        with pytest.raises(gateways.GatewayRejected):
            send_otp()

    assert [(n["kind"], n["state"], n["text"]) for n in told] == [(REFUSED, "raised", text)]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "error", "message": "Invalid mobile"},
        {"type": "error", "message": "311", "code": "311"},
    ],
)
def test_a_bad_number_or_a_repetition_is_told_to_nobody(wire, told, body):
    wire.msg91_answers(json=body)
    with pytest.raises(gateways.GatewayRejected):
        send_otp()

    assert not told


def test_a_refusal_is_over_when_the_provider_accepts_again(wire, told):
    wire.msg91_answers(status=401, json={"type": "error", "message": "Invalid authkey"})
    with pytest.raises(gateways.GatewayAuthFailed):
        send_otp()
    pass_time(minutes=20)
    alerts.settle()
    assert len(told) == 1  # a quiet night says nothing about the key

    wire.mock.reset()
    wire.msg91_accepts()
    send_otp()
    alerts.settle()

    assert [n["state"] for n in told] == ["raised", "resolved"]


def test_one_yes_among_refusals_ends_nothing(wire, told):
    wire.msg91_answers(status=401, json={"type": "error", "message": "Invalid authkey"})
    wire.msg91_accepts()
    with pytest.raises(gateways.GatewayAuthFailed):
        send_otp()
    send_otp()
    alerts.settle()

    assert [n["state"] for n in told] == ["raised"]


@pytest.mark.parametrize("code", ["919876543210", 919876543210, "604318", "a1b2c3d4e5f6"])
def test_what_a_provider_says_stays_out(wire, told, code):
    """Its own code may be a phone, a key or what was to be sent."""
    wire.msg91_answers(json={"type": "error", "message": "no", "code": code})
    with pytest.raises(gateways.GatewayRejected):
        send_otp()

    assert told[0]["text"] == "msg91 refuses our calls. A human must look."


def test_a_fallback_key_that_is_taken_says_nothing_of_the_refused_one(wire, told):
    """Calls go through by the key behind it; nobody has brought the refused one in order yet."""
    store("active", "new-key")
    store("previous", "old-key")
    for _ in range(2):
        wire.msg91_answers(json=BAD_KEY)
        wire.msg91_accepts()
        send_otp()
        alerts.settle()

    assert [n["state"] for n in told] == ["raised"]


def test_a_refused_key_is_told_also_where_its_fallback_gets_no_answer(wire, told, settings):
    settings.PROVIDER_RETRIES = 0
    store("active", "new-key")
    store("previous", "old-key")
    wire.msg91_answers(json=BAD_KEY)
    wire.msg91_answers(body=requests.ConnectTimeout())
    with pytest.raises(gateways.GatewayUnavailable):
        send_otp()

    assert [n["kind"] for n in told] == [REFUSED]
